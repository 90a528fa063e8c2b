"""Rewrites of numbers in the plural, whose s is not the sign of seconds: 747s, sixes, F-16s."""

import re

from tts.text.normalise.english import numbers
from tts.text.normalise.rule import rewrite, set_apart

NUMBER_WORD = (
    r"(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|[a-z]+teen|[a-z]+ty|hundred|"
    r"thousand|dozen|[2-9]|[1-9][0-9])"
)
# After these words, a number with s is several of them.
SEVERAL = re.compile(
    rf"\b(?:(?i:{NUMBER_WORD}|the|these|those|both|all|some|many|few|several|more|most|other|no|any|"
    r"pairs?|size|sizes|straight|old|new|used|double|triple|boeing|porsche|ferrari|airbus|his|her|"
    r"their|our|my|your|iphone|galaxy|pixel|xbox|levi's|colt|nokia|"
    r"of))(?: of)? $|(?<=[a-z] )[A-Z][A-Za-z'-]+ $|[0-9]s,? (?:and|or|&) $"
)
LISTED = re.compile(r" (?:and|or|&) [0-9A-Z-]+s\b|, [0-9A-Z-]+s\b")
# Before or after these words, the s of a number is the sign of seconds.
TIMED = re.compile(
    r"\b(?i:takes?|took|taken|last|lasts|lasted|waits?|waited|waiting|every|within|after|time-?out|"
    r"ttl|delay|interval|duration|elapsed|exposure|sleep|sleeps|slept|paused?|seconds?|"
    r"runtime|latency|uptime|holds?|ran|clocked|record)\b"
    r"(?: (?:of|is|was|it|for|in|about|to|a|an|only|just|up to|him|her|them|me|us|set to))*"
    r"(?: [=:])?[:=]? (?:[0-9]+s,? (?:and|or) )?$"
)
BRIEFLY = re.compile(r"\b(?:[Ii]n|[Ff]or|[Aa]bout|[Uu]nder|[Oo]ver|[Tt]o|than|only|just|last) $")
TIMED_AFTER = re.compile(
    r" (?:(?:delay|time-?out|interval|exposure|window|clips?|videos?|wait|pause|cooldown|limit|"
    r"timer|countdown|lap|sprint|mark|later|ago|apart|long|intervals?|intro|break|rest|ad|ads)\b|"
    r"(?:to|until|before|per)\b)"
)
MODEL = re.compile(r"\b(?:iPhone|Samsung) $")


@rewrite(r"(?<![\w.,$-])(?P<digits>[0-9]{1,2})er(?P<several>s)?\b", needs="[0-9]ers?\\b")
def say_members(match: re.Match[str]) -> str:
    """49ers are forty-niners."""
    words = numbers.cardinal(match["digits"]).removesuffix("e")
    return f"{words}er{match['several'] or ''}"


@rewrite(r"(?<![\w.,])\$(?P<digits>[0-9]{1,4})s\b", needs=r"\$[0-9]+s")
def say_plural_notes(match: re.Match[str]) -> str:
    """Three $20s are three twenties, and $100s are hundreds."""
    return numbers.plural(numbers.cardinal(match["digits"]).removeprefix("one "))


@rewrite(r"(?<![\w.,])(?P<digits>1(?:,?000|0{1,2})(?:,?000)*)s of\b", needs="0s of")
def say_multitudes(match: re.Match[str]) -> str:
    """100s of people are hundreds of people."""
    words = numbers.cardinal(match["digits"]).removeprefix("one ")
    first, space, rest = words.partition(" ")
    return f"{numbers.plural(first)}{' of ' + numbers.plural(rest) if space else ''} of"


@rewrite(r"(?<![\w.,])(?P<wide>[1-9])[x×](?P<high>[1-9][0-9]?)s\b", needs="[0-9][x×][0-9]+s")
def say_plural_timber(match: re.Match[str]) -> str:
    """2x4s are two by fours."""
    return f"{numbers.cardinal(match['wide'])} by {numbers.plural(numbers.cardinal(match['high']))}"


@rewrite(r"\b(?P<name>[A-Z][A-Za-z]{0,5})-(?P<digits>[0-9]{1,4})'?s\b(?!')", needs=r"-[0-9]+'?s")
def say_plural_models(match: re.Match[str]) -> str:
    """F-16s are F sixteens, and B-52s are B fifty-twos."""
    return f"{match['name']} {numbers.plural(numbers.paired(match['digits']))}"


@rewrite(
    r"(?<![\w.,$£€'’/:#%-])(?P<digits>[0-9]{1,4})(?P<mark>')?s(?![\w'/-])", needs=r"[0-9]'?s\b"
)
def say_plural_numbers(match: re.Match[str]) -> str:
    """747s are seven forty-sevens and two 6s are two sixes, but 5s after took are seconds."""
    if MODEL.search(match.string, max(0, match.start() - 8), match.start()):
        if len(match["digits"]) == 1:  # the letter is of the name
            return f"{numbers.cardinal(match['digits'])} S"
    elif not match["mark"] and _is_time(match):
        return match.group()
    return set_apart(match, numbers.plural(numbers.paired(match["digits"])))


def _is_time(match: re.Match[str]) -> bool:
    text, start, end, digits = match.string, match.start(), match.end(), match["digits"]
    if TIMED.search(text, max(0, start - 30), start) or TIMED_AFTER.match(text, end):
        return True
    several = SEVERAL.search(text, max(0, start - 20), start) or LISTED.match(text, end)
    if len(digits) < 3:
        return not several
    return bool(BRIEFLY.search(text, max(0, start - 7), start)) and digits[-1] in "05"


REWRITES = (
    say_members,
    say_plural_notes,
    say_multitudes,
    say_plural_timber,
    say_plural_models,
    say_plural_numbers,
)
