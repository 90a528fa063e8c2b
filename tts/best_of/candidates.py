"""Candidates of an utterance: their seeds, their rendering in groups, and the choice of one."""

from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence

import numpy as np
from jaxtyping import Float

from tts.best_of.choice import Choice
from tts.best_of.judges import find_judge, judge_name, score_audio
from tts.delivery import Delivery
from tts.rendering import Cut, Draw, RenderTask, Tasks, UtterancePlan, utterance_tasks

# Frames of the candidates that are rendered together where chunks are short, 11 s; where they may
# be longer, as many as one chunk may have. More would not be faster on a CPU, and others wait.
MIN_STACKED_FRAMES, MAX_STACKED_FRAMES = 1024, 4096
Sound = Float[np.ndarray, " samples"]


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
    chosen = 0
    best: tuple[UtterancePlan, Sound] | None = None
    for group in _groups(map(draw, seeds), _stacked_frames(cut)):
        for plan, audio in (yield from _rendered(group, delivery, cut)):
            scores.append(score_audio(judge, audio, plan))
            if best is None or sum(scores[-1].values()) > sum(scores[chosen].values()):
                chosen, best = len(scores) - 1, (plan, audio)
    assert best is not None
    choice = Choice(
        utterance=index,
        judge=judge_name(delivery.judge),
        seeds=seeds,
        scores=tuple(scores),
        chosen=chosen,
    )
    return _cut(*best, delivery, cut), (choice,)


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
    group: Sequence[UtterancePlan], delivery: Delivery, cut: Cut
) -> Generator[Tasks, None, list[tuple[UtterancePlan, Sound]]]:
    """The sound of each candidate of a group: of all in one call, of a single one by chunks."""
    cut = cut if len(group) == 1 else _uncut
    chunks = [utterance_tasks(plan, delivery, cut) for plan in group]
    audio: list[list[np.ndarray]] = [[] for _ in group]
    for tasks in zip(*chunks, strict=True):
        yield tasks
        for part, task in zip(audio, tasks, strict=True):
            assert task.audio is not None, "a task is rendered before the next event"
            part.append(task.audio)
    return list(zip(group, map(np.concatenate, audio), strict=True))


def _uncut(frames: int) -> list[tuple[int, int]]:
    return [(0, frames)]


def _cut(plan: UtterancePlan, audio: Sound, delivery: Delivery, cut: Cut) -> Iterator[RenderTask]:
    """The tasks of a candidate, which are rendered."""
    hop = plan.runtime.config.mel.hop
    for task in utterance_tasks(plan, delivery, cut):
        task.audio = audio[task.start * hop : task.stop * hop]
        yield task
