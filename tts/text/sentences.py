"""Where to breathe: spoken text cut into sentences, and long sentences into parts."""

import re
from collections.abc import Iterator

from tts.text.spoken import Spoken

LONGEST = 300
END = re.compile(r"[.?!] (?![a-z])")
# From the best place to breathe to the worst.
BREATHS = (re.compile(r".*[.?!] "), re.compile(r".*[;:] "), re.compile(r".*, "), re.compile(r".* "))


def sentences(spoken: Spoken) -> list[Spoken]:
    """The sentences of normalised text, in order, each sayable and at most `LONGEST` long.

    A full stop before a small letter ends nothing: it belongs to an abbreviation nobody knows.
    """
    text, start, cut = spoken.text, 0, []
    for end in [*(match.end() for match in END.finditer(text)), len(text)]:
        cut += [spoken[first:last].strip() for first, last in _parts(text, start, end)]
        start = end
    return [part for part in cut if any(map(str.isalpha, part.text))]


def _parts(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """A sentence in bounds, cut where a reader would breathe, or else between words."""
    while end - start > LONGEST:
        cut = _breath(text, start, start + LONGEST)
        yield start, cut
        start = cut
    yield start, end


def _breath(text: str, start: int, end: int) -> int:
    third = start + LONGEST // 3
    for breath in BREATHS:
        if found := breath.match(text, third, end):
            return found.end()
    return end
