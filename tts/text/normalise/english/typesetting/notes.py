"""Rewrites of the marks of notes, which are not read, and how they differ from powers.

A raised number after a variable or a unit is a power, and after another word or a mark a note.
"""

import re
import unicodedata

from tts.text.normalise.english.quantities.units import UNITS
from tts.text.normalise.rule import any_of, rewrite
from tts.text.normalise.unicode import SUPERSCRIPTS

PLAIN = dict(zip("0123456789+-", SUPERSCRIPTS, strict=True))
# Short words of which no power is taken.
WORDS = """
in is it of to as at on by us me we he be so no up do go my or an if am oh ok hi mr ms dr st ad tv
pm id min bar cal sec
"""
SHORT_WORDS = frozenset(WORDS.split())
FUNCTION_NAMES = frozenset(["sin", "cos", "tan", "log", "ln", "exp", "sec", "cot", "sinh", "cosh"])
UNIT_WORDS = frozenset(
    [*UNITS, "foot", "feet", "inch", "inches", "mile", "miles", "yard", "yards", "meter", "meters"]
)
LETTERS = re.compile(r"(?P<number>[0-9][ -]?|/|\bper )?(?P<letters>[^\W\d_]+)$")
ORDINAL = re.compile(r"[0-9](?:st|nd|rd|th)$")
YEAR = re.compile(
    r"\b(?:[Ii]n|[Ss]ince|[Bb]y|[Uu]ntil|[Oo]f|[Ff]rom|to|and) (?:1[5-9]|20)[0-9]{2}$"
)
SUM = re.compile(r"(?:(?![^\W\d_]{3})[\w.+*/^= \N{MINUS SIGN}-])+")
ISOTOPE = re.compile(r"[A-Z][a-z]?(?![a-z])")
OPENING = " \n\t([{“‘—–"
CLOSING = ".,;:!?\"'”’…»%†‡*"

MARKS = rf"[{SUPERSCRIPTS}]+(?:(?:, ?|[-–—])[{SUPERSCRIPTS}]+)*"
NUMBERS = r"[0-9]{1,3}(?:(?:, ?|[-–])[0-9]{1,3}){0,5}"
LABEL = rf"\^[\w-]+|{NUMBERS}|[a-z]|(?:note|nb|fn|n) ?[0-9]+"
REMARKS = (
    "citation needed",
    "clarification needed",
    "better source needed",
    "verification needed",
    "failed verification",
    "original research?",
    "page needed",
    "dead link",
    "dubious",
    "by whom?",
    "who?",
    "when?",
    "where?",
    "edit",
)
# After these words a number in brackets is a part of the sentence.
POINTING = re.compile(
    r"\b(?:in|see|of|from|by|and|or|with|to|at|on|for|than|is|are|was|equals|press|type|enter|click|"
    r"select|choose|option|key|button|step|item|ref|refs|reference|references|figure|table|equation|"
    r"numbers?|page|the|a|interval|range|scale|vector|list|set|array|matrix|values?|domain|points?|"
    r"coordinates|pair|tuple|row|column|slot|index)$",
    re.IGNORECASE,
)
# A number after these and a full stop is theirs.
ABBREVIATIONS = """
no nos fig figs vol vols ch chap sec sect ver eq eqs art par para app ed pg pp pt bk rev tab ex nr
col ln approx ca cf art sub lot min max op mk gen
"""
NUMBERED = frozenset(ABBREVIATIONS.split())
SCALE = re.compile(r"1[-–](?:5|7|10|100)|0\b.*")


@rewrite(r"<sup>(?P<raised>[0-9+-]{1,4})</sup>", needs="<sup>")
def raise_tags(match: re.Match[str]) -> str:
    """A number between the tags of HTML for raised text becomes a raised number."""
    return "".join(PLAIN[character] for character in match["raised"])


