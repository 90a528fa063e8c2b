"""Rewrites of lengthened words: sooo, nooo, hmmmm."""

import re
from itertools import groupby

from tts.text.normalise.english.words.acronyms import SPELT
from tts.text.normalise.roman import read_roman
from tts.text.normalise.rule import rewrite

# Words with a letter twice or more in a row, listed by hand. In other words, a lengthened letter
# becomes one.
DOUBLED = """
hmm mmm shh brr grr zzz aww eww pfft psst ooh boo woo hoo wee whee woohoo too good cool food mood
book look took soon moon noon room school goose loose fool pool tool root boom zoom see free need
feel feed deep keep sleep sweet week meet street seen been green queen three tree agree indeed all
ball call fall tall small well hell tell yell bell kill will still pull full really hello yellow
goodbye happy sorry pretty funny silly finally totally tomorrow yummy daddy mommy puppy kitty baddie
stuff off class kiss miss pass boss mess stress add egg beep creep creepy sheep cheese freeze breeze
ridiculously coolest
"""
SQUEEZED = {
    re.sub(r"(.)\1+", r"\1", word): [(letter, len(list(run))) for letter, run in groupby(word)]
    for word in DOUBLED.split()
}
ONLY = {"a": "ah", "o": "ooh", "e": "ee", "m": "mmm", "z": "zzz"}


@rewrite(
    r"(?<![\w.'@/])[A-Za-z]*?([A-Za-z])(?i:\1\1)[A-Za-z]*(?![\w@/])",
    needs=r"(?i)([a-z])\1\1",
)
def shorten_drawn(match: re.Match[str]) -> str:
    """A lengthened word is shortened: sooo is so, and coooool is cool."""
    word = match.group()
    if word in SPELT:  # IEEE
        return word
    letter = word[0].lower()
    if len(set(word.lower())) == 1:
        # AAA is spelt, and so is www
        short = "" if word.isupper() and letter != "z" else ONLY.get(letter, "")
    else:
        short = "" if read_roman(word) else _short(word.lower())
    if not short:
        return word
    return short.upper() if word.isupper() else short.capitalize() if word[0].isupper() else short


def _short(drawn: str) -> str:
    """A listed word with the same letters, or else one letter for three or more in a row."""
    runs = [(letter, len(list(run))) for letter, run in groupby(drawn)]
    known = SQUEEZED.get("".join(letter for letter, _ in runs), [])
    if known and all(run >= least for (_, run), (_, least) in zip(runs, known, strict=True)):
        return "".join(letter * least for letter, least in known)
    return "".join(letter * (run if run < 3 else 1) for letter, run in runs)


REWRITES = (shorten_drawn,)
