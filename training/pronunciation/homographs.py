"""The `homographs` command: the weights that tell the senses of a homograph apart.

They are learned from sentences labelled with a sense: a folder of tables, one a word, such as
https://github.com/google-research-datasets/WikipediaHomographData, and our own in homographs.txt.
A logistic regression over the senses of each word, with a Gaussian prior on the weights.
"""

import csv
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Annotated

import torch
import typer
from jaxtyping import Float, Int
from torch import Tensor

from tts.text.normalise import normalise
from tts.text.pronounce.homograph_features import BIAS, Features, features
from tts.text.pronounce.homographs import CUE, SHARED, Model, Sense, homographs, save
from tts.text.pronounce.part_of_speech import tag
from tts.text.sentences import sentences

HERE = Path(__file__).parent
TOKEN = re.compile(r"[A-Za-z0-9']*[A-Za-z0-9][A-Za-z0-9']*|[.,;:?!]")
OUT_OF_SIGHT = -1e9  # the score of a sense that a word does not have
BELOW = 2  # sentences that a word may fall below its commoner sense

Tagger = Callable[[Sequence[str]], Sequence[str]]
Key = tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """How strongly weights are held to zero, and which are worth keeping."""

    shared: float = 0.02  # of a part of speech
    own: float = 0.15  # of a word's sense, for the features that all words share
    near: float = 0.3  # of a word's sense, for the words near by
    bias: float = 0.005
    cue: float = 0.5
    any_tag: float = 0.3
    ours: float = 0.4  # how much a sentence of our own counts
    balance: float = 0.3  # how much rarer senses count more: 0 not at all, 1 as much as the others
    least_shared: int = 3  # sentences that must have a feature
    least_own: int = 2
    smallest: float = 0.04  # the smallest weight that is kept
    iterations: int = 120


@dataclass(frozen=True, slots=True)
class Example:
    """A homograph in a sentence: its features, and which of its senses is right."""

    word: str
    sense: str
    seen: Features
    ours: bool = False

    @property
    def senses(self) -> Sequence[Sense]:
        return homographs()[self.word]

    @property
    def right(self) -> int:
        return [sense.name for sense in self.senses].index(self.sense)


def homographs_command(
    folder: Annotated[Path, typer.Argument(help="Folder of labelled sentences, a .tsv a word.")],
    out: Annotated[Path | None, typer.Option(help="File to write, .npz.")] = None,
    folds: Annotated[int, typer.Option(help="Parts for cross-validation; 0 for none.")] = 0,
) -> None:
    """Learn the weights of homographs from labelled sentences, or see how well that goes."""
    ours = list(own_examples(tag))
    theirs = list(examples(folder, tag))
    if not theirs:
        raise ValueError(f"expected tables of labelled sentences in {folder}, found none")
    if folds:
        typer.echo(report(theirs, cross_validate(theirs, ours, folds)))
    if out:
        save(train([*theirs, *ours]), out)


def examples(folder: Path, tagger: Tagger) -> Iterator[Example]:
    """The labelled sentences of a folder whose label is in our table."""
    known = {label: (word, sense) for label, word, sense, _ in labels()}
    for path in sorted(folder.glob("*.tsv")):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file, delimiter="\t", quotechar='"'):
                start = _start(row["sentence"], row["homograph"], int(row["start"]))
                if start is not None and row["wordid"] in known:
                    word, sense = known[row["wordid"]]
                    yield from _example(row["sentence"], start, word, sense, tagger)


def own_examples(tagger: Tagger) -> Iterator[Example]:
    """Our own sentences."""
    word = sense = ""
    for line in (HERE / "homographs.txt").read_text("utf-8").splitlines():
        if line.startswith("#"):
            continue
        if line[-1] not in ".?!":
            word, _, sense = line.partition(" ")
        else:
            found = re.search(rf"\b{word}\b", line, re.IGNORECASE)
            assert found, line
            for example in _example(line, found.start(), word, sense, tagger):
                yield replace(example, ours=True)


@cache
def labels() -> list[tuple[str, ...]]:
    """Label, word, sense and clearness of each label of the data set."""
    lines = (HERE / "homograph_labels.tsv").read_text("utf-8").splitlines()
    return [tuple(line.split("\t")) for line in lines if not line.startswith("#")]


