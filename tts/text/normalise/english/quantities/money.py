"""Rewrites of amounts of money."""

import re

from tts.text.normalise.english import numbers
from tts.text.normalise.english.quantities.currencies import (
    CODES,
    CODES_BEFORE_NOUNS,
    CURRENCIES,
    DOLLARS,
    PER,
    WORDLIKE_CODES,
)
from tts.text.normalise.rule import any_of, rewrite, set_apart

THOUSANDS = r"(?:[0-9]{1,3}(?:,[0-9]{3}){1,6}|[0-9]{1,2}(?:,[0-9]{2}){1,4},[0-9]{3})(?![0-9])"
WHOLE = rf"(?:{THOUSANDS}|[0-9]+)"
MAGNITUDES = {
    "k": "thousand",
    "m": "million",
    "mm": "million",
    "mn": "million",
    "b": "billion",
    "bn": "billion",
    "t": "trillion",
    "tn": "trillion",
}
SIZE = (
    r"(?:[ -]?(?P<size>(?i:hundred|thousand|million|billion|trillion|lakh|crore|bn|mn|mm|tn|"
    r"[kmbt]))\b)?"
)
SIGN = (
    f"(?:[{''.join(sign for sign in CURRENCIES if len(sign) == 1)}]|\\bR\\$|"
    f"\\b(?:{any_of(CODES.keys() - WORDLIKE_CODES)})(?= ?[0-9]))"
)
SIGNS_AFTER = "€£₽₹¥$₺₴₫₩₪"
PART = r"(?:(?:\.|,(?=[0-9]{2}(?![0-9,])))(?P<part>[0-9]+))?"
AMOUNT = rf"(?P<whole>{WHOLE})?{PART}"
AFTER = rf"(?:/(?P<per>{any_of(PER)})\b(?:\.(?=,| [a-z]))?)?"
ARTICLE = re.compile(r"\b(?:[Aa]n?|[Aa]nother) $")
# After these words, a verb may follow the amount instead of a noun that it describes.
POINTER = re.compile(
    r"\b(?:[Tt]he|[Tt]h(?:is|at)|[Ii]ts|[Hh]is|[Hh]er|[Tt]heir|[Oo]ur|[Mm]y|[Yy]our) $"
)
DOING = re.compile(
    r" (?:\w+(?:ed|ing)|they|he|she|we|you|who|which|will|would|can|could|may|might|must|should|"
    r"has|had|have|were|are|be|do|does|did|went|goes|came|comes|spent|paid|still|now|then|already|"
    r"not|also|into|under|over|between|above|below|worth|due|back|away|left|extra|after|before|every|"
    r"all|per|just|only|because|since|while|out|up|down|off|without|within|through|until|than|either)\b"
)
NOUN = re.compile(
    r"[ -](?!(?:in|on|at|for|of|to|or|and|from|per|x|an?|the|is|was|by|as|if|it|so|but|that|more|"
    r"less|each|when|with)\b)[a-z]+"
)


# An amount before one of these describes it, with or without an article: a $5m deal, two $20 bills.
DESCRIBED = re.compile(
    r"[ -](?:bill|note|deal|fine|lawsuit|loan|budget|contract|investment|bailout|settlement|grant|"
    r"prize|ticket|coupon|voucher|banknote|donation|bonus|acquisition|takeover|bond|mortgage|"
    r"project|check|coin|gift card|bet)s?\b"
)
LAND = rf"(?P<land>\b(?:{any_of(DOLLARS)}|(?:US|AU|NZ|HK) (?=\$)))?"
LAST_SIZE = r"(?P<last_size>(?i:[kmb]|bn| ?[mbt]r?illion| ?thousand))?"
TO = (
    rf"(?:(?P<to>-|–| - | – | to )(?:(?P=land)?(?P=sign) ?)?(?P<end>{WHOLE}(?:\.[0-9]+)?)"
    rf"{LAST_SIZE}\b(?![.,/][0-9]))?"
)


@rewrite(
    rf"(?P<minus>-)?{LAND}(?P<sign>{SIGN}) ?(?P<less>(?<![0-9][€£¥₽])-)?(?=\.?[0-9])"
    rf"{AMOUNT}{SIZE}{TO}{AFTER}",
    needs=rf"[^\w\s.,;:?!'\"()-]|{any_of(CODES)}",
)
def say_money(match: re.Match[str]) -> str:
    """$3.50 is three dollars and fifty cents, £5.2M five point two million pounds."""
    sign = CODES.get(match["sign"], match["sign"])
    if match["land"] and sign != "$":
        return match.group()
    land = f"{DOLLARS[match['land'].strip()]} " if match["land"] else ""
    minus = "minus " if match["minus"] or match["less"] else ""
    if match["minus"] and match.string[match.start() - 1 : match.start()].isalnum():
        minus = " "  # it is a hyphen
    ranged = match["end"] and _range(match, sign, match["size"], match["last_size"])
    words = ranged or _amount(match, sign)
    per = f" per {PER[match['per']]}" if match["per"] else ""
    return set_apart(match, minus + words.replace(" dollar", f" {land}dollar") + per)


