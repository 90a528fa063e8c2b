"""The choice of one of several candidates, with the scores that decided it."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """Which candidate of an utterance was kept, and why.

    Args:
        utterance: number of the utterance, from 0.
        judge: name of the judge.
        seeds: of the candidates; the first is that of the delivery.
        scores: of each candidate, by part; their sum is its score.
        chosen: index of the candidate that was kept.

    Example:
        >>> scores = {"fit": 0.25}, {"fit": 0.5}
        >>> choice = Choice(utterance=0, judge="ensemble", seeds=(0, 7), scores=scores, chosen=1)
        >>> choice.seed, choice.totals
        (7, (0.25, 0.5))
        >>> print(choice.explanation)
        utterance 0: candidate 2 of 2 (seed 7), 0.50 by ensemble; the first has 0.25
    """

    utterance: int
    judge: str
    seeds: tuple[int, ...]
    scores: tuple[Mapping[str, float], ...]
    chosen: int

    @property
    def seed(self) -> int:
        """The seed of the candidate that was kept: `Delivery(other_seeds=...)` gives it again."""
        return self.seeds[self.chosen]

    @property
    def totals(self) -> tuple[float, ...]:
        """The score of each candidate."""
        return tuple(sum(parts.values()) for parts in self.scores)

    @property
    def explanation(self) -> str:
        """One sentence on the choice."""
        totals, count = self.totals, len(self.seeds)
        kept = f"candidate {self.chosen + 1} of {count} (seed {self.seed})"
        said = f"utterance {self.utterance}: {kept}, {totals[self.chosen]:.2f} by {self.judge}"
        if self.chosen == 0:
            return f"{said}; the next best has {max(totals[1:]):.2f}"
        return f"{said}; the first has {totals[0]:.2f}{self._reason()}"

    def _reason(self) -> str:
        """The part that speaks most for it against the first candidate, if there are several."""
        first, kept = self.scores[0], self.scores[self.chosen]
        if len(kept) < 2:
            return ""
        part = max(kept, key=lambda name: kept[name] - first.get(name, 0.0))
        return f", mostly for {part}"
