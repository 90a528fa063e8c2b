"""Rewrites of phonetic notation: what stands in it cannot be read, and is left out."""

import re

from tts.text.normalise.rule import rewrite

# Letters and marks of the International Phonetic Alphabet that ordinary text does not have.
SIGNS = "ɐ-ʯˈˌːˑæðøŋθβχœɕʰʲʷˠˤ̩̯̃ʔ"
SOUNDS = rf"[^/\[\]()\n;,]{{0,80}}[{SIGNS}][^/\[\]()\n;,]{{0,80}}"
NOTATION = rf"(?<![\w/])/{SOUNDS}/(?![\w/])|\[{SOUNDS}\]"
# The names of languages and dialects before a notation.
LABEL = r"(?:[A-Z][A-Za-z]*\.?(?: [A-Za-z]+){0,2}(?:: ?| (?=[/\[])))?"
RESPELT = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
SPACES = re.compile(r"\s+")


@rewrite(
    rf" ?\((?P<inner>{LABEL}(?:{NOTATION})[^()\n]{{0,200}})\)|(?P<bare> ?(?:{NOTATION}))",
    needs=f"[{SIGNS}]",
)
def drop_phonetics(match: re.Match[str]) -> str:
    """Phonetic notation is left out: Linux (/ˈlɪnʊks/) is Linux, and a respelling is read."""
    if match["bare"]:
        return ""
    rest = ANY.sub(" ", match["inner"])
    rest = SPACES.sub(" ", rest).strip(" ,;")
    if not rest:
        return ""
    if match["inner"][0] in "/[" and RESPELT.fullmatch(rest):
        return f" ({rest.lower().replace('ər', 'er').replace('ə', 'uh')})"
    return f" ({rest})"


ANY = re.compile(rf"{LABEL}(?:{NOTATION})")


@rewrite(r"(?<![\w/])/(?P<sounds>[a-z]{1,2})/(?![\w/])", needs="/[a-z]{1,2}/")
def read_sounds(match: re.Match[str]) -> str:
    """A sound between slashes is read as its letter: /t/ is t."""
    return " ".join(match["sounds"].upper())


REWRITES = (drop_phonetics, read_sounds)
