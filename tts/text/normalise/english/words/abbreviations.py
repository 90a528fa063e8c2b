"""Rewrites of abbreviations and initials. A full stop that also ends the sentence is kept."""

import re

from tts.text.normalise.english import numbers
from tts.text.normalise.english.numerals.romans import COUNTED as COUNTED_BY_ROMANS
from tts.text.normalise.english.numerals.romans import RULERS as RULER_NAMES
from tts.text.normalise.english.words.abbreviation_data import (
    ABBREVIATIONS,
    AFTER_NAMES,
    BEFORE_NAMES,
    BEFORE_NUMBERS,
    MONTH_ABBREVIATIONS,
    MONTH_NAMES,
    STARTERS,
    WEEKDAYS,
    WEEKEND,
)
from tts.text.normalise.rule import any_of, preceded_by, rewrite


def _short(table: dict[str, str], ending: str) -> str:
    return rf"(?<![\w.'])(?P<short>{any_of(table)}){ending}"


def _either_case(table: dict[str, str]) -> dict[str, str]:
    """The table, and a copy with the first letters in the other case."""
    return table | {_swap_first(short): _swap_first(full) for short, full in table.items()}


def _swap_first(word: str) -> str:
    return word[0].swapcase() + word[1:]


COUNTED = _either_case(BEFORE_NUMBERS)
ANYWHERE = _either_case(ABBREVIATIONS) | WEEKDAYS | MONTH_ABBREVIATIONS
DAYS = WEEKDAYS | WEEKEND
MONTH = any_of({*MONTH_ABBREVIATIONS, *MONTH_ABBREVIATIONS.values(), "May", "June", "July"})
# No sentence ends after these, even before a capital.
LEADING = {"e.g", "eg", "i.e", "a.k.a", "cf", "viz", "vs", "approx", "incl", "excl", "w.r.t"}
CLOSING = {"etc", *WEEKDAYS}  # before a capital, these end the sentence
RULERS = frozenset(RULER_NAMES.split())
LIVES = {"c": "circa", "b": "born", "d": "died", "fl": "flourished"}
SLASHED = {
    "w/o": "without",
    "w/": "with",
    "c/o": "care of",
    "b/c": "because",
    "n/a": "N A",
    "N/A": "N A",
}
SLASHED |= {"AM/FM": "A M F M", "y/y": "year over year", "q/q": "quarter over quarter"}
SLASHED |= {"and/or": "and or", "he/she": "he or she", "she/he": "she or he", "s/he": "he or she"}
SLASHED |= {
    "his/her": "his or her",
    "him/her": "him or her",
    "either/or": "either or",
    "yes/no": "yes or no",
}
SLASHED |= {"km/h": "kilometers per hour", "m/s": "meters per second"}

DOTLESS = ("fig", "vol", "pg", "ext", "apt", "hwy", "rte", "rm")  # expanded without a full stop too

SENTENCE_OVER = re.compile(rf"""["')\]]*(?:\s*(?:\.|$)|\s+["'(]*(?:{STARTERS})\b)""")
NAME_AFTER = re.compile(r"""\s+["']?[A-Z]""")
NAME_BEFORE = re.compile(r"(?:\b[A-Z][\w']*|[0-9](?:st|nd|rd|th)) $")
A_TITLE = re.compile(r"\b(?:[Tt]he|[Aa]n?|[Hh]is|[Hh]er|[Oo]ur|[Mm]y|your) $")
LETTERED = re.compile(
    r"\b(?:[Vv]itamin|[Pp]lan|[Tt]ype|[Ss]ection|[Ee]xhibit|[Gg]roup|[Cc]lass|[Hh]epatitis|"
    r"[Oo]ption|[Aa]ppendix|[Gg]rade|[Tt]eam|[Ll]evel|[Pp]oint|[Pp]art|an?|[0-9]+|"
    r"one|two|three|four|five|six|seven|eight|nine|ten|(?:twen|thir|for|fif|six|seven|eigh|nine)ty|"
    r"hundred|thousand) $"
)


