"""Render tasks, and the loop that renders them for one text or for many in one batch.

`Synthesizer.events` yields tasks and speech; `Rendering` runs through them.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
from jaxtyping import Float, Int

from tts.delivery import Delivery
from tts.runtime.base import Runtime, State, Tokens
from tts.speech import Speech


@dataclass(frozen=True)
class UtterancePlan:
    """An utterance before it is rendered.

    Args:
        durations: frames of each symbol.
        tokens: the symbols, their prosody and the voice.
        token: index of the symbol that each frame belongs to.
        position: where in its symbol each frame lies.
        seed: key of the noise of its mel.
        runtime: evaluates the networks, with the weights of the voice.
        mel: log-mel of all frames, where it is made already (`tts.steering`); None to draw it.
    """

    durations: Int[np.ndarray, " text"]
    tokens: Tokens
    token: Int[np.ndarray, " frames"]
    position: Float[np.ndarray, "frames features"]
    seed: tuple[int, ...]
    runtime: Runtime
    mel: Float[np.ndarray, "frames mels"] | None = None

    @property
    def frames(self) -> int:
        return len(self.token)

    @property
    def frame_seconds(self) -> float:
        mel = self.runtime.config.mel
        return mel.hop / mel.sample_rate


@dataclass(frozen=True)
class Jump:
    """How far a jump of the mel map has come: the frames it was given, and its state."""

    frames: int = 0
    state: State = None


@dataclass(frozen=True)
class Progress:
    """How far an utterance is rendered.

    Args:
        jumps: of the mel map, in order.
        mel: log-mel that the vocoder was not given yet.
        vocoded: frames that the vocoder was given.
        sound: state of the vocoder.
        audio: samples that belong to later chunks.
    """

    jumps: tuple[Jump, ...]
    mel: Float[np.ndarray, "frames mels"]
    vocoded: int = 0
    sound: State = None
    audio: Float[np.ndarray, " samples"] = field(default_factory=lambda: np.zeros(0, np.float32))


@dataclass(eq=False)
class RenderTask:
    """A chunk of an utterance to render: frames `start` to `stop`.

    Args:
        plan: the utterance.
        delivery: how it is spoken.
        start: first frame of the chunk.
        stop: the frame after its last one.
        progress: of the utterance; rendering replaces it.
        audio: samples of the chunk once it is rendered.
    """

    plan: UtterancePlan
    delivery: Delivery
    start: int
    stop: int
    progress: Progress
    audio: Float[np.ndarray, " samples"] | None = None


Cut = Callable[[int], Iterable[tuple[int, int]]]  # start and stop of each chunk of so many frames
Draw = Callable[[int], UtterancePlan]  # the plan of an utterance for a seed
Tasks = tuple[RenderTask, ...]  # of candidates of one utterance
Event = RenderTask | Tasks | Speech
Rendered = TypeVar("Rendered", bound="Rendering")


def utterance_tasks(plan: UtterancePlan, delivery: Delivery, cut: Cut) -> Iterator[RenderTask]:
    """The tasks of an utterance in order, each to be rendered before the next one is taken.

    Args:
        plan: the utterance.
        delivery: how it is spoken.
        cut: start and stop of each chunk of so many frames.
    """
    nothing = np.zeros((0, plan.runtime.config.mel.bands), np.float32)
    progress = Progress((Jump(),) * delivery.steps, nothing)
    for start, stop in cut(plan.frames):
        yield (task := RenderTask(plan, delivery, start, stop, progress))
        progress = task.progress


class Rendering:
    """Runs through the events of one text and stops at each task, or at several of candidates.

    `tasks` are then those to be rendered.

    Args:
        events: tasks, each to be rendered before the next event is taken, and pieces of speech;
            None where the next utterance is not read yet.
    """

    tasks: Tasks = ()
    needs_text = False  # whether the events wait for an utterance to be read

    def __init__(self, events: Iterator[Event | None]) -> None:
        self.events = events

    def pieces(self) -> Iterator[Speech]:
        """Pieces up to the next task, or to where text is needed, or to the end."""
        self.tasks, self.needs_text = (), False
        for event in self.events:
            if isinstance(event, Speech):
                yield event
            else:
                self.tasks = (event,) if isinstance(event, RenderTask) else event or ()
                self.needs_text = event is None
                return

    def run(self, render: Callable[[Sequence[RenderTask]], None]) -> Iterator[Speech]:
        """All pieces; each task is rendered when it is reached."""
        yield from self.pieces()
        while self.tasks:
            render(self.tasks)
            yield from self.pieces()


def render_together(
    render: Callable[[Sequence[RenderTask]], None],
    renderings: Sequence[Rendered],
    fail: Callable[[Rendered, Exception], None],
) -> list[Rendered]:
    """Render the tasks of several texts in one batch.

    If the batch fails, each task is rendered alone, so that an error stops one text only.

    Args:
        render: renders tasks (`Synthesizer.render`).
        renderings: the texts.
        fail: called with a text and its error, if its task fails alone.

    Returns:
        The texts whose task was rendered.
    """
    try:
        render([task for one in renderings for task in one.tasks])
    except Exception as error:
        if len(renderings) > 1:
            return [one for each in renderings for one in render_together(render, [each], fail)]
        fail(renderings[0], error)
        return []
    return list(renderings)
