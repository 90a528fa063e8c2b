"""Rewrites of the remaining digits: ranges, ratios, ordinals, decimals and counts."""

import re

from tts.text.normalise.english import numbers
from tts.text.normalise.english.quantities.money import MAGNITUDES, WHOLE
from tts.text.normalise.english.words.abbreviation_data import MONTH_NAMES
from tts.text.normalise.rule import DIGIT, any_of, preceded_by, rewrite, set_apart

RANGED = re.compile(
    r"\b(?:[Pp]ages?|[Aa]ges?|[Aa]ged|[Cc]hapters?|[Vv]erses?|[Ll]ines?|[Ff]rom|[Aa]bout|"
    r"[Rr]oughly|[Aa]lmost|[Bb]etween|[Ll]asts|[Tt]akes|[Yy]ears|[Gg]rades?|[Nn]umbers|[Ff]igures|[Ll]evels?|[Dd]ays|"
    r"[Ss]ections|[Ee]xercises|[Qq]uestions|[Oo]pen|[Ss]erves|[Mm]akes|[Yy]ields?) $"
)
HOURS = re.compile(r"(?:^|[,;:(] ?|\band |& )[A-Z][a-z]+day:? $")
# A noun after a range of numbers; after a score there is one of these words instead.
COUNTED = re.compile(
    r" (?!(?:on|in|at|to|win|loss|lead|victory|defeat|draw|record|vote|score|split|season|against|"
    r"over|aggregate|and|but|after|with|the|a|for|by|as|was|is)\b)[a-z]+s?\b"
)
DECIMAL = rf"{WHOLE}(?:\.[0-9]+)?"
FIXED_NUMBER_PHRASES = {
    "24/7": "twenty-four seven",
    "9/11": "nine eleven",
    "50/50": "fifty fifty",
    "20/20": "twenty twenty",
    "7/11": "seven eleven",
    "50-50": "fifty fifty",
    "9-to-5": "nine to five",
    "9-5": "nine to five",
    "4x4": "four by four",
    "401(k)": "four oh one K",
    "401k": "four oh one K",
    "24x7": "twenty-four seven",
    "24/7/365": "twenty-four seven three sixty-five",
}


@rewrite(rf"(?<![\w./-])(?:{any_of(FIXED_NUMBER_PHRASES)})(?![\w/-]|\.[0-9])", needs="[0-9][-/xk(]")
def say_pairs(match: re.Match[str]) -> str:
    """24/7 is twenty-four seven, and 9/11 is nine eleven."""
    return FIXED_NUMBER_PHRASES[match.group()]


@rewrite(
    rf"(?<![\w.,-])(?P<first>{DECIMAL})(?P<each>[kKM])?(?P<dash>-|--| ?– ?| - )(?P<last>{DECIMAL})"
    r"(?P<size>(?(each)(?P=each)|(?:[kKM]|[bm]n))\b)?(?![\w-]|[.,:/][0-9])",
    needs="[0-9][kKM]? ?[-–]+ ?[0-9]",
)
def say_ranges(match: re.Match[str]) -> str:
    """A dash in a range of numbers is to: pages 10-12 is pages ten to twelve."""
    rises = float(match["first"].replace(",", "")) < float(match["last"].replace(",", ""))
    ranged = RANGED.search(match.string, max(0, match.start() - 12), match.start())
    counts = COUNTED.match(match.string, match.end())
    hours = HOURS.search(match.string, max(0, match.start() - 16), match.start())
    meant = hours or (rises and (ranged or counts or match["size"]))
    if "–" not in match["dash"] and not meant:
        return match.group()
    return f"{match['first']}{match['each'] or ''} to {match['last']}{match['size'] or ''}"


@rewrite(
    r"(?<=[0-9]) ?– ?(?=[$£€]?[0-9])|(?<=day) ?[-–] ?(?=(?:Mon|Tues|Wednes|Thurs|Fri|Satur|"
    r"Sun)day)|"
    rf"(?:{preceded_by(*MONTH_NAMES)} ?[-–] ?|{preceded_by('st', 'nd', 'rd', 'th')}–)"
    rf"(?=(?:{any_of(MONTH_NAMES)})\b)|"
    rf"(?<=[0-9](?:st|nd|rd|th)) ?[-–] ?(?=[0-9]+(?:st|nd|rd|th)\b)|"
    r"(?<=\b[A-Z])–(?=[A-Z]\b)|(?<=\bA)-(?=Z\b)",
    needs="[-–]",
)
def say_spans(match: re.Match[str]) -> str:
    """A dash between numbers, days, months or letters is to: A–F is A to F."""
    return " to "


@rewrite(
    r"(?<![\w.:,])(?P<first>[0-9]{1,3}):(?P<last>[0-9]{1,3})(?![\w:]|[.,][0-9])",
    needs="[0-9]:[0-9]",
)
def say_ratios(match: re.Match[str]) -> str:
    """4:3 is four to three."""
    return set_apart(
        match, f"{numbers.cardinal(match['first'])} to {numbers.cardinal(match['last'])}"
    )


@rewrite(rf"(?<![\w.,])(?P<whole>{WHOLE})(?:st|nd|rd|th)\b", needs="[0-9](?:st|nd|rd|th)")
def say_ordinals(match: re.Match[str]) -> str:
    """3rd is third."""
    return set_apart(match, numbers.ordinal(match["whole"]))


@rewrite(
    rf"(?<![\w.,])(?P<digits>{WHOLE}(?:\.[0-9]+)?)(?P<size>[kKM]|[bm]n|(?<=\.[0-9])B|(?<=\.[0-9]{{2}})B)\b(?!-)",
    needs="[0-9][kKMBbm]",
)
def say_magnitudes(match: re.Match[str]) -> str:
    """10k is ten thousand."""
    counts = re.match(r"[^\S\n]+[a-z]", match.string[match.end() : match.end() + 2])
    if (
        match["size"] in "KM"
        and len(match["digits"]) == 1
        and not (counts and match["size"] == "M")
    ):
        return f"{numbers.cardinal(match['digits'])} {match['size']}"
    size = MAGNITUDES[match["size"].lower()]
    return set_apart(match, f"{numbers.decimal(match['digits'])} {size}")


@rewrite(r"#(?=[0-9])|\bN° ?(?=[0-9])|(?<=[a-z,;] )No (?=[0-9]{1,3}\b)", needs="#|N°|No [0-9]")
def say_number_signs(match: re.Match[str]) -> str:
    """#5 is number five, and No 5 within a sentence is number five."""
    return "number "


@rewrite(r"(?<!\.)\.{3,}(?=[$£€#~-]?[0-9])", needs=r"\.\.\.")
def pause_before_numbers(match: re.Match[str]) -> str:
    """An ellipsis before a number is no decimal point: Wait...30 is Wait, thirty."""
    return ", "


@rewrite(r"(?<=\w)-(?=[0-9])", needs="-[0-9]")
def part_numbers(match: re.Match[str]) -> str:
    """A hyphen between a word and a number is a space: under-5 is under five."""
    return " "


@rewrite(
    rf"(?:(?<!\w)(?P<minus>[-−]))?(?P<digits>{WHOLE}(?:\.[0-9]+)*|(?<!\w)\.[0-9]+)", needs=DIGIT
)
def say_numbers(match: re.Match[str]) -> str:
    """A number is counted, digit by digit after its point: 3.14 is three point one four."""
    minus = "minus " if match["minus"] else ""
    return set_apart(match, minus + numbers.decimal(match["digits"]))
