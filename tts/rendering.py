"""Render tasks, and the loop that renders them for one text or for many in one batch.

`Synthesizer.events` yields tasks and speech; `Rendering` runs through them.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from jaxtyping import Float
from torch import Tensor

from tts.delivery import Delivery
from tts.speech import Speech


@dataclass(frozen=True)
class UtterancePlan:
    """An utterance before it is rendered.

    Args:
        durations: frames of each symbol, int64 of shape (1, symbols).
        conditioning: input of the decoder, float of shape (1, frames, dim).
        voice: embedding of the voice, float of shape (1, dim).
        seed: key of the noise of its mel.
    """

    durations: Tensor
    conditioning: Tensor
    voice: Tensor
    seed: tuple[int, ...]

    @property
    def frames(self) -> int:
        return self.conditioning.shape[1]


@dataclass(eq=False)
class RenderTask:
    """A chunk of an utterance to render: frames `start` to `stop`.

    Args:
        plan: the utterance.
        delivery: how it is spoken.
        start: first frame of the chunk.
        stop: the frame after its last one.
        mel_needed: frames of mel, from the start of the utterance, that its sound depends on.
        mel: the log-mel made so far; rendering extends it to `mel_needed` frames.
        audio: samples of the chunk once it is rendered.
    """

    plan: UtterancePlan
    delivery: Delivery
    start: int
    stop: int
    mel_needed: int
    mel: Float[Tensor, "known mels"]
    audio: Float[Tensor, " samples"] | None = None


Event = RenderTask | Speech
Rendered = TypeVar("Rendered", bound="Rendering")


class Rendering:
    """Runs through the events of one text and stops at each task.

    Args:
        events: tasks, each to be rendered before the next event is taken, and pieces of speech;
            None where the next utterance is not read yet.
    """

    task: RenderTask | None = None
    needs_text = False  # whether the events wait for an utterance to be read

    def __init__(self, events: Iterator[Event | None]) -> None:
        self.events = events

    def pieces(self) -> Iterator[Speech]:
        """Pieces up to the next task, or to where text is needed, or to the end."""
        self.task, self.needs_text = None, False
        for event in self.events:
            if isinstance(event, Speech):
                yield event
            else:
                self.task, self.needs_text = event, event is None
                return

    def run(self, render: Callable[[Sequence[RenderTask]], None]) -> Iterator[Speech]:
        """All pieces; each task is rendered when it is reached."""
        yield from self.pieces()
        while self.task:
            render([self.task])
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
        render([one.task for one in renderings if one.task])
    except Exception as error:
        if len(renderings) > 1:
            return [one for each in renderings for one in render_together(render, [each], fail)]
        fail(renderings[0], error)
        return []
    return list(renderings)
