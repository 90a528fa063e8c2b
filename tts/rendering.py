"""A text on its way to sound: tasks to be rendered, and the speech that comes of them.

`Synthesizer.events` yields both; `Rendering` drives them, for one text or for many side by side.
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
    """An utterance before it sounds: the frames of each symbol, and what the decoder is given."""

    durations: Tensor
    conditioning: Tensor
    voice: Tensor
    seed: tuple[int, ...]

    @property
    def frames(self) -> int:
        return self.conditioning.shape[1]


@dataclass(eq=False)
class RenderTask:
    """Frames `start` to `stop` of an utterance, to be rendered.

    Its mel is known up to some frame, and has to be up to the frame `mel_needed`.
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
    """The events of one text, and the task that comes next.

    Args:
        events: tasks, each to be rendered before the next event is asked for, and pieces of
            speech; None where the next utterance was not yet read.
    """

    task: RenderTask | None = None
    needs_text = False  # the events wait for an utterance to be read

    def __init__(self, events: Iterator[Event | None]) -> None:
        self.events = events

    def pieces(self) -> Iterator[Speech]:
        """Pieces that are ready: up to the next task, or to where text is needed, or to the end."""
        self.task, self.needs_text = None, False
        for event in self.events:
            if isinstance(event, Speech):
                yield event
            else:
                self.task, self.needs_text = event, event is None
                return

    def run(self, render: Callable[[Sequence[RenderTask]], None]) -> Iterator[Speech]:
        """All pieces, each task rendered when it is reached."""
        yield from self.pieces()
        while self.task:
            render([self.task])
            yield from self.pieces()


def render_together(
    render: Callable[[Sequence[RenderTask]], None],
    renderings: Sequence[Rendered],
    fail: Callable[[Rendered, Exception], None],
) -> list[Rendered]:
    """Render the tasks of several texts in one go; those whose task was rendered.

    Where that fails each is rendered alone, so that what is wrong with one stops no other.
    """
    try:
        render([one.task for one in renderings if one.task])
    except Exception as error:
        if len(renderings) > 1:
            return [one for each in renderings for one in render_together(render, [each], fail)]
        fail(renderings[0], error)
        return []
    return list(renderings)
