"""Numbers in American English words, by num2words: functions from digits to words.

Counts and decimals may have commas between their digits: 1,234.5 is read like 1234.5.
"""

from functools import lru_cache

DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
MAX_CARDINAL_DIGITS = 15  # longer numbers are read digit by digit; chosen by hand


@lru_cache(4096)
def cardinal(digits: str) -> str:
    """12 is twelve; a number that begins with 0, or is very long, is read digit by digit."""
    digits = digits.replace(",", "")
    if len(digits) > MAX_CARDINAL_DIGITS or (len(digits) > 1 and digits.startswith("0")):
        return by_digit(digits)
    return _plain(digits, "cardinal")


def ordinal(digits: str) -> str:
    """3 is third."""
    digits = digits.replace(",", "")
    if len(digits) > MAX_CARDINAL_DIGITS:
        return f"{by_digit(digits)}th"
    return _plain(digits, "ordinal")


def decimal(digits: str) -> str:
    """3.14 is three point one four; .5 is point five; 2.0.1 is two point zero point one."""
    whole, *parts = digits.split(".")
    words = [cardinal(whole)] if whole else []
    for part in parts:
        words += "point", by_digit(part)
    return " ".join(words)


def version(digits: str) -> str:
    """2.0.1 is two point oh point one, and 3.11 is three point eleven."""
    whole, *parts = digits.split(".")
    return " point ".join([cardinal(whole), *map(_part, parts)])


def _part(digits: str) -> str:
    return digits_with_oh(digits) if digits.startswith("0") else cardinal(digits)


def paired(digits: str) -> str:
    """Numbers of houses and models in pairs: 221 is two twenty-one, 4090 is forty ninety."""
    if len(digits) not in (3, 4) or digits.startswith("0") or digits.endswith("000"):
        return cardinal(digits) if len(digits) < 5 else digits_with_oh(digits)
    hundreds, rest = digits[:-2], digits[-2:]
    if rest == "00":
        return f"{cardinal(hundreds)} hundred"
    return f"{cardinal(hundreds)} {'oh ' if rest[0] == '0' else ''}{cardinal(rest.lstrip('0'))}"


def year(digits: str) -> str:
    """1999 is nineteen ninety-nine, 1908 is nineteen oh eight, 2005 is two thousand five."""
    return _plain(digits, "year").replace("oh-", "oh ")


def decade(digits: str) -> str:
    """1990 is nineteen nineties and 90 is nineties; 1900 is nineteen hundreds."""
    return plural(year(digits) if len(digits) == 4 else cardinal(digits))


def plural(words: str) -> str:
    """The plural of a number in words: sixes, forty-sevens, nineties."""
    if words.endswith("y"):
        return f"{words[:-1]}ies"
    return f"{words}es" if words.endswith("x") else f"{words}s"


def fraction(above: int, below: int) -> str:
    """1/2 is one half, and 3/4 is three quarters."""
    part = {2: "half", 4: "quarter"}.get(below) or ordinal(str(below))
    plural = {"half": "halves"}.get(part, f"{part}s")
    return f"{cardinal(str(above))} {part if above == 1 else plural}"


def clock(hour: int, minute: int) -> str:
    """4:45 is four forty-five, 10:05 is ten oh five, 4:00 is four."""
    hours = cardinal(str(hour))
    return f"{hours} {minutes(minute)}" if minute else hours


def minutes(minute: int) -> str:
    """The minutes of a time: 5 is oh five."""
    return f"{'oh ' if minute < 10 else ''}{cardinal(str(minute))}"


def power(exponent: str) -> str:
    """An exponent: 2 is squared, 3 is cubed, 6 is to the sixth, -3 is to the minus three."""
    if exponent in ("2", "3"):
        return "squared" if exponent == "2" else "cubed"
    if exponent.startswith("-"):
        return f"to the minus {cardinal(exponent[1:])}"
    return f"to the {ordinal(exponent.lstrip('+')) if exponent.lstrip('+').isdigit() else exponent}"


def by_digit(digits: str) -> str:
    """Digit by digit: 101 is one zero one."""
    return " ".join(DIGITS[int(digit)] for digit in digits)


def digits_with_oh(digits: str) -> str:
    """Digit by digit as in a telephone number: 101 is one oh one."""
    return by_digit(digits).replace("zero", "oh")


def _plain(digits: str, kind: str) -> str:
    from num2words import num2words  # imported here, as training from features does not need it

    return num2words(int(digits), to=kind).replace(",", "").replace(" and ", " ")
