"""Rewrites of < and > by what stands around them: a quantity, two terms, a path through menus."""

import re

from tts.text.normalise.english.quantities.units import UNITS
from tts.text.normalise.rule import any_of, rewrite

# Words before a quantity, listed by hand: what is measured, who is counted, and small words.
MEASURED = """
weight mass height length width depth size age ages score scores level levels count counts value
values ratio rate rates risk dose doses temperature temp pressure speed distance duration time
number numbers total grade grades stage index rank ranking rating ratings concentration frequency
density volume area power voltage current energy load latency delay error errors deviation average
mean median range limit cost price bmi ph gpa only usually typically always
"""
GROUPS = """
kids children adults patients infants babies people men women students users dogs cats items teams
samples groups cases subjects participants is was are were be been if when where of or at below
under by for
"""
MEASURED_WORDS = frozenset((MEASURED + GROUPS).split())
FRIENDLY = "i u we you they he she who love luv miss thanks thank ur"
FRIENDS = frozenset(FRIENDLY.split())
COUNTABLE = (
    r"(?:years?|months?|weeks?|days?|hours?|minutes?|seconds?|times?|people|persons?|items?|points?|"
    r"percent|degrees?|inch(?:es)?|feet|miles?|meters?|grams?|pounds?|ounces?|cups?|dollars?|euros?|"
    rf"cents?|stars?|pages?|words?|per|[A-Z]?[0-9]|%|°|{any_of(UNITS)})"
)
WORD_BEFORE = re.compile(r"(?P<word>[A-Za-z]+)[\s:(]*$")
TERM = r"[A-Za-z0-9_.()\]]"


@rewrite(
    rf"<(?P<number>3)(?![.,/]?[0-9])(?=[\s.,;:!?)]|$)(?P<unit>[ -]?(?={COUNTABLE}(?![\w'])))?",
    needs="<3",
)
def say_limits(match: re.Match[str]) -> str:
    """Before a unit or after what is measured <3 is less than three, and else a heart."""
    text, start = match.string, match.start()
    before = WORD_BEFORE.search(text, max(0, start - 20), start)
    word = before["word"] if before else ""
    if word.lower() in FRIENDS:
        return match.group()
    single = len(word) == 1 or (1 < len(word) < 6 and word.isupper())
    known = word.lower() in MEASURED_WORDS or single
    if match["unit"] is None and not known:
        return match.group()
    return f" less than 3{match['unit'] or ''}"


@rewrite(
    rf"(?<={TERM})(?P<space> ?)(?P<sign><=|>=|<|>)(?P=space)"
    r"(?=[A-Za-z0-9(]|[-.]?[$£€0-9])",
    needs=rf"{TERM} ?[<>]",
)
def compare_terms(match: re.Match[str]) -> str:
    """A sign between two terms is a comparison: a>b is a greater than b."""
    text, (start, end), sign = match.string, match.span(), match["sign"]
    if sign == "<" and CLOSED.match(text, end):
        return match.group()
    if sign == ">" and (OPENED.search(text, max(0, start - 60), start) or TITLED.match(text, end)):
        return ", " if match["space"] and TITLED.match(text, end) else match.group()
    return f" {NAMES[sign]} "


# A tag, a type, an address or other words between < and >, after its first sign.
CLOSED = re.compile(
    r"[^\s<>]+(?:, [^\s<>]+)*(?: ?/)?>|"
    r"\w+\s[^<>=]{0,200}=[^<>]{0,200}>|[^<>]{0,80}[^\s<>]>(?![\w(])"
)
OPENED = re.compile(r"<(?:[^\s<>]+(?:, [^\s<>]+)*|\w+\s[^<>=]*=[^<>]*)$")
TITLED = re.compile(r"[A-Z][A-Za-z]")
NAMES = {"<": "less than", ">": "greater than", "<=": "is at most", ">=": "is at least"}


@rewrite(
    r"(?<![\w<>/='\"\])}-])(?P<sign>[<>])(?=[$£€~]?\.?[0-9])(?!3(?![\w.,/%°-])|3[.,](?![0-9]))",
    needs="[<>][$£€~.0-9]",
)
def compare_amounts(match: re.Match[str]) -> str:
    """A sign before an amount is a comparison: <$5 is less than five dollars."""
    return f"{NAMES[match['sign']]} "


REWRITES = (say_limits, compare_terms, compare_amounts)
