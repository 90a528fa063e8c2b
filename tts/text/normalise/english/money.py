"""Rewrites of amounts of money."""

import re

from tts.text.normalise.english import numbers
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
# The words for one and many of a currency, and for one and many of its smaller unit.
CURRENCIES = {
    "$": ("dollar", "dollars", "cent", "cents"),
    "£": ("pound", "pounds", "penny", "pence"),
    "€": ("euro", "euros", "cent", "cents"),
    "¥": ("yen", "yen", "sen", "sen"),
    "₹": ("rupee", "rupees", "paisa", "paise"),
    "₩": ("won", "won", "jeon", "jeon"),
    "₽": ("ruble", "rubles", "kopeck", "kopecks"),
    "₺": ("lira", "lira", "kurus", "kurus"),
    "₪": ("shekel", "shekels", "agora", "agorot"),
    "₿": ("bitcoin", "bitcoins", "cent", "cents"),
    "₫": ("dong", "dong", "hao", "hao"),
    "₴": ("hryvnia", "hryvnias", "kopiyka", "kopiykas"),
    "฿": ("baht", "baht", "satang", "satang"),
    "₱": ("peso", "pesos", "centavo", "centavos"),
    "₦": ("naira", "naira", "kobo", "kobo"),
    "CHF": ("Swiss franc", "Swiss francs", "centime", "centimes"),
    "SEK": ("Swedish krona", "Swedish kronor", "ore", "ore"),
    "NOK": ("Norwegian krone", "Norwegian kroner", "ore", "ore"),
    "DKK": ("Danish krone", "Danish kroner", "ore", "ore"),
    "PLN": ("zloty", "zlotys", "grosz", "groszy"),
}
DOLLARS = {"US": "U S", "A": "Australian", "AU": "Australian", "C": "Canadian", "CA": "Canadian"}
DOLLARS |= {"NZ": "New Zealand", "HK": "Hong Kong", "S": "Singapore", "R": "Brazilian"}
CODES = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹", "KRW": "₩", "RUB": "₽"}
CODES |= {"Rs": "₹", "Rs.": "₹"}
CODES |= {code: code for code in CURRENCIES if code.isalpha()}
SIGN = (
    f"(?:[{''.join(sign for sign in CURRENCIES if len(sign) == 1)}]|\\b(?:{any_of(CODES)})"
    f"(?= ?[0-9]))"
)
PART = r"(?:(?:\.|,(?=[0-9]{2}(?![0-9,])))(?P<part>[0-9]+))?"
AMOUNT = rf"(?P<whole>{WHOLE})?{PART}"
PER = {
    "hr": "hour",
    "h": "hour",
    "hour": "hour",
    "day": "day",
    "wk": "week",
    "week": "week",
    "mo": "month",
    "month": "month",
    "yr": "year",
    "year": "year",
    "lb": "pound",
    "kg": "kilogram",
    "oz": "ounce",
    "person": "person",
    "night": "night",
    "user": "user",
    "share": "share",
    "barrel": "barrel",
    "bbl": "barrel",
    "gal": "gallon",
    "unit": "unit",
    "sq ft": "square foot",
    "ton": "ton",
    "kWh": "kilowatt hour",
}
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


LAND = rf"(?P<land>\b(?:{any_of(DOLLARS)}))?"
LAST_SIZE = r"(?P<last_size>(?i:[kmb]|bn| ?[mbt]r?illion| ?thousand))?"
TO = (
    rf"(?:(?P<to>-|–| - | – | to )(?P=sign)?(?P<end>{WHOLE}(?:\.[0-9]+)?){LAST_SIZE}\b"
    r"(?![.,/][0-9]))?"
)


@rewrite(
    rf"(?P<minus>-)?{LAND}(?P<sign>{SIGN}) ?(?P<less>-)?(?=\.?[0-9]){AMOUNT}{SIZE}{TO}{AFTER}",
    needs=rf"[^\w\s.,;:?!'\"()-]|{any_of(CODES)}",
)
def say_money(match: re.Match[str]) -> str:
    """$3.50 is three dollars and fifty cents, £5.2M five point two million pounds."""
    sign = CODES.get(match["sign"], match["sign"])
    if match["land"] and sign != "$":
        return match.group()
    land = f"{DOLLARS[match['land']]} " if match["land"] else ""
    minus = "minus " if match["minus"] or match["less"] else ""
    if match["minus"] and match.string[match.start() - 1 : match.start()].isalnum():
        minus = " "  # it is a hyphen
    words = _range(match, sign) if match["end"] else _amount(match, sign)
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


def _range(match: re.Match[str], sign: str) -> str:
    whole, part = match["whole"] or "", match["part"]
    first = numbers.decimal(f"{whole}.{part}" if part else whole)
    last = numbers.decimal(match["end"])
    size, last_size = (_size(match[name]) for name in ("size", "last_size"))
    first += size if size != last_size else ""
    return f"{first} to {last}{last_size} {CURRENCIES[sign][1]}"


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
    return each or bool(named and NOUN.match(text, match.end()))


@rewrite(
    rf"(?<![\w.,])(?P<whole>{WHOLE}){PART}{SIZE}(?: ?(?P<sign>[€£₽₹¥$]"
    rf"(?![0-9]))| (?P<code>{any_of(CODES)})\b)",
    needs=rf"[0-9kmbnt] ?(?:[€£₽₹¥$]|{any_of(CODES)})",
)
def say_money_after(match: re.Match[str]) -> str:
    """A currency sign may follow its amount: 20€ is twenty euros."""
    return set_apart(match, _amount(match, match["sign"] or CODES[match["code"]]))


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