def _start(sentence: str, word: str, start: int) -> int | None:
    """Where the word begins: some tables count characters, some bytes, some neither."""
    in_bytes = len(sentence.encode()[:start].decode(errors="ignore"))
    for place in (start, in_bytes):
        if sentence[place : place + len(word)].lower() == word.lower():
            return place
    found = list(re.finditer(rf"\b{re.escape(word)}\b", sentence, re.IGNORECASE))
    return found[0].start() if len(found) == 1 else None


def _example(
    text: str, start: int, word: str, sense: str, tagger: Tagger
) -> Iterator[Example]:
    """The example, if the word stands in the normalised text as it did in the text."""
    for sentence in sentences(normalise(text)):
        tokens = list(TOKEN.finditer(sentence.text))
        words = [token.group() for token in tokens]
        for place, token in enumerate(tokens):
            first, last = sentence.spans[token.start()][0], sentence.spans[token.end() - 1][1]
            if first <= start < last and words[place].lower() == word:
                yield Example(word, sense, features(words, tagger(words), place))


def train(examples: Sequence[Example], settings: Settings | None = None) -> Model:
    """The model that makes the examples likeliest, given the prior."""
    problem = Problem.of(examples, settings or Settings())
    weights = torch.zeros(len(problem.keys), requires_grad=True)
    optimizer = torch.optim.LBFGS(
        [weights], max_iter=problem.settings.iterations, line_search_fn="strong_wolfe"
    )

    def closure() -> float:
        optimizer.zero_grad()
        loss = problem.loss(weights)
        loss.backward()
        return loss.item()

    optimizer.step(closure)
    return problem.model(weights.detach().tolist())


@dataclass(frozen=True, slots=True)
class Problem:
    """What is to be learned: the weights, their priors, and which of them each sense adds up.

    A row of three scores is made for each example; of each word, the first sense has no weights
    of its own, since only differences matter.
    """

    settings: Settings
    keys: Sequence[Key]
    priors: Float[Tensor, " weights"]
    terms: Int[Tensor, " terms"]
    starts: Int[Tensor, " scores"]
    offsets: Float[Tensor, "examples senses"]
    right: Int[Tensor, " examples"]
    counts: Float[Tensor, " examples"]

    @classmethod
    def of(cls, examples: Sequence[Example], settings: Settings) -> "Problem":
        kept = _kept(examples, settings)
        number: dict[Key, int] = {}
        terms: list[int] = []
        starts: list[int] = []
        most = max(len(example.senses) for example in examples)
        offsets = torch.full((len(examples), most), OUT_OF_SIGHT)
        for row, example in enumerate(examples):
            offsets[row, : len(example.senses)] = 0
            for place in range(most):
                starts.append(len(terms))
                if place < len(example.senses):
                    found = _terms(example, place)
                    terms += [number.setdefault(key, len(number)) for key in found if key in kept]
        return cls(
            settings,
            list(number),
            torch.tensor([_prior(key, settings) for key in number]),
            torch.tensor(terms),
            torch.tensor(starts),
            offsets,
            torch.tensor([example.right for example in examples]),
            torch.tensor(_counts(examples, settings)),
        )

    def loss(self, weights: Float[Tensor, " weights"]) -> Float[Tensor, ""]:
        sums = torch.nn.functional.embedding_bag(
            self.terms, weights[:, None], self.starts, mode="sum"
        )
        scores = sums.view_as(self.offsets) + self.offsets
        surprise = torch.nn.functional.cross_entropy(scores, self.right, reduction="none")
        return (surprise * self.counts).sum() + (self.priors * weights**2).sum()

    def model(self, weights: Sequence[float]) -> Model:
        """The weights that are large enough to matter, by whose they are."""
        shared: dict[str, dict[str, float]] = defaultdict(dict)
        own: dict[tuple[str, str], dict[str, float]] = defaultdict(dict)
        cue = 0.0
        for key, weight in zip(self.keys, weights, strict=True):
            match key:
                case ("cue",):
                    cue = weight
                case (part, feature) if abs(weight) >= self.settings.smallest:
                    shared[part][feature] = weight
                case (word, sense, feature) if abs(weight) >= self.settings.smallest:
                    own[word, sense][feature] = weight
        return Model(dict(shared), dict(own), cue)


