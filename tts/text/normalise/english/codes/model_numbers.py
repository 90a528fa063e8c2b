"""Rewrites of numbers in names: versions, network addresses, house numbers, product models."""

import re

from tts.text.normalise.english import numbers
from tts.text.normalise.english.quantities.currencies import CODES
from tts.text.normalise.english.words.abbreviation_data import STREETS
from tts.text.normalise.english.words.acronyms import SAID_AS_WORDS
from tts.text.normalise.rule import any_of, rewrite, set_apart

VERSIONED = (
    r"(?:[Vv]ersions?|[Rr]elease|[Vv]er|[Bb]uild|[Ff]irmware|Python|Java|PHP|Ruby|Node|Rust|Go|macOS|iOS|"
    r"Android|Ubuntu|Debian|Windows|Linux|Kernel|PyTorch|CUDA|Django|Unicode|HTTP|USB|Bluetooth|TLS)"
)
NUMBERED = (
    r"(?:Boeing|Airbus|Route|Highway|Interstate|Flight|[Rr]oom|[Aa]partment|[Ss]uite|Channel|Area|Gate|"
    r"[Bb]us|Porsche|Ferrari|Peugeot|Intel|Xbox|Concorde|Locker|Building|Exit|Nokia|Fahrenheit|extension)"
)
ADDRESS = (
    rf"(?:[NSEW]\.? |[NS][EW] |North |South |East |West )?(?:(?:[A-Z][a-z']+|[0-9]{{1,3}}(?:st|"
    rf"nd|rd|th)) ){{1,3}}(?:{any_of(STREETS.values())}|Way|Circle|Alley|Row|Broadway)\b"
)


@rewrite(
    r"(?<![\w.])(?P<host>(?:[0-9]{1,3}\.){3}[0-9]{1,3})(?::(?P<port>[0-9]{2,5})|/(?P<mask>[0-9]{1,2}))?(?![\w]|\.[0-9])",
    needs=r"[0-9]\.[0-9]+\.",
)
def read_networks(match: re.Match[str]) -> str:
    """An IPv4 address is read with dots: 10.0.0.1 is ten dot zero dot zero dot one."""
    parts = match["host"].split(".")
    if any(int(part) > 255 for part in parts):
        return match.group()
    said = " dot ".join(map(numbers.paired, parts))
    port = f" port {numbers.paired(match['port'])}" if match["port"] else ""
    return said + port + (f" slash {numbers.cardinal(match['mask'])}" if match["mask"] else "")


@rewrite(
    r"(?<![\w:.])(?=\S*[0-9])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}(?![\w:])",
    needs=":[0-9A-Fa-f]*:",
)
def spell_networks(match: re.Match[str]) -> str:
    """An IPv6 or MAC address is read letter by letter: fe80:: is F E eight oh colon colon."""
    if "::" not in match.group() and match.group().count(":") < 4:
        return match.group()
    return " ".join(
        numbers.digits_with_oh(one) if one.isdigit() else "colon" if one == ":" else one.upper()
        for one in match.group()
    )


@rewrite(
    r"\b802\.(?P<group>[0-9]{1,2})(?P<task>\.[0-9])?(?P<letters>[A-Za-z]{1,2}(?:/[a-z]{1,2})*)?\b(?![.,]?[0-9])|"
    r"\b(?P<series>[A-Z])\.(?P<standard>[0-9]{3,4})(?![\w]|[.,][0-9])",
    needs=r"802\.|[A-Z]\.[0-9]",
)
def read_standards(match: re.Match[str]) -> str:
    """802.11ax is eight oh two dot eleven A X, and H.264 is H two sixty-four."""
    if match["series"]:
        return f"{match['series']} {numbers.paired(match['standard'])}"
    named = STANDARD.search(match.string, max(0, match.start() - 12), match.start())
    if not (named or match["letters"] or match["task"] or match["group"] == "11"):
        return match.group()
    task = f" dot {numbers.cardinal(match['task'][1:])}" if match["task"] else ""
    letters = "".join(f" {one.upper()}" for one in match["letters"] or "" if one != "/")
    return f"eight oh two dot {numbers.cardinal(match['group'])}{task}{letters}"


@rewrite(
    r"\b(?P<family>7[0-8]7|A3[0-9]{2})-(?P<type>[1-9]00|[89]|10)(?P<kind>ER|LR|F|X)?(?P<several>s)?"
    r"(?![\w-]|[.,][0-9])",
    needs=r"[0-9]{2}-[0-9]",
)
def read_airliners(match: re.Match[str]) -> str:
    """A Boeing 737-800 is a Boeing seven thirty-seven eight hundred."""
    family = match["family"].removeprefix("A")
    letter = "A " if match["family"].startswith("A") else ""
    kind = "".join(f" {one}" for one in match["kind"] or "")
    said = f"{letter}{numbers.paired(family)} {numbers.paired(match['type'])}{kind}"
    if match["several"]:
        said = f"{said}'s" if kind else numbers.plural(said)
    return said


@rewrite(
    rf"(?P<before>\b{VERSIONED} |\bv\.? ?)(?P<digits>[0-9]+(?:\.[0-9]+)+)|"
    r"(?<![\w.,$£€-])(?P<bare>[0-9]{1,3}(?:\.[0-9]{1,3}){2,})(?![\w.]*[0-9])",
    needs=r"[0-9]\.[0-9]",
)
def read_versions(match: re.Match[str]) -> str:
    """Each part of a version is read as a number: 2.0.1 is two point oh point one."""
    if match["bare"]:
        return set_apart(match, numbers.version(match["bare"]))
    before = (
        "v " if match["before"].startswith("v") and len(match["before"]) < 4 else match["before"]
    )
    return before + numbers.version(match["digits"])


