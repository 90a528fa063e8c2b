"""One synthesizer that serves many streams at once."""
