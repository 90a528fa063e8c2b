"""The events of the page, and their handlers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr
from gradio.blocks import Block
from gradio.events import Dependency

from .books import BookHandlers
from .controls import Composer
from .handlers import SPEAKING, DemoHandlers, show_errors, showing
from .history import History, fields_of, history_html, recall, remember
from .html import sheet
from .player_panel import PlayerPanel
from .problems import at_field
from .samples import listening
from .take import Take

QUICKLY: dict[str, Any] = {"show_progress": "hidden", "concurrency_limit": None}
QUIETLY: dict[str, Any] = QUICKLY | {"api_visibility": "private"}
# Tells the script of the page that a request has ended.
OVER = "() => { dispatchEvent(new CustomEvent('over', { detail: '%s' })); }"
# A click on a take triggers an event with its place in the list.
PRESSED = """element.addEventListener('click', ({ target }) => {
  const take = target.closest('[data-take]');
  if (take) trigger('click', { take: Number(take.dataset.take) });
});"""


@dataclass(frozen=True)
class SpeechEvents:
    """The events that speak, and those that keep what they spoke.

    Args:
        spoken: Speak was pressed.
        sampled: Listen was pressed on the card of a voice.
        again: a sentence was pressed.
        kept: the player of the finished take is shown.
    """

    spoken: Dependency
    sampled: Dependency
    again: Dependency
    kept: Sequence[Dependency]

    @property
    def events(self) -> tuple[Dependency, ...]:
        return self.spoken, self.sampled, self.again


def connect_speech(studio: DemoHandlers, composed: Composer, listener: PlayerPanel) -> SpeechEvents:
    """Connect what speaks to the player; its errors are shown below the text."""
    outputs: list[Block] = [*(getattr(listener, name) for name in SPEAKING), composed.problem]
    unchanged = showing()
    spoken = composed.speak.click(
        at_field(studio.speak, unchanged), composed.fields, outputs, api_name="speak", **QUICKLY
    )
    sampled = composed.picker.voice.click(
        at_field(listening(studio), unchanged), None, outputs, **QUIETLY
    )
    again = listener.sheet.click(
        at_field(studio.again, unchanged), listener.take, outputs, **QUIETLY
    )
    events = spoken, sampled, again
    kept = [_keep(studio, listener, event) for event in events]
    for event in events:
        event.then(fn=None, js=OVER % "over", **QUIETLY)
        event.failure(fn=None, js=OVER % "failed", **QUIETLY)
    return SpeechEvents(spoken, sampled, again, kept)


def _keep(studio: DemoHandlers, listener: PlayerPanel, event: Dependency) -> Dependency:
    """Show the take of an event with its files, and how its text is read."""
    whole: list[Block] = [listener.whole, listener.whole_times, listener.mel, *listener.downloads]
    kept: Dependency = event.success(
        studio.keep, listener.take, [*whole, listener.result], **QUIETLY
    )
    event.success(studio.read, listener.take, listener.reading, **QUIETLY)
    return kept


def connect_history(
    studio: DemoHandlers,
    composed: Composer,
    listener: PlayerPanel,
    speaking: SpeechEvents,
    takes: gr.HTML,
) -> None:
    """Keep the takes of Speak and of other attempts at a sentence; a click takes one up again."""
    history = gr.State(())

    def add(known: History, take: Take | None) -> tuple[History, str]:
        longer = remember(known, take, studio.limits)
        return longer, history_html(longer)

    def restore(known: History, chosen: gr.EventData) -> tuple[Any, ...]:
        with show_errors():
            place = chosen._data.get("take") if isinstance(chosen._data, dict) else None
            take = recall(known, place)
            return take, sheet(take.text), "", *fields_of(take)

    for event in (speaking.spoken, speaking.again):
        event.success(add, [history, listener.take], [history, takes], **QUIETLY)
    outputs: list[Block] = [listener.take, listener.sheet, composed.problem, *composed.fields]
    restored = takes.click(restore, history, outputs, **QUIETLY)
    _keep(studio, listener, restored)


def connect_files(books: BookHandlers, composed: Composer) -> None:
    """Connect the file and the choice of a chapter to the text; errors are shown at the file."""
    skipped = tuple(gr.skip() for _ in range(3))
    composed.file.upload(
        at_field(books.open, skipped),
        composed.file,
        [composed.parts, composed.chapters, composed.text, composed.file_problem],
        **QUIETLY,
    )
    composed.chapters.input(
        books.choose, [composed.parts, composed.chapters], composed.text, **QUIETLY
    )
