"""Rewrites of digits that do not count: telephones, zip codes, versions, models, networks."""

import re

from tts.text.english import numbers
from tts.text.english.abbreviations import STATE
from tts.text.english.acronyms import SAID_AS_WORDS
from tts.text.english.shortened import STREETS
from tts.text.rewrite import DIGIT, after, any_of, apart, rewrite

VERSIONED = (
    r"(?:[Vv]ersions?|[Rr]elease|[Vv]er|[Bb]uild|[Ff]irmware|Python|Java|PHP|Ruby|Node|Rust|Go|macOS|iOS|"
    r"Android|Ubuntu|Debian|Windows|Linux|Kernel|PyTorch|CUDA|Django|Unicode|HTTP|USB|Bluetooth|TLS)"
)
NUMBERED = (
    r"(?:Boeing|Airbus|Route|Highway|Interstate|Flight|[Rr]oom|[Aa]partment|[Ss]uite|Channel|Area|Gate|"
    r"[Bb]us|Porsche|Ferrari|Peugeot|Intel|Xbox|Concorde|Locker|Building|Exit|Nokia|extension)"
)
ADDRESS = rf"(?:[NSEW]\.? |[NS][EW] |North |South |East |West )?(?:(?:[A-Z][a-z']+|[0-9]{{1,3}}(?:st|nd|rd|th)) ){{1,3}}(?:{any_of(STREETS.values())}|Way|Circle|Alley|Row|Broadway)\b"


@rewrite(
    r"(?<![\w.+-])(?:(?P<country>\+[0-9]{1,3})[ .-]?|(?P<trunk>1)[ .-])?"
    r"(?:\((?P<bracketed>[0-9]{3})\)[ .-]?|(?P<area>[0-9]{3})(?P<sep>[ .-]))?"
    r"(?P<exchange>[0-9]{3})[ .-](?P<line>[0-9]{4})(?![\w%]|[.,-][0-9])",
    needs=r"[0-9][ .-][0-9]{4}",
)
def spell_telephones(match: re.Match[str]) -> str:
    """A telephone number is read digit by digit, with a pause after each group."""
    area = match["bracketed"] or match["area"]
    if not area and match.group()[3] != "-":
        return match.group()
    groups = [match["trunk"], area, match["exchange"], match["line"]]
    said = ["plus " + numbers.spelt(match["country"][1:])] if match["country"] else []
    return apart(match, ", ".join(said + [_group(group) for group in groups if group]))


def _group(digits: str) -> str:
    return f"{numbers.cardinal(digits[0])} hundred" if digits in ("800", "900") else numbers.spelt(digits)


@rewrite(r"(?<![\w.])\+[1-9][0-9]{0,2}(?:[ .-]?\(?[0-9]{1,5}\)?){2,5}(?![\w.,-]*[0-9])", needs=r"\+[1-9]")
def spell_foreign_telephones(match: re.Match[str]) -> str:
    """What begins with + and a country is a telephone number."""
    groups = re.findall("[0-9]+", match.group())
    if sum(map(len, groups)) < 8:
        return match.group()
    return apart(match, "plus " + ", ".join(map(numbers.spelt, groups)))


@rewrite(
    after(r"\b[Dd]ial ", r"\b[Cc]all ", "xtension ") + r"(?P<digits>[0-9]{3,5})(?![\w%]|[.,:/-][0-9]| [a-z]+s\b)|"
    r"(?<=[0-9] )x(?P<short>[0-9]{2,5})\b",
    needs=DIGIT,
)
def spell_extensions(match: re.Match[str]) -> str:
    """What is dialled is read digit by digit."""
    short = match["short"]
    return f"extension {numbers.spelt(short)}" if short else numbers.spelt(match["digits"])


@rewrite(r"\b1-8(?P<tens>[0-9]{2})-(?P<words>[0-9]?[A-Z]+(?:-[A-Z]+)?)\b", needs="1-8")
def read_free_numbers(match: re.Match[str]) -> str:
    """1-800-FLOWERS is one eight hundred flowers."""
    tens = "hundred" if match["tens"] == "00" else numbers.cardinal(match["tens"])
    return f"one eight {tens}, {match['words'].lower().replace('-', ' ')}"


@rewrite(
    r"(?<![\w.,$£€#/-])(?P<zip>[0-9]{5})(?:-(?P<four>[0-9]{4}))?(?![\w%]|[.,:][0-9])",
    needs="[0-9]{5}",
)
def spell_zips(match: re.Match[str]) -> str:
    """Five digits after a state, or beside the word zip, are read digit by digit."""
    before = match.string[max(0, match.start() - 16) : match.start()]
    after = match.string[match.end() : match.end() + 5]
    if not (ZIPPED.search(before) or after.lower().startswith(" zip") or match["four"]):
        return match.group()
    return numbers.spelt(match["zip"]) + (f", {numbers.spelt(match['four'])}" if match["four"] else "")


@rewrite(r"\bISBN(?P<kind>-1[03])?:? ?(?P<digits>(?:[0-9][ -]?){9,12}[0-9X])(?![0-9-])", needs="ISBN")
def spell_books(match: re.Match[str]) -> str:
    """The number of a book is read digit by digit, with a pause after each group."""
    groups = [" ".join(numbers.by_digit(one) if one.isdigit() else "X" for one in group) for group in re.split("[ -]", match["digits"])]
    kind = f" {numbers.cardinal(match['kind'][1:])}" if match["kind"] else ""
    return f"I S B N{kind} {', '.join(groups)}"


