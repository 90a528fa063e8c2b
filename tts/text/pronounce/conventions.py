"""Whose phonemes a voice was trained on: the front end says words as the voice has learnt them."""

from tts.text.pronounce.dictionary import look_up

MISAKI, ESPEAK = "misaki", "espeak"
CONVENTIONS = (MISAKI, ESPEAK)
FIRST_PERSON = ("I", "I'm", "I'll", "I've", "I'd")


def adapt(phones: str, word: str, convention: str) -> str:
    """The phones of a word as a voice of a convention knows them.

    misaki gives a weak word with a capital, such as `He` at the start of a sentence, secondary
    stress. espeak-ng does not, so a voice trained on its phonemes gets the word without; but for
    `I`, which that voice says too weakly to be heard.

    Example:
        >>> adapt("hˌi", "He", ESPEAK), adapt("bˌʌt", "But", ESPEAK), adapt("ˌI", "I", ESPEAK)
        ('hi', 'bˌʌt', 'ˌI')
    """
    if convention == MISAKI or not word[0].isupper() or word in FIRST_PERSON:
        return phones
    entry, plain = look_up(word.lower()), phones.replace("ˌ", "")
    return plain if entry and plain in entry.phones.values() else phones
