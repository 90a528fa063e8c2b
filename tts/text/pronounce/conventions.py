"""Whose phonemes a voice was trained on: the front end says words as the voice has learnt them."""

MISAKI, ESPEAK = "misaki", "espeak"
CONVENTIONS = (MISAKI, ESPEAK)


def adapt(phones: str, word: str, convention: str) -> str:
    """The phones of a word as a voice of a convention knows them.

    misaki gives a weak word with a capital, such as `He` at the start of a sentence, secondary
    stress. A voice that was trained on espeak-ng's phonemes takes the vowel for another then.
    """
    if convention == MISAKI or not word[0].isupper() or "ˈ" in phones or word[:2] in ("I", "I'"):
        return phones
    return phones.replace("ˌ", "")
