"""Rewrites of quantities for languages with a decimal comma, which give the words for them."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tts.text.rewrite import DIGIT, Rewrite, any_of, apart, rewrite

WHOLE = r"(?:[0-9]{1,3}(?:[.\u202f ][0-9]{3}){1,6}(?![0-9])|[0-9]+)"
NUMBER = rf"(?P<number>{WHOLE}(?:,[0-9]+)?)"
RANGE = rf"(?:(?P<to> ?[-–] ?)(?P<end>{WHOLE}(?:,[0-9]+)?))?"
BEFORE = r"(?<![\w.,/:])(?P<minus>[-−])?"
MU, OMEGA = "\N{GREEK SMALL LETTER MU}", "\N{GREEK CAPITAL LETTER OMEGA}"
SIGNS = "€$£¥"


@dataclass(frozen=True, slots=True)
class Noun:
    """What is counted: one of it, many of it, and its gender, m, f or n."""

    one: str
    many: str
    gender: str = "m"


@dataclass(frozen=True, kw_only=True, slots=True)
class Wording:
    """How a language says quantities. A count before a noun agrees with its gender."""

    cardinal: Callable[[int], str]
    before_noun: Callable[[int, str], str]
    clock: Callable[[int, int], str]
    fraction: Callable[[int, int], str]
    point: str
    minus: str
    to: str
    percent: str
    by: str
    per: str
    magnitudes: Mapping[str, Noun]
    large: str  # what stands between a magnitude and what there is so much of
    currencies: Mapping[str, tuple[Noun, Noun]]
    coins: str  # what stands between the money and its cents
    units: Mapping[str, Noun]
    hours: str  # a pattern of what may follow a time, and is said by the clock

    def number(self, written: str) -> str:
        """Digits with a decimal comma: 3,14 is three comma one four."""
        whole, _, part = re.sub(r"[.\u202f ]", "", written).partition(",")
        if len(whole) > 15 or (len(whole) > 1 and whole.startswith("0")):
            return self.digits(whole)
        return self.cardinal(int(whole)) + (f" {self.point} {self.digits(part)}" if part else "")

    def digits(self, digits: str) -> str:
        """Digit after digit."""
        return " ".join(self.cardinal(int(digit)) for digit in digits)

    def counted(self, written: str, noun: Noun) -> str:
        """So many of a noun."""
        if "," in written or len(written) > 15:
            return f"{self.number(written)} {noun.many}"
        count = int(re.sub(r"[.\u202f ]", "", written))
        return f"{self.before_noun(count, noun.gender)} {noun.one if count == 1 else noun.many}"


def quantity_rewrites(wording: Wording, *others: Rewrite) -> tuple[Rewrite, ...]:
    """The rewrites of quantities in the words of a language, the plainest after any others."""
    return (
        _times(wording),
        *_money(wording),
        _percents(wording),
        _measures(wording),
        _fractions(wording),
        _ranges(wording),
        *others,
        _numbers(wording),
    )


def _said(wording: Wording, match: re.Match[str], noun: Noun) -> str:
    minus = f"{wording.minus} " if match["minus"] else ""
    if match["end"]:
        first = wording.number(match["number"])
        return f"{minus}{first} {wording.to} {wording.counted(match['end'], noun)}"
    return minus + wording.counted(match["number"], noun)


def _times(wording: Wording) -> Rewrite:
    @rewrite(
        rf"(?<![\w:.,])(?P<hour>[01]?[0-9]|2[0-4])(?::(?P<minute>[0-5][0-9])(?![\w:])"
        rf"(?: ?{wording.hours})?"
        rf"|\.(?P<late>[0-5][0-9]) ?{wording.hours})",
        needs=r"[0-9][:.][0-5]",
    )
    def say_times(match: re.Match[str]) -> str:
        """A time of day is read by the clock."""
        return apart(
            match, wording.clock(int(match["hour"]), int(match["minute"] or match["late"]))
        )

    return say_times


def _money(wording: Wording) -> tuple[Rewrite, Rewrite]:
    size = rf"(?: ?(?P<size>{any_of(wording.magnitudes)})(?!\w))?"

    def amount(match: re.Match[str]) -> str:
        whole, part = wording.currencies[match["sign"]]
        if match["size"]:
            many = _said(wording, match, wording.magnitudes[match["size"]])
            return apart(match, f"{many} {wording.large}{whole.many}")
        number, _, cents = match["number"].partition(",")
        if match["end"] or len(cents) != 2:
            return apart(match, _said(wording, match, whole))
        minus = f"{wording.minus} " if match["minus"] else ""
        if not int(cents):
            return apart(match, minus + wording.counted(number, whole))
        coins = wording.counted(str(int(cents)), part)
        if number == "0":
            return apart(match, minus + coins)
        return apart(match, f"{minus}{wording.counted(number, whole)} {wording.coins}{coins}")

    @rewrite(rf"{BEFORE}(?P<sign>[{SIGNS}]) ?{NUMBER}{RANGE}{size}", needs=f"[{SIGNS}]")
    def say_money(match: re.Match[str]) -> str:
        """Money is counted in its units and cents."""
        return amount(match)

    @rewrite(
        rf"{BEFORE}{NUMBER}{RANGE}{size} ?(?P<sign>[{SIGNS}]|(?:{any_of(wording.currencies)})\b)",
        needs=rf"[{SIGNS}]|{any_of(one for one in wording.currencies if one.isalpha())}",
    )
    def say_money_after(match: re.Match[str]) -> str:
        """A sign after its amount is read like one before it."""
        return amount(match)

    return say_money, say_money_after


def _percents(wording: Wording) -> Rewrite:
    @rewrite(rf"{BEFORE}{NUMBER}{RANGE} ?%", needs="%")
    def say_percents(match: re.Match[str]) -> str:
        """A share is so many of a hundred."""
        return apart(match, _said(wording, match, Noun(wording.percent, wording.percent)))

    return say_percents


def _measures(wording: Wording) -> Rewrite:
    @rewrite(
        rf"{BEFORE}{NUMBER}{RANGE}(?P<space> ?)(?P<unit>{any_of(wording.units)})(?![\w/^])",
        needs=rf"[0-9] ?[A-Za-z°{MU}{OMEGA}]",
    )
    def say_measures(match: re.Match[str]) -> str:
        """A number and a unit are said in full."""
        return apart(match, _said(wording, match, wording.units[match["unit"]]))

    return say_measures


def _fractions(wording: Wording) -> Rewrite:
    @rewrite(
        r"(?<![\w/.,-])(?:(?P<whole>[0-9]{1,3}) )?(?P<above>[1-9])/(?P<below>[2-9]|10)(?![\w/]|"
        r"[.,][0-9])",
        needs="[0-9]/[0-9]",
    )
    def say_fractions(match: re.Match[str]) -> str:
        """3/4 is three quarters."""
        whole = f"{wording.number(match['whole'])} {wording.by} " if match["whole"] else ""
        return apart(match, whole + wording.fraction(int(match["above"]), int(match["below"])))

    return say_fractions


def _ranges(wording: Wording) -> Rewrite:
    @rewrite(r"(?<=[0-9])(?: ?– ?|-)(?=[0-9])(?![0-9]+-)", needs="[-–]")
    def say_ranges(match: re.Match[str]) -> str:
        """From a number to another is to."""
        return f" {wording.to} "

    return say_ranges


def _numbers(wording: Wording) -> Rewrite:
    @rewrite(rf"(?:(?<!\w)(?P<minus>[-−]))?{NUMBER}", needs=DIGIT)
    def say_numbers(match: re.Match[str]) -> str:
        """A number is counted, digit by digit after its comma."""
        minus = f"{wording.minus} " if match["minus"] else ""
        return apart(match, minus + wording.number(match["number"]))

    return say_numbers
