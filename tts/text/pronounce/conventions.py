"""Whose phonemes a voice was trained on: the front end says words as the voice has learnt them."""

from tts.text.pronounce.dictionary import find

MISAKI, ESPEAK = "misaki", "espeak"
CONVENTIONS = (MISAKI, ESPEAK)
FIRST_PERSON = ("I", "I'm", "I'll", "I've", "I'd")


def adapt(phones: str, word: str, convention: str) -> str:
    """The phones of a word as a voice of a convention knows them.

    misaki stresses a weak word for its capital, such as `He` at the start of a sentence. A voice
    that was trained on espeak-ng's phonemes has heard that of `I` alone, and only where `I` was
    not lost.

    Example:
        >>> adapt("hˌi", "He", ESPEAK), adapt("bˌʌt", "But", ESPEAK), adapt("ˌI", "I", ESPEAK)
        ('hi', 'bˌʌt', 'ˌI')
    """
    if convention == MISAKI or not word[0].isupper() or word in FIRST_PERSON:
        return phones
    entry, plain = find(word.lower()), phones.replace("ˌ", "")
    return plain if entry and plain in entry.phones.values() else phones
