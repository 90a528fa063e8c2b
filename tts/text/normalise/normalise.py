"""Written text to spoken words: an ordered tuple of small rewrites, each keeping spans.

To read something else aloud, write one function and name it in the tuple of its language.
"""

from tts.text.normalise.languages import rewrites_of
from tts.text.normalise.rule import Rewrite
from tts.text.normalise.spans import SpannedText
from tts.text.options import TextOptions

__all__ = ["SpannedText", "TextOptions", "normalise"]

DEFAULT_TEXT_OPTIONS = TextOptions()
PASSES = 8  # of the rewrites, at most; two are usual, of which the second changes nothing


def normalise(text: str | SpannedText, reading: TextOptions = DEFAULT_TEXT_OPTIONS) -> SpannedText:
    """Written text as it would be read aloud. Saying it twice changes nothing."""
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