def _amount(match: re.Match[str], sign: str) -> str:
    one, many, _, _ = CURRENCIES[sign]
    whole, part, size = (match["whole"] or "").replace(",", ""), match["part"], match["size"]
    if _describes(match):
        many = one
    if size:
        amount = numbers.decimal(f"{whole}.{part}" if part else whole)
        return f"{amount} {MAGNITUDES.get(size.lower(), size.lower())} {many}"
    if part and len(part) == 1:  # of a unit, as on a price tag: $20.5 is $20.50
        part += "0"
    if part and len(part) != 2:
        return f"{numbers.decimal(f'{whole}.{part}')} {many}"
    return _coins(whole or "0", part, sign, many)


def _coins(whole: str, part: str | None, sign: str, many: str) -> str:
    one, _, one_part, many_parts = CURRENCIES[sign]
    if many == one:
        many_parts = one_part
    units = f"{numbers.cardinal(whole)} {one if whole == '1' else many}"
    if not part or not int(part):
        return units
    parts = f"{numbers.cardinal(str(int(part)))} {one_part if part == '01' else many_parts}"
    if not int(whole):
        return parts
    british = sign == "£" and int(part) > 9
    return f"{units} {numbers.cardinal(part)}" if british else f"{units} and {parts}"


def _range(match: re.Match[str], sign: str, size: str | None, last_size: str | None) -> str:
    whole, part = match["whole"] or "", match["part"]
    if not size and not last_size and _has_coins(part, match["end"]):
        return _range_of_coins(whole or "0", part, match["end"], sign)
    first = numbers.decimal(f"{whole}.{part}" if part else whole)
    last = numbers.decimal(match["end"])
    first += _size(size) if _size(size) != _size(last_size) else ""
    return f"{first} to {last}{_size(last_size)} {CURRENCIES[sign][1]}"


def _has_coins(part: str | None, end: str) -> bool:
    """Whether the amounts of a range have two digits after the point, if any: $50-$99.50."""
    parts = [part or "", end.partition(".")[2]]
    return any(parts) and all(len(one) in (0, 2) for one in parts)


def _range_of_coins(whole: str, part: str | None, end: str, sign: str) -> str:
    many = CURRENCIES[sign][1]
    last, _, last_part = end.replace(",", "").partition(".")
    first = _coins(whole.replace(",", ""), part, sign, many)
    if not int(part or "0") and (sign != "£" or not last_part):
        first = numbers.cardinal(whole)
    return f"{first} to {_coins(last, last_part, sign, many)}"


def _size(written: str | None) -> str:
    size = (written or "").strip().lower()
    return f" {MAGNITUDES.get(size, size)}" if size else ""


def _describes(match: re.Match[str]) -> bool:
    """Whether the amount describes a noun, so that it is singular: a $20 bill."""
    text = match.string
    article = ARTICLE.search(text, max(0, match.start() - 9), match.start())
    pointer = POINTER.search(text, max(0, match.start() - 7), match.start())
    named = article or (pointer and not DOING.match(text, match.end()))
    each = text.startswith(("-a-", "-an-"), match.end())
    return bool(
        each or DESCRIBED.match(text, match.end()) or (named and NOUN.match(text, match.end()))
    )


@rewrite(
    rf"(?<![\w.,])(?P<whole>{WHOLE}){PART}(?:(?: ?[{SIGNS_AFTER}])?(?P<to>-|–| - | – | to )"
    rf"(?P<end>{WHOLE}(?:\.[0-9]+)?))?{SIZE} ?(?:(?P<sign>[{SIGNS_AFTER}](?![0-9]))|"
    rf"(?P<code>{any_of(CODES)})\b(?:\.(?= [a-z]))?)",
    needs=rf"[0-9kmbnt] ?(?:[{SIGNS_AFTER}]|{any_of(CODES)})",
)
def say_money_after(match: re.Match[str]) -> str:
    """A currency sign may follow its amount: 20€ is twenty euros."""
    sign = match["sign"] or CODES[match["code"]]
    if match["code"] in CODES_BEFORE_NOUNS and NOUN.match(match.string, match.end()):
        return match.group()
    words = _range(match, sign, "", match["size"]) if match["end"] else _amount(match, sign)
    return set_apart(match, words)


@rewrite(rf"(?<![\w.,])(?P<whole>{WHOLE}) ?¢", needs="¢")
def say_cents(match: re.Match[str]) -> str:
    """50¢ is fifty cents."""
    whole = match["whole"]
    return f"{numbers.cardinal(whole)} {'cent' if whole == '1' else 'cents'}"


@rewrite(
    r"(?<=etween )(?P<first>[$£€][0-9]{1,3}(?:\.[0-9]+)?)(?= and [$£€]?[0-9.]+ ?"
    r"(?P<size>(?:[mbtr]{1,2}illion|thousand|crore|lakh|[mbk]|bn|mn)\b))",
    needs="etween [$£€]",
)
def share_sizes(match: re.Match[str]) -> str:
    """In between $1 and $2 million, both amounts are millions."""
    return f"{match['first']} {match['size']}"


REWRITES = (share_sizes, say_money, say_money_after, say_cents)
