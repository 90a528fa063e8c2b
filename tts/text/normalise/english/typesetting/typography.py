"""Rewrites of signs that lay out a text: stars, arrows, keycaps, numbers of items in a line."""

import re

from tts.text.normalise.english import numbers
from tts.text.normalise.rule import rewrite

SEEN = 300  # characters in which the item before must begin; chosen by hand


@rewrite(
    r"(?P<rated>(?<=[0-9]) ?[★⭐]\ufe0f?(?![★⭐]))|"
    r"(?<![★☆⭐\ufe0f])(?P<full>(?:[★⭐]\ufe0f?){1,5})(?P<half>[½⯨])?(?P<empty>☆{0,4})(?![★☆⭐])",
    needs="[★⭐]",
)
def count_stars(match: re.Match[str]) -> str:
    """A rating in stars is counted: ★★★★☆ is four out of five stars."""
    if match["rated"]:
        return " stars"
    full, empty = sum(map(match["full"].count, "★⭐")), len(match["empty"])
    if not empty and full < 3:
        return match.group()
    count = numbers.cardinal(str(full)) + (" and a half" if match["half"] else "")
    if empty:
        return f" {count} out of {numbers.cardinal(str(full + empty))} stars, "
    return f" {count} stars, "


@rewrite(r"(?P<up>[↑▲])(?= ?[0-9$£€])|[↓▼](?= ?[0-9$£€])|§§ ?", needs="[↑↓▲▼§]")
def say_arrows(match: re.Match[str]) -> str:
    """An arrow before a number is up or down, and two signs of a section are sections."""
    if match.group()[0] == "§":
        return "sections "
    return "up " if match["up"] else "down "


@rewrite("(?P<digit>[0-9])\ufe0f?\u20e3(?P<item> ?(?=[A-Z]))?", needs="\u20e3")
def read_keycaps(match: re.Match[str]) -> str:
    """A digit on a key is read as the digit."""
    return match["digit"] + (", " if match["item"] is not None else "")


@rewrite(r"(?m)^ *={2,6} ?(?P<heading>[^=\n]+?) ?={2,6} *$", needs="==")
def drop_heading_signs(match: re.Match[str]) -> str:
    """The signs around a heading, == so ==, are not read."""
    return match["heading"]


# A number after these ends a sentence, and begins no item.
COUNTED = re.compile(
    r"\b(?i:is|was|are|were|be|been|am|i'm|it's|to|of|in|on|at|by|for|from|with|than|about|only|"
    r"just|and|or|not|mean|number|level|version|step|part|page|chapter|room|gate|score|scored|got|"
    r"had|has|have|turned|age|aged|day|under|over|like) $"
)


@rewrite(
    r"(?<=[a-z0-9)])(?P<colon>:)? (?P<number>[1-9][0-9]?)(?P<mark>[.)]) "
    r"(?=(?P<capital>[A-Z])|[a-z])",
    needs=r"[0-9][.)] [A-Za-z]",
)
def part_items(match: re.Match[str]) -> str:
    """The number of an item within a line begins the item, and does not end the one before it."""
    text, number, mark = match.string, int(match["number"]), match["mark"]
    if mark == "." and not match["capital"]:
        return match.group()
    if COUNTED.search(text, max(0, match.start() - 9), match.start() + 1):
        return match.group()
    if number == 1:
        listed = f" 2{mark} " in text[match.end() : match.end() + SEEN]
        return f"{match['colon'] or ','} 1, " if listed else match.group()
    before = text[max(0, match.start() - SEEN) : match.start()]
    if not re.search(rf"(?<!\S){number - 1}{re.escape(mark)} ", before):
        return match.group()
    return f"{';' if mark == ')' else '.'} {number}, "


@rewrite("(?<=[0-9]) ?º(?= ?[CF]\\b)", needs="º")
def mark_degrees(match: re.Match[str]) -> str:
    """An ordinal sign before a scale of temperature is a degree sign: 45 ºC is 45 °C."""
    return "°"


REWRITES = (mark_degrees, count_stars, say_arrows, read_keycaps, drop_heading_signs, part_items)
