"""Multinomial logistic regression (maximum entropy) over the senses of homographs.

A weight belongs to a feature and a sense of a word, or to a feature and a part of speech, which
senses of many words share. Each has a Gaussian prior around zero.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from tts.text.pronounce.homograph_features import BIAS, ContextFeatures
from tts.text.pronounce.homographs import CUE, SHARED, Sense, SenseModel, homographs

OUT_OF_SIGHT = -1e9  # the score of a sense that a word does not have

Key = tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class MaxEntSettings:
    """Precisions of the priors, and thresholds; all chosen by hand.

    `shared` to `any_tag` are the factors of squared weights in the loss, by the kind of weight.
    """

    shared: float = 0.02  # weights of a part of speech
    own: float = 0.15  # weights of a sense, for features that all words have
    near: float = 0.3  # weights of a sense, for neighbouring words
    bias: float = 0.005  # bias of a sense
    cue: float = 0.5  # the one weight of cue words from the table
    any_tag: float = 0.3  # weights of a sense, for tags near the word
    ours: float = 0.4  # weight of a sentence of homographs.txt; one of the data set has 1
    balance: float = 0.5  # 0: all sentences count alike; 1: all senses of a word do
    least_shared: int = 3  # least number of sentences with a feature, to keep its weights
    least_own: int = 2  # the same, for features of one word
    smallest: float = 0.04  # smaller weights are dropped from the model
    iterations: int = 120  # of L-BFGS, at most


@dataclass(frozen=True, slots=True)
class HomographExample:
    """A homograph in a sentence, with its right sense and the features of its context."""

    word: str
    sense: str
    seen: ContextFeatures
    ours: bool = False

    @property
    def senses(self) -> Sequence[Sense]:
        return homographs()[self.word]

    @property
    def right(self) -> int:
        return [sense.name for sense in self.senses].index(self.sense)


def train(
    examples: Sequence[HomographExample], settings: MaxEntSettings | None = None
) -> SenseModel:
    """Fit the model to examples by L-BFGS (maximum a posteriori)."""
    problem = Problem.of(examples, settings or MaxEntSettings())
    weights = torch.zeros(len(problem.keys), requires_grad=True)
    optimizer = torch.optim.LBFGS(
        [weights], max_iter=problem.settings.iterations, line_search_fn="strong_wolfe"
    )

    def closure() -> float:
        loss = problem.loss(weights)
        (weights.grad,) = torch.autograd.grad(loss, weights)
        return loss.item()

    optimizer.step(closure)  # type: ignore[no-untyped-call]
    return problem.model(weights.detach().tolist())


@dataclass(frozen=True, slots=True)
class Problem:
    """The weights, their priors, and the weights that the score of each sense adds up.

    Each example has a row of as many scores as the word with most senses. The first sense of a word
    has no weights of its own, since only differences of scores matter.
    """

    settings: MaxEntSettings
    keys: Sequence[Key]
    priors: Float[Tensor, " weights"]
    terms: Int[Tensor, " terms"]
    starts: Int[Tensor, " scores"]
    offsets: Float[Tensor, "examples senses"]
    right: Int[Tensor, " examples"]
    counts: Float[Tensor, " examples"]

    @classmethod
    def of(cls, examples: Sequence[HomographExample], settings: MaxEntSettings) -> "Problem":
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

    def model(self, weights: Sequence[float]) -> SenseModel:
        """The model of the weights that are large enough to keep."""
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
        return SenseModel(dict(shared), dict(own), cue)


def _terms(example: HomographExample, place: int) -> Iterator[Key]:
    """The names of the weights that add up to the score of a sense."""
    sense = example.senses[place]
    yield from [(CUE,)] * len(sense.cues & example.seen.cues)
    if sense.part in SHARED:
        yield from ((sense.part, feature) for feature in (BIAS, *example.seen.context))
    if place:
        for feature in (BIAS, *example.seen.context, *example.seen.near):
            yield sense.stem, sense.name, feature


def _kept(examples: Iterable[HomographExample], settings: MaxEntSettings) -> set[Key]:
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


def _prior(key: Key, settings: MaxEntSettings) -> float:
    if key == (CUE,):
        return settings.cue
    if key[-1] == BIAS:
        return settings.bias
    if len(key) < 3:
        return settings.shared
    if key[-1].startswith("any tag="):
        return settings.any_tag
    return settings.near if key[-1].startswith("near=") else settings.own


def _counts(examples: Sequence[HomographExample], settings: MaxEntSettings) -> list[float]:
    """The weight of each example: higher for a rarer sense."""
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


def choose(model: SenseModel, example: HomographExample) -> int:
    """The index of the sense with the highest score."""
    scores = [sum(model.weigh(one, example.seen).values()) for one in example.senses]
    return scores.index(max(scores))
