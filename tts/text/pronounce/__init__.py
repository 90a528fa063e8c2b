"""Phonemes of American English: dictionary, homographs, lexicon and espeak-ng."""
