"""Homographs: words with several pronunciations, which are chosen by the words around them.

The words and their senses are in homographs.tsv. A linear model scores each sense by the features
of the word. It has weights for each sense, and weights that all senses of a part of speech share;
`tts.training.pronunciation.homographs` learns them from labelled sentences.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from heapq import nlargest
from importlib.resources import as_file, files
from pathlib import Path

import numpy as np

from tts.text.pronounce.homograph_features import (
    BIAS,
    ContextFeatures,
    commanded_object,
    context_features,
    describe_feature,
    is_informative,
    past_time,
)
from tts.text.pronounce.ipa import with_s

PACKAGE = "tts.text.pronounce"
CUE = "cue"
AS_USUAL = "-"  # the phones of a sense that is pronounced as in the dictionary
INFLECTED = frozenset(("noun", "nominal", "verb", "any"))  # parts of speech that may have an -s
POSSESSIVE = frozenset(("noun", "nominal", "name", "any", "-"))  # those that may have 's
SHARED = frozenset(("noun", "nominal", "verb", "adjective", "past", "name"))
REASONS = 2  # the most reasons shown for a choice
NAME, HABIT = "name", "habit"
BE = frozenset(("am", "are", "be", "been", "being", "is", "was", "were", "wasn't", "isn't"))
GET = frozenset(("get", "gets", "getting", "got", "gotten", "had", "has", "have"))

Weights = Mapping[str, float]
NONE: Weights = {}


@dataclass(frozen=True, slots=True)
class Sense:
    """A sense of a homograph.

    Args:
        name: its name, such as `past`.
        part: the part of speech whose shared weights it uses.
        phones: its pronunciation.
        cues: words nearby that support it.
        stem: the word whose weights it uses; an inflection uses those of its stem.
    """

    name: str
    part: str
    phones: str
    cues: frozenset[str]
    stem: str


@dataclass(frozen=True, slots=True)
class SenseModel:
    """The weights of the features.

    Args:
        shared: weights by part of speech.
        own: weights by word and sense.
        cue: the weight of each cue of homographs.tsv.
    """

    shared: Mapping[str, Weights] = field(default_factory=dict)
    own: Mapping[tuple[str, str], Weights] = field(default_factory=dict)
    cue: float = 1.0

    def weigh(self, sense: Sense, seen: ContextFeatures) -> dict[str, float]:
        """The weight of each feature for a sense; negative weights are against it."""
        own = self.own.get((sense.stem, sense.name), NONE)
        shared = self.shared.get(sense.part, NONE)
        seen_here = (*seen.near, *seen.context, BIAS) if own else ()
        weights = {one: own[one] for one in seen_here if one in own}
        for one in (*seen.context, BIAS):
            if one in shared:
                weights[one] = weights.get(one, 0.0) + shared[one]
        for one in sense.cues & seen.cues:
            feature = f"{one[0]}={one[1:]}" if one[0] in "<>" else f"near={one}"
            weights[feature] = weights.get(feature, 0.0) + self.cue
        return weights


@dataclass(frozen=True, slots=True)
class Choice:
    """The chosen sense of a homograph in a sentence.

    Args:
        place: the index of the word in the sentence.
        sense: the name of the sense.
        phones: its pronunciation.
        evidence: the weights of the features for this sense.
        against: the weights of the features for the second-best sense.
    """

    place: int
    sense: str
    phones: str
    evidence: Weights = field(default_factory=dict, repr=False)
    against: Weights = field(default_factory=dict, repr=False)

    @property
    def reasons(self) -> tuple[str, ...]:
        """The strongest reasons for the sense, such as `after "to"`; none if it is the only one."""
        margins = dict(self.evidence)
        for one, weight in self.against.items():
            margins[one] = margins.get(one, 0.0) - weight
        most = nlargest(4 * REASONS, zip(margins.values(), margins, strict=True))
        speaking = [one for weight, one in most if weight > 0]
        telling = list(filter(is_informative, speaking)) or speaking
        said = dict.fromkeys(describe_feature(one) for one in telling[: 2 * REASONS])
        return tuple(said)[:REASONS]


def disambiguate(words: Sequence[str], tags: Sequence[str]) -> Iterator[Choice]:
    """Choose the pronunciation of each homograph of a sentence; other words are skipped.

    Args:
        words: the tokens of one sentence of normalised text, split at hyphens, with punctuation.
        tags: the Penn tag of each.

    Example:
        >>> next(disambiguate(["To", "record", "."], ["TO", "VB", "."])).phones
        'ɹəkˈɔɹd'
    """
    table = homographs()
    for place, word in enumerate(words):
        known = table.get(word.lower())
        if known and (choice := _choose(known, words, tags, place)).phones != AS_USUAL:
            yield choice


def _choose(
    known: Sequence[Sense], words: Sequence[str], tags: Sequence[str], place: int
) -> Choice:
    if len(known) == 1:
        return Choice(place, known[0].name, known[0].phones)
    if words[place].lower() == "used":
        return _used(known, words, tags, place)
    if sure := _sure_sense(known, words, tags, place):
        return sure
    seen = context_features(words, tags, place)
    model = default_model()
    weights = [model.weigh(sense, seen) for sense in known]
    scores = [sum(one.values()) for one in weights]
    possible = [n for n, sense in enumerate(known) if _is_possible(sense, words[place])]
    best = max(possible or range(len(known)), key=scores.__getitem__)
    rival = max((one for one in range(len(known)) if one != best), key=scores.__getitem__)
    sense = known[best]
    return Choice(place, sense.name, sense.phones, weights[best], weights[rival])


def _sure_sense(
    known: Sequence[Sense], words: Sequence[str], tags: Sequence[str], place: int
) -> Choice | None:
    """The choice where one rule decides: `I read it yesterday`, `Desert the army!`."""
    if words[place].lower() == "read":
        wanted, evidence = "past", past_time(words, place)
    else:
        wanted, evidence = "verb", commanded_object(words, tags, place)
    senses = [sense for sense in known if sense.part == wanted]
    if not evidence or len(senses) != 1:
        return None
    return Choice(place, senses[0].name, senses[0].phones, {evidence: 1.0})


def _is_possible(sense: Sense, word: str) -> bool:
    """Whether a sense is possible: a name does not begin with a small letter."""
    return sense.part != NAME or not word.islower()


def _used(known: Sequence[Sense], words: Sequence[str], tags: Sequence[str], place: int) -> Choice:
    """The choice for `used`, by rules alone."""
    name = HABIT if is_used_to(words, tags, place) else "past"
    sense = next(one for one in known if one.name == name)
    after = words[place + 1].lower() if place + 1 < len(words) else "."
    evidence = {f"word+1={after}": 2.0}
    if place:
        evidence[f"word-1={words[place - 1].lower()}"] = 1.0
    return Choice(place, sense.name, sense.phones, evidence)


def is_used_to(words: Sequence[str], tags: Sequence[str], place: int) -> bool:
    """Whether `used` has the pronunciation of `used to`: `he used to sing`, `I am used to it`.

    In `a knife is used to cut`, which states a purpose, it does not.
    """
    following = [word.lower() for word in words[place + 1 : place + 2]]
    if following != ["to"]:
        return False
    before = place - 1
    while before >= 0 and (tags[before] == "RB" or words[before].lower() in ("ever", "never")):
        before -= 1
    word = words[before].lower() if before >= 0 else ""
    serves = tags[place + 2 : place + 3] == ["VB"]
    if word in BE or word.endswith(("'s", "'re", "'m")):
        return not serves
    return not (serves and tags[place] == "VBN" and word not in GET)


@cache
def homographs() -> Mapping[str, tuple[Sense, ...]]:
    """The senses of each homograph and of its inflections, the commonest first."""
    table: dict[str, tuple[Sense, ...]] = {}
    for line in files(PACKAGE).joinpath("homographs.tsv").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            word, name, part, phones, *near = line.split("\t")
            sense = Sense(name, part, phones, frozenset(" ".join(near).split()), word)
            table[word] = (*table.get(word, ()), sense)
    plain = {word: known for word, known in table.items() if word[-1] != "s" or word[-2] == "s"}
    plural = {_with_s(word): _inflected(known, INFLECTED) for word, known in plain.items()}
    table = {word: known for word, known in plural.items() if len(known) > 1} | table
    possessive = {f"{word}'s": _inflected(known, POSSESSIVE) for word, known in plain.items()}
    return {word: known for word, known in possessive.items() if known} | table


def _inflected(known: Sequence[Sense], parts: frozenset[str]) -> tuple[Sense, ...]:
    return tuple(
        replace(sense, phones=with_s(sense.phones)) for sense in known if sense.part in parts
    )


def _with_s(word: str) -> str:
    return f"{word}es" if word.endswith(("s", "sh", "x")) else f"{word}s"


@cache
def default_model() -> SenseModel:
    """The model that the package ships."""
    with as_file(files(PACKAGE).joinpath("homographs.npz")) as path:
        return load_model(path)


def load_model(path: Path) -> SenseModel:
    """Load a model from a file that `save_model` wrote."""
    with np.load(path, allow_pickle=False) as arrays:
        names = _lines(arrays["features"])
        owners = _lines(arrays["owners"])
        stops = np.cumsum(arrays["lengths"]).tolist()
        places = arrays["places"].astype(int).tolist()
        scale = float(arrays["scale"])
        weights = (arrays["weights"] * np.float64(scale)).tolist()
        cue = float(arrays["cue"])
    shared: dict[str, Weights] = {}
    own: dict[tuple[str, str], Weights] = {}
    for owner, start, stop in zip(owners, [0, *stops], stops, strict=False):
        found = {
            names[place]: weight
            for place, weight in zip(places[start:stop], weights[start:stop], strict=True)
        }
        word, _, sense = owner.partition("\t")
        if sense:
            own[word, sense] = found
        else:
            shared[word] = found
    return SenseModel(shared, own, cue)


def save_model(model: SenseModel, path: Path) -> None:
    """Write a model as an .npz file; weights become 8-bit integers in 1/127 of the largest."""
    rows = dict(sorted(model.shared.items()))
    rows |= {"\t".join(owner): weights for owner, weights in sorted(model.own.items())}
    scale = max(abs(weight) for weights in rows.values() for weight in weights.values()) / 127
    whole = {
        owner: {one: round(weight / scale) for one, weight in weights.items()}
        for owner, weights in rows.items()
    }
    whole = {owner: {f: w for f, w in weights.items() if w} for owner, weights in whole.items()}
    names = sorted({one for weights in whole.values() for one in weights})
    number = {name: place for place, name in enumerate(names)}
    ordered = [sorted((number[one], w) for one, w in weights.items()) for weights in whole.values()]
    np.savez_compressed(
        path,
        features=_bytes(names),
        owners=_bytes(list(whole)),
        lengths=np.array([len(row) for row in ordered], np.int32),
        places=np.array([place for row in ordered for place, _ in row], np.uint16),
        weights=np.array([weight for row in ordered for _, weight in row], np.int8),
        scale=np.float32(scale),
        cue=np.float32(model.cue),
    )


def _bytes(lines: Sequence[str]) -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
    return np.frombuffer("\n".join(lines).encode(), np.uint8)


def _lines(array: np.ndarray[tuple[int], np.dtype[np.uint8]]) -> list[str]:
    return array.tobytes().decode().split("\n")
