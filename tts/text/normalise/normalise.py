"""Written text to spoken words: an ordered tuple of small rewrites, each keeping spans.

To read something else aloud, write one function and name it in the tuple of its language.
"""

from tts.text.normalise.languages import rewrites_of
from tts.text.normalise.rule import Rewrite
from tts.text.normalise.spans import Spoken
from tts.text.options import Reading

__all__ = ["Reading", "Spoken", "normalise"]

AMERICAN = Reading()
PASSES = 8  # of the rewrites, at most; two are usual, of which the second changes nothing


def normalise(text: str | Spoken, reading: Reading = AMERICAN) -> Spoken:
    """Written text as it would be read aloud. Saying it twice changes nothing."""
    written = Spoken.verbatim(text) if isinstance(text, str) else text
    rewrites = rewrites_of(reading)
    spoken = written
    for _ in range(PASSES):
        before, spoken = spoken.text, _rewritten(spoken, rewrites)
        if spoken.text == before:
            break
    return spoken


def _rewritten(spoken: Spoken, rewrites: tuple[Rewrite, ...]) -> Spoken:
    for rewrite in rewrites:
        spoken = rewrite(spoken)
    return spoken
