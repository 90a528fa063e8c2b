"""Rewrites of scores in sports: runs and wickets in cricket."""

import re

from tts.text.normalise.english import numbers
from tts.text.normalise.rule import rewrite

# A number of runs follows these.
SCORED = re.compile(
    r"\b(?:made|scored|scoring|reached|posted|declared (?:at|on)|slumped to|collapsed to|chased|"
    r"chasing|innings of)(?: only| just)? $"
)
BEFORE = re.compile(
    r"\b(?:scores?|reach|were|was|are|at|on|to|declared|totals?|totalled|innings|finished|closed|"
    r"ended|had|India|England|Australia|Pakistan|Zealand|Africa|Lanka|Bangladesh|Indies|Zimbabwe|"
    r"Afghanistan|Ireland):? $"
)
AFTER = re.compile(
    r" ?(?:at (?:stumps|lunch|tea|the close)|(?:d|dec)\b|declared|\([0-9.]+ ?ov|"
    r"(?:in|after|off) [0-9]+(?:\.[0-9])? overs)|"
    r",? (?:with|needing|still|a lead|leading|trailing)\b"
)
CLUB = re.compile(
    r"(?i:\b(?:wickets?|cricket|innings|overs|batsm[ae]n|batters?|bowlers?|stumps|India|England|"
    r"Australia|Pakistan|New Zealand|South Africa|Sri Lanka|Bangladesh|West Indies|Zimbabwe)\b)"
)
NEAR_CHARACTERS = 60


@rewrite(
    r"(?<![\w/.,$-])(?P<runs>[1-9][0-9]{1,2})/(?P<wickets>[0-9])(?P<declared>d|dec)?(?![\w/%-]|[.,][0-9])",
    needs="[0-9]{2}/[0-9]",
)
def say_wickets(match: re.Match[str]) -> str:
    """In cricket, 330/5 is three hundred thirty for five."""
    text, start, end = match.string, match.start(), match.end()
    around = text[max(0, start - NEAR_CHARACTERS) : end + NEAR_CHARACTERS]
    shown = BEFORE.search(text, max(0, start - 20), start) or AFTER.match(text, end)
    scored = SCORED.search(text, max(0, start - 24), start)
    if not scored and not (CLUB.search(around) and shown):
        return match.group()
    declared = " declared" if match["declared"] else ""
    return f"{numbers.cardinal(match['runs'])} for {numbers.cardinal(match['wickets'])}{declared}"