@rewrite(MARKS, needs=f"[{SUPERSCRIPTS}]")
def drop_note_marks(match: re.Match[str]) -> str:
    """A raised number that marks a note is not read, unlike a power: good.² is good."""
    text, start = match.string, match.start()
    before = text[max(0, start - 40) : start]
    if not before or before[-1] in OPENING:
        label = before.rstrip(" ")[-1:] in ("", "\n")
        isotope = ISOTOPE.match(text, match.end())
        if isotope:
            return unicodedata.normalize("NFKC", match.group())
        return "" if label else match.group()
    return match.group() if _is_power(before, match.group()) else ""


def _is_power(before: str, marks: str) -> bool:
    """Whether a raised number after a text is a power."""
    last = before[-1]
    if marks[0] == "⁻" or marks[-1] in "⁺⁻":
        return True
    if last in CLOSING:
        return False
    if last in ")]":
        opened = before.rfind("(" if last == ")" else "[")
        return opened >= 0 and SUM.fullmatch(before, opened + 1, len(before) - 1) is not None
    if ORDINAL.search(before) or YEAR.search(before):
        return False
    word = LETTERS.search(before)
    if not word:
        return True
    letters = word["letters"]
    if word["number"] and letters in UNIT_WORDS:
        return True
    if len(letters) == 1 or letters in FUNCTION_NAMES:
        return True
    if marks == "¹" or letters.lower() in SHORT_WORDS:
        return False
    return letters in UNITS or (len(letters) == 2 and letters.islower())


@rewrite(r"(?P<died>[†‡](?= ?[1-9][0-9]{2,3}\b))|[†‡]+ ?", needs="[†‡]")
def drop_daggers(match: re.Match[str]) -> str:
    """A dagger marks a note and is not read; before a year it is died."""
    if match["died"]:
        return "died "
    return " " if match.group().endswith(" ") else ""


@rewrite(
    rf"(?<=[\w.,;:!?)\"'”’])(?:\[(?:{LABEL})\](?!\((?!#))(?:\(#[^()\s]*\))?)+|"
    rf"(?<=[A-Za-z)%\"'”’]) \[(?P<apart>{NUMBERS})\](?![\w(\[])| ?\[(?:{any_of(REMARKS)})\]|"
    r"(?m:^)\[\^[\w-]+\]: ?",
    needs=r"\[",
)
def drop_footnotes(match: re.Match[str]) -> str:
    """The number of a note in brackets is not read: word[1] and word [1] are word."""
    text, start = match.string, match.start()
    before = text[max(0, start - 12) : start]
    if match["apart"]:
        kept = POINTING.search(before) or SCALE.fullmatch(match["apart"])
        return match.group() if kept else ""
    if match.group()[0] == "[" and _is_index(before, match.group(), text[match.end() :][:4]):
        return f" {match.group()[1:-1]} "
    return ""


def _is_index(before: str, written: str, after: str) -> bool:
    """Whether brackets after a name hold an index of a programming language: a[1]."""
    single = re.search(r"(?:^|[^\w'’])[A-Za-z]$|_\w*$", before)
    return bool(single or written == "[0]" or re.match(r" ?[-+*/]?=", after))


@rewrite(
    r"(?<![\w\]])\[(?P<first>[A-Za-z])\](?=[a-z])|(?<=[a-z])\[(?P<last>s|es|d|ed|n|en|ing|ly|er)\]",
    needs=r"\[[A-Za-z]{1,3}\]",
)
def join_insertions(match: re.Match[str]) -> str:
    """Letters in brackets that an editor put into a word belong to it: [H]e is he."""
    return match["first"] or match["last"]


@rewrite(
    r"\b(?P<word>[a-z]{2,})\.(?P<number>[0-9]{1,3})(?=\s+[\"“(]?[A-Z][a-z])|"
    r"(?<=[a-z][.!?,][\"”’])[0-9]{1,3}(?=\s|$)",
    needs=r"[a-z][.!?,][\"”’]?[0-9]",
)
def drop_note_numbers(match: re.Match[str]) -> str:
    """A number right after the end of a sentence is that of a note: so.2 Then is so. Then."""
    word = match["word"]
    if word:
        return match.group() if word in NUMBERED else f"{word}."
    return ""


REWRITES = (
    raise_tags,
    drop_note_marks,
    drop_daggers,
    join_insertions,
    drop_footnotes,
    drop_note_numbers,
)
