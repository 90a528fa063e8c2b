"""Text normalisation: written text becomes the words to speak, by an ordered tuple of rewrites.

To support another kind of text, write a rewrite and add it to the tuple of its language.
"""

from tts.text.normalise.languages import rewrites_of
from tts.text.normalise.rule import Rewrite
from tts.text.normalise.spans import SpannedText
from tts.text.options import TextOptions

__all__ = ["SpannedText", "TextOptions", "normalise"]

DEFAULT_TEXT_OPTIONS = TextOptions()
# The most passes over all rewrites. Usually there are two, and the second changes nothing.
PASSES = 8


def normalise(text: str | SpannedText, reading: TextOptions = DEFAULT_TEXT_OPTIONS) -> SpannedText:
    """Normalise a text: numbers, dates, abbreviations and signs become the words to speak.

    Normalising the result again does not change it.

    Args:
        text: plain text without markup (see `tts.text.sections.normalise_document` for text with
            markup), or text with the spans of earlier rewrites.
        reading: the language, the order of dates, and how to read links and emoji.

    Returns:
        The normalised text, in the alphabet of the language: letters, spaces and `'-.,;:?!`. Each
        character keeps its span in the original text, and `changes` lists what the rewrites did.

    Example:
        >>> normalise("Dr. Lee paid $5.2M on 3/4.").text
        'Doctor Lee paid five point two million dollars on March fourth.'
    """
    spoken, rewrites = SpannedText.of(text), rewrites_of(reading)
    for _ in range(PASSES):
        before, spoken = spoken.text, _rewritten(spoken, rewrites)
        if spoken.text == before:
            break
    return spoken


def _rewritten(spoken: SpannedText, rewrites: tuple[Rewrite, ...]) -> SpannedText:
    for rewrite in rewrites:
        spoken = rewrite(spoken)
    return spoken
