"""Rewrites of scores in sports: runs and wickets in cricket."""

import re

from tts.text.normalise.english import numbers
from tts.text.normalise.rule import rewrite

BEFORE = re.compile(
    r"\b(?:made|scored?|scoring|reach(?:ed|ing)?|were|was|are|at|on|to|post(?:ed|ing)?|declared(?: at| on)?|"
    r"chas(?:ed|ing)|totals?|totalled|innings(?: of)?|slumped|collapsed|finished|closed|ended|had|"
    r"India|England|Australia|Pakistan|Zealand|Africa|Lanka|Bangladesh|Indies|Zimbabwe|"
    r"Afghanistan|Ireland|Kent|Surrey|Yorkshire):? $"
)
AFTER = re.compile(
    r" ?(?:at (?:stumps|lunch|tea|the close)|d\b|dec\b|declared|(?:in|after|off) [0-9]+(?:\.[0-9])? overs|"
    r"\([0-9.]+ ?ov)|,? (?:with|needing|still|and still|a lead|leading|trailing)\b"
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
    if not (CLUB.search(around) and shown):
        return match.group()
    declared = " declared" if match["declared"] else ""
    return f"{numbers.cardinal(match['runs'])} for {numbers.cardinal(match['wickets'])}{declared}"
