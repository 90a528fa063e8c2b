"""Words that are spelt alike and said otherwise: which it is, from the words around it.

The words, their parts of speech and what speaks for each of them stand in heteronyms.tsv.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from tts.text.grammar import AFTER, BEFORE, governing, kind
from tts.text.ipa import with_s

NEAR = 8
USUAL = "usual"
CUE, NAME = 2.5, 4.0
NAMES = dict.fromkeys(("we", "he", "it", "me"), "pronoun")
NAMES |= {"thing": "noun", "the thing": "noun", "many things": "plural", "edge": "pause"}


@dataclass(frozen=True, slots=True)
class Sense:
    """A way to say a word: the part it plays, its phones, and the words that speak for it."""

    part: str
    phones: str
    cues: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Context:
    """What surrounds a word: the kinds of its neighbours, and every cue there is."""

    before: str
    after: str
    cues: frozenset[str]
    capital: bool


def heteronyms(words: Sequence[str]) -> Iterator[tuple[int, str, str]]:
    """Place and phones of each word of a sentence that can be said in several ways, and why so.

    A word that is best said as usual is left to whoever says the rest.
    """
    table = senses()
    for place, word in enumerate(words):
        if known := table.get(word.lower()):
            context = _context(words, place)
            best = max(known, key=lambda sense: _score(sense, context))
            if best.part != USUAL:
                yield place, best.phones, _why(best, context)


def _score(sense: Sense, context: Context) -> float:
    grammar = BEFORE.get(context.before, {}).get(sense.part, 0.0)
    grammar += AFTER.get(context.after, {}).get(sense.part, 0.0)
    named = NAME if context.capital and sense.part == "name" else 0.0
    return grammar + named + CUE * len(sense.cues & context.cues)


def _why(sense: Sense, context: Context) -> str:
    """The part it plays, and what spoke for it most: words near by, or else its neighbours."""
    if cues := sense.cues & context.cues:
        return f"{sense.part}, by {', '.join(sorted(cue.lstrip('<>') for cue in cues))}"
    votes = {
        f"after {_named(context.before)}": BEFORE.get(context.before, {}).get(sense.part, 0.0),
        f"before {_named(context.after)}": AFTER.get(context.after, {}).get(sense.part, 0.0),
    }
    most = max(votes, key=votes.__getitem__)
    return f"{sense.part}, {most}" if votes[most] > 0 else sense.part


def _named(kind: str) -> str:
    """What a reader calls a kind of words that we name by one of them."""
    return NAMES.get(kind, kind)


def _context(words: Sequence[str], place: int) -> Context:
    first = max(0, place - NEAR)
    near = [word.lower() for word in words[first : place + NEAR + 1]]
    here = place - first
    governor = here - 1
    while governor >= 0 and kind(near[governor]) == "adverb":
        governor -= 1
    before = governing(near[max(0, governor - 1) : governor + 1])
    after = near[here + 1] if here + 1 < len(near) else "."
    beside = {f">{after}", f"<{near[here - 1]}" if here else "<."}
    cues = frozenset(beside | {*near[:here], *near[here + 1 :]})
    return Context(before, kind(after), cues, place > 0 and words[place][0].isupper())


@cache
def senses() -> dict[str, tuple[Sense, ...]]:
    """The senses of each word, plurals and third persons as well."""
    table: dict[str, tuple[Sense, ...]] = {}
    for line in files("tts.text").joinpath("heteronyms.tsv").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            word, part, phones, *cues = line.split("\t")
            sense = Sense(part, phones, frozenset(" ".join(cues).split()))
            table[word] = (*table.get(word, ()), sense)
    inflected = {_with_s(word): _inflected(known) for word, known in table.items()}
    return {word: known for word, known in inflected.items() if known} | table


def _inflected(known: tuple[Sense, ...]) -> tuple[Sense, ...]:
    parts = {"noun": "plural", "verb": "third"}
    return tuple(
        Sense(parts[sense.part], with_s(sense.phones), sense.cues)
        for sense in known
        if sense.part in parts
    )


def _with_s(word: str) -> str:
    return f"{word}es" if word.endswith(("s", "sh", "x")) else f"{word}s"
