"""Rewrites of digits grouped by spaces, points or apostrophes into digits grouped by commas."""

import re

from tts.text.normalise.english.words.abbreviation_data import MONTH_ABBREVIATIONS, MONTH_NAMES
from tts.text.normalise.rule import any_of, rewrite

# A count, and no name or list of numbers, follows these words.
COUNTING = re.compile(
    r"(?:[$£€¥₹]|\b(?:[Oo]f|[Aa]bout|[Oo]ver|[Uu]nder|[Nn]early|[Aa]lmost|[Tt]han|[Ss]ome|[Aa]round|"
    r"[Rr]oughly|[Aa]pproximately|[Ll]east|[Mm]ost|[Tt]o|[Bb]y|[Ww]ere|[Ww]as|[Ii]s|[Aa]re|[Tt]otal|[Cc]osts?|"
    r"[Pp]aid|[Ee]arns?|[Ee]arned|[Ss]old|[Hh]as|[Hh]ave|[Hh]ad|[Rr]eached|[Ee]xceeds?|[Ww]ith|"
    r"[Ee]very|[Bb]etween|[Ff]rom|[Aa]nother|[Aa]n?|[Tt]he|[A-Z]{3})) ?$"
)
# A number of a thing, an identifier or a telephone number follows these.
NAMING = re.compile(
    r"\b(?:[Rr]oom|[Pp]ages?|[Ff]light|[Cc]hapter|[Bb]us|[Rr]oute|[Hh]ighway|[Ss]ection|[Ll]ine|"
    r"[Cc]ode|[Nn]umbers?|No\.?|[Tt]el\.?|[Tt]elephone|[Pp]hone|[Ff]ax|[Mm]obile|[Cc]all|[Dd]ial|"
    r"[Tt]ext|ID|[Vv]ersion|v|[Bb]ox|[Aa]ccount|[Cc]ard|"
    rf"{any_of([*MONTH_NAMES, *MONTH_ABBREVIATIONS])}):? ?(?:\(|#)?$"
)
NOUN = re.compile(
    r" ?(?:[a-z]{2,}s\b|people|men|women|children|[€£₽₹¥$%]|"
    r"(?:kr|zl|million|billion|[kcm]?m|[kcm]m2|k?g|"
    r"[A-Z]{3}|ha|ft|sq|tons?|feet|of|[mk]?[Ll]|[kMG]?Wh?)\b)"
)
# A size and what has it, of which the number before is the count: 2 500 ml bottles.
SIZED = re.compile(
    r"[ -]?(?:watt|volt|gallon|inch|meter|metre|page|acre|mile|foot|pound|gram|liter|litre|dollar|"
    r"piece|[kcm]?m|[mc]?[lL]|[km]?g|k?[WV]|oz|lb|[KMGT]B|[kMG]?Hz)[ -]"
    r"(?!(?:of|to|in|per)\b)[a-z]+s\b"
)
AS_NETWORK = re.compile(r"(?:[0-9]{1,3}\.){3}[0-9]{1,3}")


THIN = "\u00a0\u2007\u2009\u202f"  # spaces at which no line is broken


@rewrite(
    rf"(?<![\w.,+])(?P<first>[1-9][0-9]{{0,2}})(?P<rest>(?:[{THIN}][0-9]{{3}})+)(?![{THIN}]?[0-9])",
    needs=f"[0-9][{THIN}][0-9]",
)
def join_thin_thousands(match: re.Match[str]) -> str:
    """Thousands may be grouped by no-break or thin spaces: 12 345 is 12,345."""
    return re.sub(f"[{THIN}]", ",", match.group())


@rewrite(
    r"(?:(?<![\w.,+:/'–-])|(?<= [0-9]{3}[-–]))(?<![0-9)] )(?P<first>[1-9][0-9]{0,2})"
    r"(?P<rest>(?: [0-9]{3})+)(?P<part>[.,][0-9]{1,2})?(?![A-Z_:/]|[.,][0-9]| ?[0-9]|"
    r" ?[-–] ?(?![0-9]{1,3} [0-9]{3}(?![0-9]))[0-9])",
    needs="[0-9] [0-9]{3}",
)
def join_spaced_thousands(match: re.Match[str]) -> str:
    """Thousands may be grouped by spaces: 10 000 is 10,000."""
    text, start = match.string, match.start()
    groups = match["rest"].split()
    if NAMING.search(text, max(0, start - 14), start):
        return match.group()
    if len(groups) == 1 and len(match["first"]) == 1 and SIZED.match(text, match.end()):
        return match.group()
    round_number = groups[-1] == "000"
    long = len(groups) > 1 and len(match["first"]) < 3
    counted = COUNTING.search(text, max(0, start - 15), start) or NOUN.match(text, match.end())
    if not (round_number or long or match["part"] or counted):
        return match.group()
    part = f".{match['part'][1:]}" if match["part"] else ""
    return ",".join((match["first"], *groups)) + part


@rewrite(
    r"(?<![\w.,/-])(?P<first>[1-9][0-9]{0,2})(?:(?P<points>(?:\.[0-9]{3}){2,})|"
    r"(?P<point>(?:\.[0-9]{3})+)(?=,[0-9]{2}(?![0-9,])))(?P<part>,[0-9]{1,2})?(?![\w/-]|[.,][0-9])",
    needs=r"[0-9]\.[0-9]{3}[.,][0-9]",
)
def join_pointed_thousands(match: re.Match[str]) -> str:
    """Thousands may be grouped by points: 1.000.000 is 1,000,000, and 1.299,00 is 1,299.00."""
    written = match.group()
    named = NAMING.search(match.string, max(0, match.start() - 14), match.start())
    if named or _is_network(written):
        return written
    groups = (match["points"] or match["point"]).replace(".", ",")
    return match["first"] + groups + (match["part"] or "").replace(",", ".")


def _is_network(written: str) -> bool:
    return bool(AS_NETWORK.fullmatch(written)) and all(
        int(part) < 256 for part in written.split(".")
    )


@rewrite(
    r"(?<![\w.,'])(?P<digits>[1-9][0-9]{0,2}(?:'[0-9]{3})+)(?![\w']|,[0-9])", needs="[0-9]'[0-9]{3}"
)
def join_quoted_thousands(match: re.Match[str]) -> str:
    """Thousands may be grouped by apostrophes: 10'000 is 10,000."""
    return match["digits"].replace("'", ",")


@rewrite(
    r"(?<![\w.,/-])(?P<whole>[0-9]{1,3}),(?P<part>[0-9]{1,2})"
    r"(?= ?(?:[%°€]|(?:million|billion|[kcm]?m|k?g|mg|m?l|L|k?Wh?|[MG]B|[kMG]?Hz|ha)\b))",
    needs="[0-9],[0-9]{1,2} ?[a-zA-Z%°€]",
)
def point_decimals(match: re.Match[str]) -> str:
    """A comma before one or two digits and a unit is a decimal point: 1,5 kg is 1.5 kg."""
    return f"{match['whole']}.{match['part']}"


REWRITES = (join_spaced_thousands, join_pointed_thousands, join_quoted_thousands, point_decimals)
