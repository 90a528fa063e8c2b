"""Candidates of an item: the item with other seeds, each measured; the best is kept.

Three options make candidates. They differ in when another is made, and in what is kept:

- `--best-of` always makes so many, and a judge chooses;
- `--retries` makes another only while the best so far has problems, and keeps the best;
- `--takes` makes so many items of a line, each with candidates of its own, and keeps all of them.

The judge `checks` compares whole candidates of an item by the quality checks of the batch. Any
other judge compares the candidates of each sentence while it is synthesised (`tts.best_of`), and
an item then has one candidate unless it is made again.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace

from tts.speech import Speech

from .item import BatchItem, derive_seed
from .quality import Quality
from .rows import Row


@dataclass(frozen=True, eq=False)
class Candidate:
    """The speech of an item with one seed, its measurements and its problems."""

    speech: Speech
    quality: Quality
    heard: Row
    troubles: tuple[str, ...]

    @property
    def rank(self) -> tuple[int, float, float]:
        """Sort key, best first: fewest problems, highest DistillMOS, lowest word error rate."""
        mos, errors = self.heard["distillmos"], self.heard["wer"]
        return len(self.troubles), -(mos or 0.0), errors or 0.0

    def to_row(self) -> Row:
        """The record of a discarded candidate in the manifest."""
        quality = {**asdict(self.quality), **self.heard}
        return {"seed": self.speech.seed, "troubles": list(self.troubles), "quality": quality}


def make_candidates(
    item: BatchItem, make: Callable[[BatchItem], Candidate], best_of: int, retries: int
) -> list[Candidate]:
    """The candidates of an item: at first so many, then more while the best has problems.

    Args:
        item: the item; the first candidate has its seed.
        make: makes and measures a candidate of an item.
        best_of: candidates that are made in any case, at least 1.
        retries: most further candidates.

    Returns:
        The candidates in the order of their making.
    """
    made = [make(seeded(item, number)) for number in range(best_of)]
    while best(made).troubles and len(made) < best_of + retries:
        made.append(make(seeded(item, len(made))))
    return made


def best(candidates: Sequence[Candidate]) -> Candidate:
    """The best candidate; of equal ones the first."""
    return min(candidates, key=lambda one: one.rank)


def seeded(item: BatchItem, number: int) -> BatchItem:
    """The item as its candidate `number` is spoken; candidate 0 has the seed of the item."""
    if not number:
        return item
    seed = derive_seed(item.delivery.seed, item.text, item.take, number)
    return replace(item, delivery=replace(item.delivery, seed=seed))