@rewrite(
    r"(?<![\w.])(?P<host>(?:[0-9]{1,3}\.){3}[0-9]{1,3})(?::(?P<port>[0-9]{2,5})|/(?P<mask>[0-9]{1,2}))?(?![\w]|\.[0-9])",
    needs=r"[0-9]\.[0-9]+\.",
)
def read_networks(match: re.Match[str]) -> str:
    """The four numbers of an internet address are read as those of a house are."""
    parts = match["host"].split(".")
    if any(int(part) > 255 for part in parts):
        return match.group()
    said = " dot ".join(map(numbers.paired, parts))
    port = f" port {numbers.paired(match['port'])}" if match["port"] else ""
    return said + port + (f" slash {numbers.cardinal(match['mask'])}" if match["mask"] else "")


@rewrite(
    r"(?<![\w:.])(?=[0-9A-Fa-f:]*[0-9])(?:[0-9A-Fa-f]{1,4}:){1,7}(?::[0-9A-Fa-f]{1,4}|(?:[0-9A-Fa-f]{1,4}:){2,6}[0-9A-Fa-f]{1,4})(?![\w:])",
    needs=":[0-9A-Fa-f:]+:|::",
)
def spell_networks(match: re.Match[str]) -> str:
    """A longer internet address, or that of a card, is read letter by letter."""
    return " ".join(
        numbers.spelt(one) if one.isdigit() else "colon" if one == ":" else one.upper()
        for one in match.group()
    )


@rewrite(
    rf"(?P<before>\b{VERSIONED} |\bv\.? ?)(?P<digits>[0-9]+(?:\.[0-9]+)+)|"
    r"(?<![\w.,$£€-])(?P<bare>[0-9]{1,3}(?:\.[0-9]{1,3}){2,})(?![\w.]*[0-9])",
    needs=r"[0-9]\.[0-9]",
)
def read_versions(match: re.Match[str]) -> str:
    """The parts of a version are counted: 2.0.1 is two point oh point one."""
    if match["bare"]:
        return apart(match, numbers.version(match["bare"]))
    before = "v " if match["before"].startswith("v") and len(match["before"]) < 4 else match["before"]
    return before + numbers.version(match["digits"])


@rewrite(
    rf"(?<![\w.,$£€#])(?P<house>[0-9]{{3,4}})(?P<letter>[A-Z])?(?= {ADDRESS})|"
    rf"(?<=[a-z] )(?P<numbered>[0-9]{{3,4}})(?P<kind>[A-Z]{{1,3}})?(?![\w%]|[.,:][0-9]|-[0-9])",
    needs="[0-9]{3}",
)
def pair_numbers(match: re.Match[str]) -> str:
    """Numbers of houses, rooms, roads and models are read in pairs: 221 is two twenty-one."""
    before = NAMED.search(match.string, max(0, match.start() - 14), match.start())
    digits = match["house"] or match["numbered"]
    if match["house"] is None and not before:
        return match.group()
    letters = match["letter"] or match["kind"]
    return apart(match, numbers.paired(digits) + (f" {' '.join(letters)}" if letters else ""))


@rewrite(r"(?<![\w.,'’-])(?=[A-Za-z]*[0-9])(?=[0-9-]*[A-Za-z])[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*(?![\w'])", needs=r"[0-9]-?[A-Za-z]|[A-Za-z]-?[0-9]")
def read_codes(match: re.Match[str]) -> str:
    """What mixes letters and digits is a model or a serial number, and its letters are named."""
    code = match.group()
    if ORDINARY.fullmatch(code) or re.search("[a-z]{2}", code) and not MIXED.fullmatch(code):
        return code
    parts = re.findall("[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+", code)
    long = len(parts) > 4 or sum(map(len, parts)) > 9
    return apart(match, " ".join(_part(part, long) for part in parts))


def _part(part: str, long: bool) -> str:
    if part.isdigit():
        return numbers.spelt(part) if long and len(part) > 1 else numbers.paired(part)
    known = len(part) > 1 and (part in SAID_AS_WORDS or part != part.upper())
    return part if known else " ".join(part)


ZIPPED = re.compile(rf"(?:[Zz][Ii][Pp](?: code)?:? |(?:{any_of(STATE.values())}),? )$")
NAMED = re.compile(rf"\b{NUMBERED} $")
# left to the rules of ordinals, decades, measures, and words with a number before them
ORDINARY = re.compile(
    r"[0-9]+(?:st|nd|rd|th|s|x|X|K|k)|[0-9]+(?:-[a-z]+)+|[0-9]+-[A-Z][a-z]+|[A-Za-z]+-[0-9]+s|"
    r"[a-z]{2,}(?:-[a-z]+)*-[0-9]+(?:-[a-z]+)*|[0-9]+(?:[ap]m|AM|PM)|[0-9-]+[a-z]|[0-9]+(?:-[0-9]+)+[a-z]*"
)
MIXED = re.compile(r"(?:[A-Za-z]+-?[0-9]+[A-Za-z]*|[0-9]+[A-Z][A-Za-z]*)(?:-[0-9A-Za-z]+)*")

REWRITES = (
    read_free_numbers,
    spell_telephones,
    spell_foreign_telephones,
    spell_extensions,
    spell_zips,
    spell_books,
    read_networks,
    spell_networks,
    read_versions,
    pair_numbers,
)
