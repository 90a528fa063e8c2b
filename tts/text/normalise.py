"""Written text to spoken words: an ordered tuple of small rewrites, each keeping spans.

To read something else aloud, write one function and name it in the tuple.
"""

from collections.abc import Callable

from tts.text.abbreviations import expand_abbreviations, spell_initials
from tts.text.characters import break_lines, mark_pauses, quieten, say_signs, unfold
from tts.text.quantities import say_dates, say_fractions, say_money, say_numbers, say_times
from tts.text.spoken import Spoken

__all__ = ["REWRITES", "Spoken", "normalise"]

REWRITES: tuple[Callable[[Spoken], Spoken], ...] = (
    unfold,
    break_lines,
    expand_abbreviations,
    spell_initials,
    say_times,
    say_money,
    say_fractions,
    say_signs,
    say_dates,
    say_numbers,
    mark_pauses,
    quieten,
)


def normalise(text: str) -> Spoken:
    """Written text as it would be read aloud. Saying it twice changes nothing."""
    spoken = _rewritten(Spoken.verbatim(text))
    while (again := _rewritten(spoken)).text != spoken.text:
        spoken = again
    return spoken


def _rewritten(spoken: Spoken) -> Spoken:
    for rewrite in REWRITES:
        spoken = rewrite(spoken)
    return spoken
