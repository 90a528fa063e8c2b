"""Candidates of an item: the item with other seeds, each measured; the best is kept.

Three options make candidates. They differ in when another is made, and in what is kept:

- `--best-of` always makes so many, and a judge chooses;
- `--retries` makes another only while the best so far has problems, and keeps the best;
- `--takes` makes so many items of a line, each with candidates of its own, and keeps all of them.

The judge `checks` compares whole candidates of an item by the quality checks of the batch. Any
other judge compares the candidates of each sentence while it is synthesised (`tts.best_of`), and
an item then has one candidate unless it is made again.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from tts.best_of.choice import Choice
from tts.speech import Speech

from ..choices import choices_json
from .item import CHECKS, BatchItem, derive_seed
from .quality import Quality
from .rows import Row

PROBLEM_SCORE = -10.0  # more than a whole range of DistillMOS, so that fewest problems count first
MAX_WORD_ERRORS = 1.0  # a share of the words, above which a candidate is as bad as any


@dataclass(frozen=True, eq=False)
class Candidate:
    """The speech of an item with one seed, its measurements and its problems."""

    speech: Speech
    quality: Quality
    heard: Row
    troubles: tuple[str, ...]

    @property
    def scores(self) -> Mapping[str, float]:
        """The parts of its score, of which the highest sum is best; unmeasured ones count 0."""
        return {
            "problems": PROBLEM_SCORE * len(self.troubles),
            "distillmos": self.heard["distillmos"] or 0.0,
            "word_errors": -min(self.heard["wer"] or 0.0, MAX_WORD_ERRORS),
        }

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
    return max(candidates, key=lambda one: sum(one.scores.values()))


def explain_choices(candidates: Sequence[Candidate]) -> list[dict[str, Any]]:
    """The choices that led to the best candidate, as JSON; none where nothing was chosen.

    They are those of its sentences, and the one between several candidates, which has no
    `utterance`.
    """
    kept = best(candidates)
    shown = choices_json(kept.speech.choices)
    if len(candidates) > 1:
        choice = Choice(
            utterance=0,
            judge=CHECKS,
            seeds=tuple(one.speech.seed for one in candidates),
            scores=tuple(one.scores for one in candidates),
            chosen=candidates.index(kept),
        )
        shown += [each | {"utterance": None} for each in choices_json([choice])]
    return shown


def seeded(item: BatchItem, number: int) -> BatchItem:
    """The item as its candidate `number` is spoken; candidate 0 has the seed of the item."""
    if not number:
        return item
    seed = derive_seed(item.delivery.seed, item.text, item.take, number)
    return replace(item, delivery=replace(item.delivery, seed=seed))
