"""The phoneme conventions of voices: that of misaki or of espeak-ng, as in their training data."""

from tts.text.pronounce.dictionary import look_up

MISAKI, ESPEAK = "misaki", "espeak"
CONVENTIONS = (MISAKI, ESPEAK)
FIRST_PERSON = ("I", "I'm", "I'll", "I've", "I'd")


def adapt(phones: str, word: str, convention: str) -> str:
    """Adapt the phones of a word to the convention of a voice.

    misaki gives a weak word with a capital, such as `He` at the start of a sentence, secondary
    stress. espeak-ng does not, so the stress is removed for a voice trained on its phonemes. `I` is
    an exception: without stress those voices say it too weakly.

    Args:
        phones: the phones in misaki's convention.
        word: the word as written.
        convention: one of `CONVENTIONS`.

    Example:
        >>> adapt("hˌi", "He", ESPEAK), adapt("bˌʌt", "But", ESPEAK), adapt("ˌI", "I", ESPEAK)
        ('hi', 'bˌʌt', 'ˌI')
    """
    if convention == MISAKI or not word[0].isupper() or word in FIRST_PERSON:
        return phones
    entry, plain = look_up(word.lower()), phones.replace("ˌ", "")
    return plain if entry and plain in entry.phones.values() else phones
