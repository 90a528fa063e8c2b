"""Rewrites of Roman numerals, where the words before or after them show that they are numbers.

The lists of words and names before a numeral are written by hand.
"""

import re

from tts.text.normalise.english import numbers
from tts.text.normalise.roman import read_roman
from tts.text.normalise.rule import any_of, rewrite

COUNTED = (
    "Chapter Part Book Volume Act Scene Section Article Appendix Phase Level Type Title Class "
    "Table Canto Psalm Stage Grade War Episode Bowl Mark Round Number Page Pages Vol Division "
    "Figure Group Lesson Unit Step Apollo Rocky Movement Sonata Symphony Schedule Annex "
    "Rule Factor Category"
)
SMALL = "chapter page pages scene act volume canto section appendix part book phase class type"
# After these in small letters only capitals are numerals, and I is one before these nouns alone.
STAGED = "stage stages grade grades factor category level tier group war type phase class"
TRIED = (
    "and or to error errors trial trials disease diabetes cancer tumor tumors study studies "
    "reaction reactions collagen fracture fractures survivor survivors device devices"
)
RULERS = (
    "Henry Louis George Elizabeth Charles Edward Richard James William Pius Paul Benedict Leo John "
    "Napoleon Nicholas Catherine Peter Alexander Frederick Wilhelm Philip Ferdinand Francis Gustav "
    "Ivan Ramses Ptolemy Mary Emmanuel Otto Haakon Christian Margrethe Alfonso Innocent Gregory "
    "Clement Urban Boniface Julius Sixtus Robert David Harold Albert Leopold Maximilian "
    "Rudolf Joseph Franz Umberto Victor Juan Carlos Felipe Isabella Murad Mehmed Selim Suleiman "
    "Cyrus Darius Xerxes Artaxerxes Constantine Theodosius Justinian Abdullah Hussein Mohammed "
    "Thomas Michael Walter Arthur Harry Martin Samuel Daniel Andrew Edgar Adolf Baldwin Stephen"
)
NUMERAL = r"[IVXLCDM]+"
TITLES = "King|Queen|Pope|Emperor|Empress|Tsar|Czar|Prince|Kaiser|Sultan|Pharaoh"


@rewrite(
    rf"\b(?P<before>(?:{any_of(COUNTED.split() + COUNTED.upper().split() + SMALL.split())}) )"
    rf"(?P<numeral>{NUMERAL}|[ivxl]+)(?:(?P<joint> and | or | to |, |-|–)(?P<last>[IVXL]+|"
    rf"[ivxl]+))?(?![\w'.]*\w)",
    needs=r"\b[IVXLCDMivxl]",
)
def count_romans(match: re.Match[str]) -> str:
    """A Roman numeral after a word such as chapter is a number: Chapter IV is Chapter Four."""
    value = read_roman(match["numeral"])
    doubtful = "LCDMil" + ("I" if match["before"].islower() else "")
    if not value or match["numeral"] in doubtful:
        return match.group()
    last = read_roman(match["last"] or "")
    if match["last"] and not last:
        return match.group()
    joint = {"-": " to ", "–": " to "}.get(match["joint"], match["joint"])
    words = numbers.cardinal(str(value)) + (joint + numbers.cardinal(str(last)) if last else "")
    return match["before"] + (_titled(words) if match["before"][0].isupper() else words)


@rewrite(
    rf"\b(?P<before>(?:{any_of(COUNTED.split() + SMALL.split() + STAGED.split())})s? )"
    r"(?P<list>[IVXL]+(?:(?:, (?:and |or )?| and | or )[IVXL]+)+)(?![\w'.]*\w)",
    needs=r" [IVXL]+(?:,| and| or) ",
)
def count_lists(match: re.Match[str]) -> str:
    """Roman numerals in rising order are a list: Parts I, II, and III are one, two, and three."""
    values = [read_roman(one) for one in re.findall("[IVXL]+", match["list"])]
    if 0 in values or values != sorted(set(values)):
        return match.group()
    words = iter(numbers.cardinal(str(value)) for value in values)
    said = re.sub("[IVXL]+", lambda _: next(words), match["list"])
    return match["before"] + (_titled(said) if match["before"][0].isupper() else said)


def _titled(words: str) -> str:
    return words.title().replace(" And ", " and ").replace(" To ", " to ").replace(" Or ", " or ")


@rewrite(
    rf"\b(?P<before>(?:{any_of(STAGED.split())}) |(?:{any_of(STAGED.title().split())}) )"
    rf"(?P<numeral>[IVX]+?)(?P<part>[ABCabc])?(?:(?P<joint> and | or | to |, |/| |-|–)"
    rf"(?P<last>[IVX]+?)(?P<end>[ABCabc])?)?(?![\w']|\.\w)",
    needs=r" [IVX]",
)
def count_stages(match: re.Match[str]) -> str:
    """A Roman numeral after a word such as stage is a number: stage IIIB is stage three B."""
    first, last = read_roman(match["numeral"]), read_roman(match["last"] or "")
    alone = match["numeral"] == "I" and not match["part"] and not match["last"]
    if not first or (match["last"] and not last) or (match["joint"] in ("-", "–") and not last):
        return match.group()
    if alone and not TRIALS.match(match.string, match.end()):
        return match.group()
    words = numbers.cardinal(str(first)) + (f" {match['part'].upper()}" if match["part"] else "")
    if last:
        joint = {"-": " to ", "–": " to ", "/": " "}.get(match["joint"], match["joint"])
        words += joint + numbers.cardinal(str(last))
        words += f" {match['end'].upper()}" if match["end"] else ""
    return match["before"] + (_titled(words) if match["before"][0].isupper() else words)