def _terms(example: Example, place: int) -> Iterator[Key]:
    """The names of the weights that add up to the score of a sense."""
    sense = example.senses[place]
    yield from [(CUE,)] * len(sense.cues & example.seen.cues)
    if sense.part in SHARED:
        yield from ((sense.part, feature) for feature in (BIAS, *example.seen.context))
    if place:
        for feature in (BIAS, *example.seen.context, *example.seen.near):
            yield sense.stem, sense.name, feature


def _kept(examples: Iterable[Example], settings: Settings) -> set[Key]:
    """The weights of features that enough sentences have."""
    shared: Counter[str] = Counter()
    own: Counter[tuple[str, str]] = Counter()
    for example in examples:
        stem = example.senses[0].stem
        shared.update((BIAS, *example.seen.context))
        own.update((stem, one) for one in (BIAS, *example.seen.context, *example.seen.near))
    kept: set[Key] = {(CUE,)}
    frequent = [one for one, count in shared.items() if count >= settings.least_shared]
    kept.update((part, one) for part in SHARED for one in frequent)
    stems = {known[0].stem: known for known in homographs().values()}
    for (stem, one), count in own.items():
        if count >= settings.least_own or one == BIAS:
            kept.update((stem, sense.name, one) for sense in stems[stem])
    return kept


def _prior(key: Key, settings: Settings) -> float:
    if key == (CUE,):
        return settings.cue
    if key[-1] == BIAS:
        return settings.bias
    if len(key) < 3:
        return settings.shared
    if key[-1].startswith("any tag="):
        return settings.any_tag
    return settings.near if key[-1].startswith("near=") else settings.own


def _counts(examples: Sequence[Example], settings: Settings) -> list[float]:
    """How much each example counts: more in a rarer sense."""
    sizes = [settings.ours if example.ours else 1.0 for example in examples]
    senses: dict[tuple[str, str], float] = defaultdict(float)
    words: dict[str, float] = defaultdict(float)
    for example, size in zip(examples, sizes, strict=True):
        senses[example.word, example.sense] += size
        words[example.word] += size
    return [
        size * (words[one.word] / (2 * senses[one.word, one.sense])) ** settings.balance
        for one, size in zip(examples, sizes, strict=True)
    ]


def cross_validate(
    theirs: Sequence[Example],
    ours: Sequence[Example],
    folds: int,
    settings: Settings | None = None,
) -> list[bool]:
    """Whether each example is right by a model that learned from the other folds and from ours."""
    right = [False] * len(theirs)
    for fold in range(folds):
        rest = [one for place, one in enumerate(theirs) if place % folds != fold]
        model = train([*rest, *ours], settings)
        for place in range(fold, len(theirs), folds):
            right[place] = choose(model, theirs[place]) == theirs[place].right
    return right


def choose(model: Model, example: Example) -> int:
    """The sense that a model chooses."""
    scores = [sum(model.weigh(one, example.seen).values()) for one in example.senses]
    return scores.index(max(scores))


def report(theirs: Sequence[Example], right: Sequence[bool]) -> str:
    """How many are right: all, those of clear words, all classes equal; and the words that lose."""
    doubtful = {word for _, word, _, clear in labels() if clear != "clear"}
    by_sense: dict[str, dict[str, list[bool]]] = defaultdict(lambda: defaultdict(list))
    for example, hit in zip(theirs, right, strict=True):
        by_sense[example.word][example.sense].append(hit)
    clear = [
        hit for one, hit in zip(theirs, right, strict=True) if one.word not in doubtful
    ]
    balanced = [
        _share([_share(hits) for hits in senses.values()]) for senses in by_sense.values()
    ]
    lines = [
        f"{len(theirs)} sentences of {len(by_sense)} words",
        f"all words {_share(right):.2%}, clear words {_share(clear):.2%}, "
        f"classes equal {_share(balanced):.2%}",
    ]
    for word, senses in by_sense.items():
        hits = sum(map(sum, senses.values()))
        common = max(map(len, senses.values()))
        if hits < common - BELOW:
            lines.append(f"{word}: {hits} right, its commoner sense {common}")
    return "\n".join(lines)


def _share(values: Sequence[float]) -> float:
    return sum(values) / max(1, len(values))


if __name__ == "__main__":
    command = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    command.command()(homographs_command)
    try:
        command()
    except (ValueError, OSError) as error:
        sys.exit(f"error: {error}")