# A numeral or the pronoun I follows these, not an initial.
ANTECEDENTS = any_of(
    f"{COUNTED_BY_ROMANS} Elizabeth Did Do Does Have Had Has Am Can Could May Might Must Shall "
    "Should Will Would Nor Than Or".split()
)
SURNAME = re.compile(r" [A-Z][a-z]+(?:[.,;:?!)]|$| and\b)")
BEGINS = re.compile(r"(?:[.?!]|\b(?:Mr|Mrs|Ms|Dr|Prof)\.?|Professor|Doctor|by|\n) *$")


@rewrite(
    _short(COUNTED, r"(?P<dot>\. ?| )(?=#?[0-9]|(?<=[hltc]\. )[IVX]+\b)"),
    needs=r"[0-9]|[hltc]\. [IVX]",
)
def name_numbers(match: re.Match[str]) -> str:
    """No. before a number is Number, and p. is page."""
    if match["dot"] == " " and match["short"].lower() not in DOTLESS:
        return match.group()
    return COUNTED[match["short"]] + " "


ERA = r"(?:BCE?|CE|AD|B\.C\.|A\.D\.)"
CENTURY = r"[0-9]{1,2}(?:st|nd|rd|th)"


@rewrite(
    rf"(?<![\w.'])c\. ?(?P<year>[1-9](?!00)[0-9]{{2}})(?= ?{ERA}(?!\w))|"
    r"(?<![\w.'])(?P<short>[cbd]|fl)\. ?(?=(?:c\. ?)?(?:"
    rf"[12][0-9]{{3}}\b|[0-9]{{1,4}}(?:[-–][0-9]{{1,4}})? ?{ERA}(?!\w)|(?:AD|A\.D\.) ?[0-9]|"
    rf"(?:the )?{CENTURY}(?:[-–]{CENTURY})?[ -]c))|(?<=[\w,;(] )c\. ?(?=[0-9]{{2}})",
    needs=r"(?:[cbd]|fl)\. ?[0-9cAt]",
)
def name_lives(match: re.Match[str]) -> str:
    """Before a year, c. is circa, b. is born, d. is died, and fl. is flourished."""
    said = LIVES[match["short"] or "c"] + " "
    return said + numbers.paired(match["year"]) if match["year"] else said


@rewrite(
    rf"(?<![\w.'])(?P<short>{any_of(MONTH_ABBREVIATIONS)})\.?(?=,? '?[0-9]| ?[-–] ?(?:{MONTH})\b)|"
    rf"{preceded_by(*(f'{month}[-–]' for month in MONTH_NAMES))}"
    rf"(?P<last>{any_of(MONTH_ABBREVIATIONS)})\b\.?|"
    rf"(?<=[0-9] )(?P<after>{any_of(MONTH_ABBREVIATIONS)})\.?(?=,? '?[0-9]{{2,4}}\b)",
    needs="[0-9]|[a-z.] ?[-–] ?[A-Z]",
)
def name_months(match: re.Match[str]) -> str:
    """A short month next to a number or another month is said in full: Jan. 5 is January 5."""
    return MONTH_ABBREVIATIONS[match["short"] or match["last"] or match["after"]]


@rewrite(
    rf"(?<![\w.'])(?P<short>{any_of(DAYS)})\b\.?(?=,? (?:the |{MONTH}|[0-9])|(?: ?[-–] ?|/)"
    rf"(?:{any_of(DAYS)})\b| (?:&|and|or|to|through|thru) (?:{any_of(WEEKDAYS)}|(?:Sat|Sun)\.))|"
    + preceded_by(
        *(rf"\b{word} " for word in ("[oO]n", "[bB]y", "this", "next", "last", "until", "every"))
    )
    + rf"(?P<lone>{any_of({*WEEKDAYS, 'Sat'})})(?![\w.'-]| [A-Z])|"
    rf"(?<=day)(?:(?P<to> ?[-–] ?)|(?P<joint> (?:&|and|or|to|through|thru) )(?=\w+\.|(?!Sat|Sun)))"
    rf"(?P<end>{any_of(DAYS)})\b\.?",
)
def name_weekdays(match: re.Match[str]) -> str:
    """A short weekday before a date is said in full: Mon-Fri is Monday to Friday."""
    if match["end"]:
        return f"{match['joint'] or ' to '}{DAYS[match['end']]}{full_stop(match)}"
    return DAYS[match["short"] or match["lone"]]


