"""Best of N: candidates of an utterance, judges that score them, and the choice explained."""
