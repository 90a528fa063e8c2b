"""Rewrites of the short forms of messages and notes: pls, idk, hrs, nyc.

The table was written by hand. It has no form that is an ordinary word, too. Forms that are said as
letters or as a word everywhere, such as fyi and lol, are not in it.
"""

import re
from collections.abc import Iterable

from tts.text.normalise.rule import DIGIT, any_of, rewrite

SAID = {
    "pls": "please",
    "plz": "please",
    "thx": "thanks",
    "tnx": "thanks",
    "thnx": "thanks",
    "tysm": "thank you so much",
    "ppl": "people",
    "idk": "I don't know",
    "idc": "I don't care",
    "ikr": "I know, right",
    "imo": "in my opinion",
    "imho": "in my humble opinion",
    "tbh": "to be honest",
    "btw": "by the way",
    "brb": "be right back",
    "ttyl": "talk to you later",
    "gtg": "got to go",
    "g2g": "got to go",
    "nvm": "never mind",
    "ngl": "not gonna lie",
    "smh": "shaking my head",
    "afaik": "as far as I know",
    "iirc": "if I remember correctly",
    "irl": "in real life",
    "rn": "right now",
    "ofc": "of course",
    "omw": "on my way",
    "ily": "I love you",
    "hbu": "how about you",
    "wdym": "what do you mean",
    "wyd": "what are you doing",
    "wbu": "what about you",
    "jk": "just kidding",
    "bday": "birthday",
    "b-day": "birthday",
    "tmrw": "tomorrow",
    "tmr": "tomorrow",
    "2moro": "tomorrow",
    "2nite": "tonight",
    "2night": "tonight",
    "2day": "today",
    "gr8": "great",
    "l8": "late",
    "l8r": "later",
    "w8": "wait",
    "h8": "hate",
    "m8": "mate",
    "b4": "before",
    "cuz": "because",
    "bcuz": "because",
    "bcz": "because",
    "abt": "about",
    "msg": "message",
    "msgs": "messages",
    "ur": "your",
    "ya'll": "y'all",
    "govt": "government",
    "dept": "department",
    "mgmt": "management",
    "yr": "year",
    "yrs": "years",
    "hr": "hour",
    "hrs": "hours",
    "mins": "minutes",
    "secs": "seconds",
    "wk": "week",
    "wks": "weeks",
    "mth": "month",
    "mths": "months",
    "qty": "quantity",
    "nyc": "N Y C",
    "cia": "C I A",
    "irs": "I R S",
    "seo": "S E O",
    "ai": "A I",
    "ux": "U X",
    "ufc": "U F C",
    "ncaa": "N C double A",
    "asap": "A S A P",
    "aka": "also known as",
}


# These are nouns, which follow an article; after one, the others are no short forms.
NOUNS = (
    "ppl", "bday", "b-day", "m8", "msg", "msgs", "govt", "dept", "mgmt", "yr", "yrs", "hr", "hrs",
    "mins", "secs", "wk", "wks", "mth", "mths", "qty", "nyc", "cia", "irs", "seo", "ai", "ux",
    "ufc", "ncaa", "2day", "2nite", "2night", "tmrw", "tmr", "2moro",
)  # fmt: skip
ARTICLE = re.compile(
    r"\b(?i:the|an?|my|your|his|her|its|our|their|this|that|first|last|square|pawn|rook|to) $"
)
# With a capital these are names or acronyms.
SMALL_ONLY = (
    "abt",
    "ai",
    "cia",
    "cuz",
    "hr",
    "ily",
    "irs",
    "jk",
    "rn",
    "seo",
    "smh",
    "ur",
    "ux",
    "wk",
)
# These are squares of a chessboard, too.
SQUARES = ("b4", "h8")
AN_HOUR = re.compile(r"\b(?:an?|per|each|every|one|half|last|next|this|that) $")
MOVED = re.compile(r"\. ?$|\b(?!gr8|[hm]8)[a-hNBRQK]\w?[1-8] $")
SPEAKS = re.compile(r" (?:[a-z]{1,12}|I)\b")


def _pattern(shorts: Iterable[str]) -> str:
    return rf"(?<![\w'.@/#&-])(?i:(?P<short>{any_of(shorts)}))(?![\w@/&-]|'\w|\.\w)"


@rewrite(_pattern(short for short in SAID if DIGIT.search(short)), needs="[A-Za-z][0-9]|2[A-Za-z]")
def expand_sounds(match: re.Match[str]) -> str:
    """A digit that stands for its sound in a word is read so: gr8 is great."""
    if _is_named(match):
        return match["short"]
    short, text, start = match["short"], match.string, match.start()
    moved = MOVED.search(text, max(0, start - 4), start)
    if short in SQUARES and (moved or not SPEAKS.match(text, match.end())):
        return short
    return _in_case(short)


@rewrite(_pattern(short for short in SAID if not DIGIT.search(short)))
def expand_short_forms(match: re.Match[str]) -> str:
    """A short form of messages is said in full: idk is I don't know."""
    short, start = match["short"], match.start()
    if _is_named(match):
        return short
    if short == "hr" and not AN_HOUR.search(match.string, max(0, start - 6), start):
        return "H R"
    return _in_case(short)


def _is_named(match: re.Match[str]) -> bool:
    """Whether it follows an article or stands before a name, and so is no short form."""
    text, start, end = match.string, match.start(), match.end()
    if match["short"].lower() in NOUNS:
        return False
    return bool(ARTICLE.search(text, max(0, start - 8), start)) or (
        match["short"] == "jk" and text[end : end + 2].strip().isupper()
    )


def _in_case(short: str) -> str:
    """A short form in full, with a capital if it has one; capitals stay as they are."""
    said = SAID[short.lower()]
    if short.islower():
        return said
    if not short[1:].islower() or short.lower() in SMALL_ONLY:
        return short
    return said[0].upper() + said[1:]


REWRITES = (expand_short_forms,)
