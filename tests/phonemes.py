"""The phonemes of a text without its words."""

from tts.text.pronounce.phonemes import phonemise_words


def phonemise(text, *options, **named):
    """What `phonemise_words` says of a text, of which many tests look at the phonemes alone."""
    return phonemise_words(text, *options, **named)[0]