TRIALS = re.compile(rf"[ -](?:{any_of(TRIED.split())})\b")


@rewrite(
    rf"\b(?P<title>(?:{TITLES}) )?(?P<name>{any_of(RULERS.split())})(?P<last> [A-Z][a-z]+)? "
    rf"(?P<numeral>{NUMERAL})(?:st|nd|rd|th)?(?P<after>(?='s|[,;)]? |[.,;:!?)]|$))",
    needs=r"[a-z] [IVX]",
)
def name_rulers(match: re.Match[str]) -> str:
    """The numeral after a ruler's name is an ordinal: Henry VIII is Henry the Eighth."""
    value = read_roman(match["numeral"])
    alone = match["numeral"] == "I" and not match["title"]
    if not value or match["numeral"] in ("L", "C", "D", "M"):
        return match.group()
    if alone and not RULES.match(match.string, match.end()):
        return match.group()
    name = (match["title"] or "") + match["name"] + (match["last"] or "")
    return f"{name} the {numbers.ordinal(str(value)).title()}"


RULES = re.compile(r"'s|(?:,)? (?:of [A-Z]|reign|ruled|was (?:crowned|king|queen|born)|died|\()")


@rewrite(
    r"\b(?P<numeral>[IVX]{2,})(?:st|nd|rd|th)?(?=(?: -|-| )[Cc]entur)|\bthe (?P<single>[VX])"
    r"(?:th)?(?= [Cc]entury)",
    needs="entur",
)
def date_centuries(match: re.Match[str]) -> str:
    """A Roman numeral before century is an ordinal: the XIX century is the nineteenth century."""
    value = read_roman(match["numeral"] or match["single"])
    if not value:
        return match.group()
    return ("the " if match["single"] else "") + numbers.ordinal(str(value))


@rewrite(
    r"\b(?:(?P<numeral>[IVXL]{2,})|(?<=\b[Tt]he )(?P<single>[IVX]))(?:st|nd|rd|th|TH)\b",
    needs="[IVXL](?:st|nd|rd|th|TH)",
)
def order_romans(match: re.Match[str]) -> str:
    """A Roman numeral with the ending of an ordinal is one: the XIVth is the fourteenth."""
    value = read_roman(match["numeral"] or match["single"])
    return numbers.ordinal(str(value)) if value else match.group()


@rewrite(
    r"(?m)^(?P<mark>[ \t]*(?:#{1,6} +|[*_]{1,3})?)"
    r"(?:(?P<numeral>[IVXLC]+)(?P<stop>\.?[*_]{0,3})[ \t]*$|"
    r"(?P<titled>[IVX]{2,})(?=[.:)] +[\"'“]?[A-Z]| [—–-] ))",
    needs=r"(?m)^[ \t#*_]*[IVXLC]",
)
def count_headings(match: re.Match[str]) -> str:
    """A Roman numeral alone on a line, or before a title, is a number: XIV is fourteen."""
    if match["titled"]:
        value = read_roman(match["titled"])
        said = numbers.cardinal(str(value)).capitalize()
        return match["mark"] + said if value else match.group()
    if not _is_heading(match):
        return match.group()
    said = numbers.cardinal(str(read_roman(match["numeral"]))).capitalize()
    return match["mark"] + said + match["stop"]


def _is_heading(match: re.Match[str]) -> bool:
    """Whether a line that is a Roman numeral numbers a part of the text, as other lines follow."""
    numeral = match["numeral"]
    if not read_roman(numeral):
        return False
    if len(numeral) > 1 and not set(numeral) & set("LC"):
        return True
    return numeral not in ("L", "C") and bool(BELOW.match(match.string, match.end()))


BELOW = re.compile(r"\n\s*\S")


@rewrite(
    r"(?<=[a-z] )(?P<numeral>II|III|IV|VI|VII|VIII|IX|XI{1,3}|XI?V|XVI{1,3}|XX[IVX]+|XL[IVX]+)"
    r"(?![\w&]|\.\w)",
    needs="[IVX]{2}",
)
def count_sequels(match: re.Match[str]) -> str:
    """A Roman numeral after a capitalised name is a number: Rocky II is Rocky Two."""
    before = re.search(r"\b([A-Z]\w*) $", match.string[max(0, match.start() - 30) : match.start()])
    if not before or before[1] in ("The", "An", "A"):
        return match.group()
    return numbers.cardinal(str(read_roman(match["numeral"]))).title()


@rewrite(r"\b(?:MD?CM?|MM|MCM)[CDLXVI]{2,}\b", needs="M[DCM]")
def date_romans(match: re.Match[str]) -> str:
    """A long Roman numeral is a year: MCMXCIX is nineteen ninety-nine."""
    value = read_roman(match.group())
    return numbers.year(str(value)) if value else match.group()


REWRITES = (
    count_lists,
    count_romans,
    count_stages,
    name_rulers,
    date_centuries,
    order_romans,
    count_sequels,
    date_romans,
)
