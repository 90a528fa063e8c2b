"""Rewrites of numbers read digit by digit: telephone, zip code, card, code and ISBN numbers."""

import re

from tts.text.normalise.english import numbers
from tts.text.normalise.english.codes.addresses import STATE
from tts.text.normalise.rule import DIGIT, any_of, preceded_by, rewrite, set_apart

SHORT_NUMBERS = ("911", "999", "112", "211", "311", "411", "511", "988")


@rewrite(
    r"(?<![\w.+-])(?:(?P<country>\+[0-9]{1,3})[ .-]?|(?P<trunk>1)[ .-])?"
    r"(?:\((?P<bracketed>[0-9]{3})\)[ .-]?|(?P<area>[0-9]{3})(?P<sep>[ .-]))?"
    r"(?P<exchange>[0-9]{3})[ .-](?P<line>[0-9]{4})(?![\w%]|[.,-][0-9])",
    needs=r"[0-9][ .-][0-9]{4}",
)
def spell_telephones(match: re.Match[str]) -> str:
    """A telephone number is read digit by digit: 555-0123 is five five five, oh one two three."""
    area = match["bracketed"] or match["area"]
    if not area and match.group()[3] != "-":
        return match.group()
    country = f"plus {numbers.digits_with_oh(match['country'][1:])}, " if match["country"] else ""
    groups = [_group(group) for group in (area, match["exchange"], match["line"]) if group]
    return set_apart(match, country + ("one " if match["trunk"] else "") + ", ".join(groups))


def _group(digits: str) -> str:
    return (
        f"{numbers.cardinal(digits[0])} hundred"
        if digits in ("800", "900")
        else numbers.digits_with_oh(digits)
    )


@rewrite(
    r"(?<![\w.,$-])0[0-9]{2,4}(?:[ -][0-9]{3,8}){1,3}(?![\w%]|[.,-][0-9])", needs="0[0-9]{2,4}[ -]"
)
def spell_local_telephones(match: re.Match[str]) -> str:
    """Groups of digits that begin with 0 are a telephone number, such as 020 7946 0958."""
    return set_apart(
        match, ", ".join(map(numbers.digits_with_oh, re.findall("[0-9]+", match.group())))
    )


@rewrite(
    r"(?<![\w.])\+[1-9][0-9]{0,2}(?:[ .-]?\(?[0-9]{1,5}\)?){2,5}(?![\w.,-]*[0-9])", needs=r"\+[1-9]"
)
def spell_foreign_telephones(match: re.Match[str]) -> str:
    """Digits after + and a country code are a telephone number, such as +44 20 7946 0958."""
    groups = re.findall("[0-9]+", match.group())
    if sum(map(len, groups)) < 8:
        return match.group()
    return set_apart(match, "plus " + ", ".join(map(numbers.digits_with_oh, groups)))


@rewrite(
    r"(?<=[0-9]{4}),? (?:ext(?:ension|\.)? ?|x ?)(?P<digits>[0-9]{1,6})\b", needs="[0-9],? e?xt?"
)
def pause_at_extensions(match: re.Match[str]) -> str:
    """The extension of a telephone number is read after a pause: x12 is extension one two."""
    return f", extension {numbers.digits_with_oh(match['digits'])}"


@rewrite(
    preceded_by(
        *(rf"\b{verb} " for verb in ("[Dd]ial", "[Dd]ialed", "[Dd]ialled", "[Dd]ialing")),
        *(rf"\b{verb} " for verb in ("[Cc]all", "[Cc]alled", "[Cc]alling", "[Tt]ext", "xtension")),
        *(rf"\b[Tt]ext [A-Z]{{{length}}} to " for length in range(2, 9)),
    )
    + r"(?P<digits>[0-9]{3,6}(?:(?:,? (?:or|and) |, |/)[0-9]{3,6})*)(?![\w%]|[.,:/-][0-9]| "
    r"(?:[a-z]+s|people|men|women|children|of|more)\b)|"
    rf"(?<![\w.,$-])(?P<short>{any_of(SHORT_NUMBERS)})(?= (?:calls?|callers?|operators?|"
    r"dispatch(?:er)?s?|emergency|hotline)\b)",
    needs=DIGIT,
)
def spell_extensions(match: re.Match[str]) -> str:
    """A number to dial is read digit by digit: dial 411 is dial four one one."""
    digits = (match["digits"] or match["short"]).replace("/", " or ")
    return re.sub("[0-9]+", lambda one: numbers.digits_with_oh(one.group()), digits)


@rewrite(
    preceded_by(
        *(f"{name}{verb}" for name in ("code", "OTP", "PIN") for verb in (" ", ": ", " is "))
    )
    + r"(?P<secret>[0-9]{3,8})(?![\w%]|[.,:/-][0-9])|"
    + preceded_by(
        *("nding in ", "nding with ", "nds in ", "[Cc]ard ending ", "[Vv]isa ending "),
        *("[Aa]ccount ending ", "acct[.] ending ", "acct ending ", "(?:four|st 4) digits "),
        *("(?:four|st 4) digits: ", "(?:four|st 4) digits are "),
    )
    + r"(?P<last>[0-9]{4})(?![\w%]|[.,:/-][0-9])|"
    r"(?<![\w*])(?:[*•]{2,}|[xX]{3,})[ -]?(?P<shown>[0-9]{4})(?!\w)",
    needs="[0-9]{3}",
)
def spell_secrets(match: re.Match[str]) -> str:
    """A code, a PIN or the last digits of a card are read digit by digit: ****1234."""
    if match["shown"]:
        return f"ending in {_last_four(match['shown'])}"
    return _last_four(match["last"]) if match["last"] else numbers.digits_with_oh(match["secret"])