@rewrite(
    rf"(?<![\w.,$£€#])(?P<house>[0-9]{{3,4}})(?P<letter>[A-Z])?(?= {ADDRESS})|"
    rf"(?<=[A-Za-z] )(?P<numbered>[0-9]{{3,4}})(?P<kind>[A-Z]{{1,3}})?(?![\w%]|[.,:][0-9]|-[0-9])",
    needs="[0-9]{3}",
)
def pair_numbers(match: re.Match[str]) -> str:
    """Numbers of houses, rooms, roads and models are read in pairs: 221 is two twenty-one."""
    before = NAMED.search(match.string, max(0, match.start() - 14), match.start())
    digits = match["house"] or match["numbered"]
    if match["house"] is None and not before:
        return match.group()
    letters = match["letter"] or match["kind"]
    return set_apart(match, numbers.paired(digits) + (f" {' '.join(letters)}" if letters else ""))


@rewrite(
    r"(?<![\w.,'’-])(?=[A-Za-z-]*[0-9])(?=[0-9-]*[A-Za-z])[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*(?![\w'])",
    needs=r"[0-9]-?[A-Za-z]|[A-Za-z]-?[0-9]",
)
def read_codes(match: re.Match[str]) -> str:
    """A code of letters and digits is spelt, with its numbers in pairs: B52 is B fifty-two."""
    code = match.group()
    if ORDINARY.fullmatch(code) or (re.search("[a-z]{2}", code) and not MIXED.fullmatch(code)):
        return code
    several = PLURAL.search(code)
    parts = re.findall("[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+", code[:-1] if several else code)
    long = (len(parts) > 4 or sum(map(len, parts)) > 9) and not FORMULA.fullmatch(code)
    said = " ".join(_part(part, long) for part in parts)
    if several:
        said = numbers.plural(said) if code[-2].isdigit() else f"{said}'s"
    return set_apart(match, said)


@rewrite(
    r"(?<![0-9])(?<=[A-Za-z])-?(?=[0-9]{1,3}\.[0-9]{1,3}(?![0-9.]*[.0-9]))",
    needs=r"[A-Za-z]-?[0-9]+\.",
)
def part_decimals(match: re.Match[str]) -> str:
    """A decimal is separated from the letters before it: GPT-3.5 is GPT 3.5."""
    return " "


@rewrite(
    r"\bS(?P<season>[0-9]{1,2}) ?E(?P<episode>[0-9]{1,3})\b|"
    r"(?<![\w.,])(?P<lines>480|720|1080|1440|2160|4320)(?P<scan>[pi])\b",
    needs=r"\bS[0-9]|0[pi]\b",
)
def read_screens(match: re.Match[str]) -> str:
    """S02E05 is season two, episode five, and 1080p is ten eighty P."""
    if match["lines"]:
        return f"{numbers.paired(match['lines'])} {match['scan'].upper()}"
    season, episode = (numbers.cardinal(str(int(match[one]))) for one in ("season", "episode"))
    return f"season {season}, episode {episode}"


def _part(part: str, long: bool) -> str:
    if part.isdigit():
        return numbers.digits_with_oh(part) if long and len(part) > 1 else numbers.paired(part)
    known = len(part) > 1 and (part in SAID_AS_WORDS or part != part.upper())
    return part if known else " ".join(part)


NAMED = re.compile(rf"\b(?:{NUMBERED}|(?!(?:{any_of(CODES)}) )[A-Z]{{2,4}}) $")
# Not codes: ordinals, decades, measures and compounds with a number, which have rules of their own.
ORDINARY = re.compile(
    r"[0-9]+(?:st|nd|rd|th)(?:-[A-Za-z]+|-[0-9]+(?:st|nd|rd|th))*|[0-9]+(?:s|x|X|K|k)|[0-9]+(?:-[a-z]+)+|[0-9]+-[A-Z][a-z]+|[A-Za-z]+-[0-9]+s|"
    r"[a-z]{2,}(?:-[a-z]+)*-[0-9]+(?:-[a-z]+)*|[0-9]+(?:[ap]m|AM|PM)|[0-9-]+[a-z]|[0-9]+(?:-[0-9]+)+[A-Za-z]*|[0-9]+(?:M|bn|mn)|[0-9]+[kKM]-[0-9]+[kKM]"
)
FORMULA = re.compile(
    "(?:(?:H|Li|B|C|N|O|F|Na|Mg|Al|Si|P|S|Cl|K|Ca|Cr|Mn|Fe|Cu|Zn|Br|Ag|I|Ba|Pb)[0-9]{0,2}){2,}"
)
PLURAL = re.compile("(?:[A-Za-z][0-9]+|[0-9][A-Z])s$")
MIXED = re.compile(r"(?:[A-Z]?[A-Za-z]*-?[0-9]+[A-Za-z]*|[0-9]+[A-Z][A-Za-z]*)(?:-[0-9A-Za-z]+)*")


STANDARD = re.compile(r"\b(?:IEEE|Wi-?Fi|[Ss]tandard|[Ee]thernet|WLAN),? $")

REWRITES = (
    read_networks,
    read_standards,
    read_airliners,
    read_versions,
    part_decimals,
    read_screens,
    pair_numbers,
)
