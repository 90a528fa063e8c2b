"""Rewrites of words that a hyphen breaks at the end of a line."""

import re

from tts.text.normalise.rule import rewrite
from tts.text.pronounce.dictionary import look_up

SOFT = "\N{SOFT HYPHEN}\N{NOT SIGN}"


@rewrite(
    rf"(?<![\w-])(?P<compound>[A-Za-z'-]{{1,40}}-)?(?P<first>[^\W\d_]{{1,30}})"
    rf"(?P<hyphen>[-\N{{HYPHEN}}{SOFT}])[ \t]*\r?\n[ \t]*(?P<second>[^\W\d_]{{1,40}})",
    needs=rf"[-\N{{HYPHEN}}{SOFT}][ \t]*\r?\n",
)
def join_broken_words(match: re.Match[str]) -> str:
    """A word broken at the end of a line is one word: inter- and esting are interesting."""
    first, second = match["first"], match["second"]
    before = match["compound"] or ""
    return before + first + ("-" if _is_compound(match) else "") + second


def _is_compound(match: re.Match[str]) -> bool:
    """Whether the hyphen belongs to the word, as that of well-known."""
    if match["hyphen"] in SOFT:
        return False
    first, second = match["first"], match["second"]
    if second[0].isupper() or match["compound"]:
        return True
    if look_up(first + second):
        return False
    return len(first) > 2 and len(second) > 2 and bool(look_up(first) and look_up(second))


@rewrite(r"(?<=[0-9])(?P<dash>[-–])[ \t]*\r?\n[ \t]*(?=[0-9])", needs=r"[0-9][-–][ \t]*\r?\n")
def join_broken_ranges(match: re.Match[str]) -> str:
    """A range broken after its dash is one range: 1990- and 1995 are 1990-1995."""
    return match["dash"]


REWRITES = (join_broken_words, join_broken_ranges)