def _last_four(digits: str) -> str:
    """Four digits, in pairs if the pairs are alike: 4242 is forty-two forty-two."""
    pairs = digits[:2] == digits[2:] and digits[0] != digits[1] and digits[0] != "0"
    return numbers.paired(digits) if pairs else numbers.digits_with_oh(digits)


@rewrite(
    r"(?<![\w.,$-])(?:(?!(?:(?:19|20)[0-9]{2}[ -]){3})[0-9]{4}(?:[ -][0-9]{4}){3,5}"
    r"(?:[ -][0-9]{1,3})?|[0-9]{3}-[0-9]{2}-[0-9]{4})(?![\w%]|[.,-][0-9])",
    needs="[0-9][ -][0-9]",
)
def spell_cards(match: re.Match[str]) -> str:
    """A card number is read digit by digit, with a pause after each group."""
    return set_apart(match, ", ".join(map(numbers.digits_with_oh, re.split("[ -]", match.group()))))


@rewrite(
    r"(?<=[Pp]ress )[#*](?![\w*#])|(?<= )[#*](?= (?:key|sign|symbol|button)\b)|"
    r"(?<=[Dd]ial )[#*](?=[0-9])|(?<=\bor )[#*](?= (?:to|for)\b)",
    needs="[#*]",
)
def name_keys(match: re.Match[str]) -> str:
    """The telephone keys * and # are star and pound."""
    return "star " if match.group() == "*" else "pound "


@rewrite(
    r"(?<![\w.,$-])(?:(?P<trunk>1)[ -]?)?\(?(?P<hundreds>8(?=00|([3-8])\3)|9(?=00))"
    r"(?P<tens>[0-9]{2})\)?(?P<by>[ -]?)"
    r"(?P<words>(?:[0-9]-?)?[A-Z]{2,}(?:-[A-Z]+|-?[0-9]-?[A-Z]+)*)\b"
    r"(?![-'][0-9a-z])",
    needs=r"[89][0-9]{2}\)?[ -]?[0-9]?-?[A-Z]",
)
def read_free_numbers(match: re.Match[str]) -> str:
    """1-800-FLOWERS is one eight hundred, flowers."""
    parts = re.findall("[0-9]|[A-Z]+", match["words"])
    named = match["trunk"] or match["by"] == "-" or ")" in match.group()
    if not named or sum(map(len, parts)) < 4 or _is_count(match):
        return match.group()
    tens = "hundred" if match["tens"] == "00" else numbers.cardinal(match["tens"])
    words = " ".join(numbers.cardinal(one) if one.isdigit() else one.lower() for one in parts)
    pause = "," if match["by"] else ""
    hundreds = numbers.cardinal(match["hundreds"])
    return f"{'one ' if match['trunk'] else ''}{hundreds} {tens}{pause} {words}"


def _is_count(match: re.Match[str]) -> bool:
    """Whether the digits are a count, as in 1800 US soldiers."""
    return match.group().startswith(("18", "19")) and bool(match["by"])


@rewrite(
    r"(?<![\w.,$£€#/-])(?P<zip>[0-9]{5})(?:-(?P<four>[0-9]{4}))?(?![\w%]|[.,:][0-9])",
    needs="[0-9]{5}",
)
def spell_zips(match: re.Match[str]) -> str:
    """A zip code after a state or the word zip is read digit by digit: TX 78701."""
    before = match.string[max(0, match.start() - 16) : match.start()]
    after = match.string[match.end() : match.end() + 5]
    if not (ZIPPED.search(before) or after.lower().startswith(" zip") or match["four"]):
        return match.group()
    return numbers.digits_with_oh(match["zip"]) + (
        f", {numbers.digits_with_oh(match['four'])}" if match["four"] else ""
    )


@rewrite(
    r"\bISBN(?P<kind>-1[03])?:? ?(?P<digits>(?:[0-9][ -]?){9,12}[0-9X])(?![0-9-])", needs="ISBN"
)
def spell_books(match: re.Match[str]) -> str:
    """An ISBN is read digit by digit, with a pause after each group."""
    groups = [
        " ".join(numbers.by_digit(one) if one.isdigit() else "X" for one in group)
        for group in re.split("[ -]", match["digits"])
    ]
    kind = f" {numbers.cardinal(match['kind'][1:])}" if match["kind"] else ""
    return f"I S B N{kind} {', '.join(groups)}"


ZIPPED = re.compile(rf"(?:[Zz][Ii][Pp](?: code)?:? |(?:{any_of(STATE.values())}),? )$")

REWRITES = (
    spell_cards,
    pause_at_extensions,
    read_free_numbers,
    spell_telephones,
    spell_foreign_telephones,
    spell_local_telephones,
    spell_extensions,
    spell_zips,
    spell_books,
)