@rewrite(
    _short(ANYWHERE, r"\.")
    + r"""|\b(?P<versus>[Vv]s)\b|(?<=[\w.)] )(?P<against>v\.|(?<=[a-z] )v)(?= ["']?[A-Z])""",
    needs=r"\.|[Vv]s| v ",
)
def expand_abbreviations(match: re.Match[str]) -> str:
    """A common abbreviation is said in full: e.g. is for example."""
    if match["versus"] or match["against"]:
        return "versus"
    if match["short"] == "min" and match.string[: match.start()].rstrip()[-1:].isdigit():
        return match.group()
    leads = match["short"].lower() in LEADING and match.string[match.end() :].strip()
    closes = match["short"] in CLOSING and NAME_AFTER.match(match.string, match.end())
    return ANYWHERE[match["short"]] + ("." if closes else "" if leads else full_stop(match))


@rewrite(
    rf"\b(?P<short>Mr|Mrs|Ms|Dr|Prof|St)(?= [A-Z])|"
    rf"(?<![\w.'])(?P<dotted>{any_of(BEFORE_NAMES)})\.|"
    r"(?<![\w.'])(?<![0-9] )ft\.(?= [A-Z][a-z])"
)
def expand_titles(match: re.Match[str]) -> str:
    """A title before a name is said in full: St. Louis is a saint, and Ft. Worth a fort."""
    short = match["short"] or match["dotted"]
    if not short:
        return "Fort"
    capital = NAME_AFTER.match(match.string, match.end())
    named = capital and not full_stop(match)
    name_before = NAME_BEFORE.search(match.string, max(0, match.start() - 30), match.start())
    if short in AFTER_NAMES and name_before and not named:
        return match.group()
    alone = A_TITLE.search(match.string, max(0, match.start() - 6), match.start())
    return BEFORE_NAMES[short] + (full_stop(match) if alone or not capital else "")


@rewrite(
    r"(?<![\w.'])(?:(?:[A-Z]\.)+[A-Z](?![\w.])|(?:[A-Z]\. ?)+[A-Z]\.(?!\w)|"
    r"(?<!\b[A-Z] )(?<!°)(?<!° )[A-HJ-Z]\.(?!\w))",
    needs=r"[A-Z]\.",
)
def spell_initials(match: re.Match[str]) -> str:
    """Initials are read as separate letters: J.R. is J R."""
    text, start = match.string, match.start()
    ends = len(match.group()) == 2 and LETTERED.search(text, max(0, start - 12), start)
    stop = "." if ends and text[match.end() :].lstrip()[:1].isupper() else full_stop(match)
    return " ".join(re.findall("[A-Z]", match.group())) + stop


@rewrite(
    rf"(?<![\w.'-])(?P<first>(?!(?:{STARTERS}|{ANTECEDENTS})\b)[A-Z][a-z]+) I\."
    rf"(?= (?!(?:{STARTERS})\b)[A-Z][a-z]+)",
    needs=r"[a-z] I\. [A-Z]",
)
def spell_middle_initials(match: re.Match[str]) -> str:
    """An initial I. between two names ends no sentence: Albert I. Jones is Albert I Jones."""
    text, start = match.string, match.start()
    ruler = match["first"] in RULERS
    begins = start == 0 or BEGINS.search(text, max(0, start - 10), start)
    if ruler and not begins and not SURNAME.match(text, match.end()):
        return match.group()
    return f"{match['first']} I"


@rewrite(
    rf"(?<![\w/])(?P<short>{any_of(SLASHED)})(?![\w/])|\b(?P<with>w/)(?=[A-Za-z])|"
    r"(?<=\b[A-Z])/(?=[A-Z]\b)|(?<=[A-Z]{2})/(?=[A-Z]{2})",
    needs="/",
)
def expand_slashes(match: re.Match[str]) -> str:
    """An abbreviation with a slash is said in full: w/o is without."""
    if match["short"]:
        return SLASHED[match["short"]]
    return "with " if match["with"] else " "


def full_stop(match: re.Match[str]) -> str:
    """A full stop if the abbreviation ends the sentence, else nothing."""
    stops = match.group().endswith(".") and SENTENCE_OVER.match(match.string, match.end())
    return "." if stops else ""


REWRITES = (
    name_numbers,
    name_lives,
    name_weekdays,
    name_months,
    expand_abbreviations,
    expand_titles,
)
