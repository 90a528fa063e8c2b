"""Words that are spelt alike and said otherwise: which it is, from the words around it.

The words, their parts of speech and what speaks for each of them stand in heteronyms.tsv.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from tts.text.ipa import with_s

NEAR = 8
USUAL = "usual"
CUE, NAME = 2.5, 4.0


def _kinds() -> dict[str, str]:
    words = {
        "article": "a an the my your our their its his every each some any no another whose",
        "demonstrative": "this that these those her",
        "number": "two three four five six seven eight nine ten many several few both all most",
        "to": "to",
        "modal": "will would can could may might must shall should do did does don't doesn't "
        "didn't won't wouldn't can't couldn't shouldn't cannot let's please i'll you'll he'll "
        "she'll it'll we'll they'll i'd you'd he'd she'd we'd they'd",
        "we": "i you we they who",
        "he": "he she it nobody everyone someone everybody somebody",
        "me": "me him us them himself herself itself themselves myself yourself",
        "have": "have has had having i've you've we've they've haven't hasn't hadn't",
        "be": "is are was were be been being am isn't aren't wasn't weren't i'm you're he's she's "
        "it's we're they're that's",
        "of": "of",
        "preposition": "in on at by for with from about into over against under between through "
        "after before without during within behind near as like than toward towards",
        "many things": "people men women children police folk mice cattle",
        "conjunction": "and or but then if when while because so",
        "adverb": "not never always often still also just even rarely sometimes soon ever again "
        "seldom already now once twice",
        "degree": "very quite too more rather most",
    }
    return {word: kind for kind, group in words.items() for word in group.split()}


KINDS = _kinds()
# How much the word before, and the word after, speaks for each part of speech.
BEFORE: dict[str, dict[str, float]] = {
    "article": {"noun": 3, "plural": 3, "adjective": 2, "verb": -3, "third": -3, "past": -3},
    "demonstrative": {"noun": 1.5, "plural": 1.5, "adjective": 1, "verb": -0.5, "third": -0.5},
    "number": {"plural": 2.5, "noun": -0.5, "adjective": 1, "third": -2},
    "to": {"verb": 4, "noun": -1, "third": -3, "past": -2},
    "modal": {"verb": 4, "noun": -2, "plural": -2, "adjective": -2, "third": -3, "past": -2},
    "we": {"verb": 2.5, "past": 1.5, "noun": -2, "plural": -2, "adjective": -1, "third": -3},
    "he": {"third": 3, "past": 3, "verb": -2, "noun": -2, "plural": -2},
    "me": {"verb": 1, "adjective": 1},
    "have": {"past": 3.5, "noun": 0.5, "verb": -2},
    "be": {"adjective": 2, "past": 1.5, "plural": 0.5, "verb": -3, "third": -3},
    "of": {"noun": 2, "plural": 2, "adjective": 0.5, "verb": -3, "third": -3, "past": -3},
    "preposition": {"noun": 1.5, "plural": 1.5, "adjective": 0.5, "verb": -2, "third": -2},
    "degree": {"adjective": 2, "noun": -1, "verb": -1},
    "many things": {"verb": 1.5, "past": 0.5, "adjective": 0.5, "noun": -0.3, "third": -2},
    "the thing": {"noun": 1.7, "plural": 1.7, "third": 0.7, "past": 1, "verb": -1.5},
    "thing": {
        "noun": 0.7,
        "plural": 0.3,
        "third": 0.3,
        "past": 0.7,
        "adjective": 0.3,
        "verb": -0.3,
    },
}
AFTER: dict[str, dict[str, float]] = {
    "article": {"verb": 2, "third": 2, "past": 2, "noun": -1, "adjective": -1.5},
    "demonstrative": {"verb": 1.5, "third": 1.5, "past": 1.5, "noun": -0.5, "adjective": -1},
    "number": {"verb": 1, "third": 1, "past": 1, "adjective": 0.3},
    "me": {"verb": 3, "third": 3, "past": 3, "noun": -1, "adjective": -1.5},
    "we": {"noun": 0.7, "plural": 0.7},
    "he": {"noun": 0.5, "plural": 0.5, "verb": 0.5},
    "of": {"noun": 2, "plural": 2, "verb": -1.5, "adjective": -1.5},
    "be": {"noun": 1.5, "plural": 1.5, "verb": -2, "third": -2, "past": -2, "adjective": -1},
    "have": {"noun": 1.5, "plural": 1.5, "verb": -2, "third": -2, "past": -2, "adjective": -1},
    "modal": {"noun": 1.5, "plural": 1.5, "verb": -2, "third": -2, "past": -2, "adjective": -1},
    "preposition": {"noun": 0.3, "plural": 0.3},
    "adverb": {"verb": 0.7, "third": 0.7, "past": 0.7},
    "many things": {"adjective": 1.5, "noun": 0.2, "verb": 0.2, "third": 0.2},
    "thing": {"adjective": 1, "verb": 0.2, "third": 0.2},
    "edge": {"noun": 0.5, "plural": 0.5, "adjective": 0.5},
}


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


def heteronyms(words: Sequence[str]) -> Iterator[tuple[int, str]]:
    """The place of each word of a sentence that can be said in several ways, and its phones.

    A word that is best said as usual is left to whoever says the rest.
    """
    table = senses()
    for place, word in enumerate(words):
        if known := table.get(word.lower()):
            context = _context(words, place)
            best = max(known, key=lambda sense: _score(sense, context))
            if best.part != USUAL:
                yield place, best.phones


def _score(sense: Sense, context: Context) -> float:
    grammar = BEFORE.get(context.before, {}).get(sense.part, 0.0)
    grammar += AFTER.get(context.after, {}).get(sense.part, 0.0)
    named = NAME if context.capital and sense.part == "name" else 0.0
    return grammar + named + CUE * len(sense.cues & context.cues)


def _context(words: Sequence[str], place: int) -> Context:
    first = max(0, place - NEAR)
    near = [word.lower() for word in words[first : place + NEAR + 1]]
    here = place - first
    governor = here - 1
    while governor >= 0 and _kind(near[governor]) == "adverb":
        governor -= 1
    before = _governing(near[max(0, governor - 1) : governor + 1])
    after = near[here + 1] if here + 1 < len(near) else "."
    beside = {f">{after}", f"<{near[here - 1]}" if here else "<."}
    cues = frozenset(beside | {*near[:here], *near[here + 1 :]})
    return Context(before, _kind(after), cues, place > 0 and words[place][0].isupper())


def _governing(words: Sequence[str]) -> str:
    """What the last of two words is to the one after it."""
    *others, kind = [_kind(word) for word in words] or ["edge"]
    match others, kind:
        case ["modal"], "he":  # a question: did he record
            return "modal"
        case ["article"], "thing":
            return "the thing"
        case _:
            return kind


def _kind(word: str) -> str:
    if not word[0].isalpha():
        return "edge"
    if known := KINDS.get(word):
        return known
    if word.endswith(("'s", "s'")):
        return "article"
    if word.endswith("ly"):
        return "adverb"
    return "many things" if word.endswith("s") and not word.endswith("ss") else "thing"


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
