"""Candidates of an utterance: their seeds, their rendering in groups, and the choice of one."""

from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite

import numpy as np
from jaxtyping import Float

from tts.best_of.choice import Choice
from tts.best_of.judges import Judge, find_judge, judge_name
from tts.delivery import Delivery
from tts.rendering import Cut, Draw, RenderTask, Tasks, UtterancePlan, utterance_tasks

# Frames of the candidates that are rendered together where chunks are short, 11 s; where they may
# be longer, as many as one chunk may have. More would not be faster on a CPU, and others wait.
MIN_STACKED_FRAMES, MAX_STACKED_FRAMES = 1024, 4096


@dataclass(frozen=True)
class Candidate:
    """A candidate that is rendered and judged."""

    plan: UtterancePlan
    audio: Float[np.ndarray, " samples"]
    scores: Mapping[str, float]

    @property
    def score(self) -> float:
        return sum(self.scores.values())


def candidate_seeds(seed: int, count: int) -> tuple[int, ...]:
    """Seeds of the candidates of an utterance: its own first, then others that depend on it.

    Example:
        >>> candidate_seeds(0, 1), len(set(candidate_seeds(0, 64)))
        ((0,), 64)
    """
    others = np.random.SeedSequence(seed).generate_state(2 * count).tolist()
    distinct = dict.fromkeys([seed, *others])
    return tuple(distinct)[:count]


def prepare_tasks(
    draw: Draw, delivery: Delivery, index: int, cut: Cut
) -> Generator[Tasks, None, tuple[Iterator[RenderTask], tuple[Choice, ...]]]:
    """The tasks of an utterance; where the delivery asks for candidates, the best one's.

    Args:
        draw: the plan of the utterance for a seed.
        delivery: how it is spoken.
        index: its number.
        cut: start and stop of each chunk of so many frames.

    Yields:
        Tasks of several candidates, to be rendered before the next are taken.

    Returns:
        The tasks of its chunks, in order, and the choice. Those of a chosen candidate are rendered.
    """
    seed = delivery.seed_of(index)
    if delivery.best_of == 1:
        return utterance_tasks(draw(seed), delivery, cut), ()
    seeds = candidate_seeds(seed, delivery.best_of)
    judge = find_judge(delivery.judge)
    scores: list[Mapping[str, float]] = []
    best: Candidate | None = None
    for group in _groups(map(draw, seeds), _stacked_frames(cut)):
        for candidate in (yield from _rendered(group, delivery, judge, cut)):
            scores.append(candidate.scores)
            if best is None or candidate.score > best.score:
                best, chosen = candidate, len(scores) - 1
    assert best is not None
    choice = Choice(
        utterance=index,
        judge=judge_name(delivery.judge),
        seeds=seeds,
        scores=tuple(scores),
        chosen=chosen,
    )
    return _cut(best, delivery, cut), (choice,)


def _stacked_frames(cut: Cut) -> int:
    """The most frames of candidates that are rendered together, beyond a single one."""
    longest = max(stop - start for start, stop in cut(MAX_STACKED_FRAMES))
    return max(MIN_STACKED_FRAMES, longest)


def _groups(plans: Iterable[UtterancePlan], most: int) -> Iterator[list[UtterancePlan]]:
    """Candidates that are rendered together: of so many frames at most, or one alone."""
    group: list[UtterancePlan] = []
    for plan in plans:
        if group and sum(one.frames for one in (*group, plan)) > most:
            yield group
            group = []
        group.append(plan)
    yield group


def _rendered(
    group: Sequence[UtterancePlan], delivery: Delivery, judge: Judge, cut: Cut
) -> Generator[Tasks, None, list[Candidate]]:
    """Candidates of a group: whole ones in one call, or a single one chunk by chunk."""
    whole: Cut = lambda frames: [(0, frames)]  # noqa: E731
    chunks = [utterance_tasks(plan, delivery, cut if len(group) == 1 else whole) for plan in group]
    audio: list[list[np.ndarray]] = [[] for _ in group]
    for tasks in zip(*chunks, strict=True):
        yield tasks
        for part, task in zip(audio, tasks, strict=True):
            assert task.audio is not None, "a task is rendered before the next event"
            part.append(task.audio)
    sounds = map(np.concatenate, audio)
    return [_judged(plan, sound, judge) for plan, sound in zip(group, sounds, strict=True)]


def _judged(plan: UtterancePlan, audio: Float[np.ndarray, " samples"], judge: Judge) -> Candidate:
    found = judge(audio, plan)
    scores = found if isinstance(found, Mapping) else {judge_name(judge): found}
    candidate = Candidate(plan, audio, {name: float(score) for name, score in scores.items()})
    if not isfinite(candidate.score):
        raise ValueError(
            f"the judge {judge_name(judge)} must return finite numbers, got {candidate.score}"
        )
    return candidate


def _cut(candidate: Candidate, delivery: Delivery, cut: Cut) -> Iterator[RenderTask]:
    """The tasks of a candidate, which are rendered."""
    plan, audio = candidate.plan, candidate.audio
    hop = plan.runtime.config.mel.hop
    for task in utterance_tasks(plan, delivery, cut):
        task.audio = audio[task.start * hop : task.stop * hop]
        yield task
