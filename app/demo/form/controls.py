"""The inputs of the page: text, voice, settings and files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import gradio as gr
from gradio.components import Component

from tts.delivery import DELIVERY_FIELDS
from tts.serving.engine import Engine
from tts.text.files.read_book import BOOK_SUFFIXES

from .problems import field_problems, problem
from .select import select
from .voice_cards import VoicePicker, voice_picker

CHAPTER = "Chapter"
FIRST_TEXT = "Flow maps speak in a single step."

# The settings in their order: the step of the slider and its ends, None for the limits of Delivery.
# Steps and ends are chosen by hand.
DIALS: Mapping[str, tuple[float, float | None, float | None]] = {
    "steps": (1, 1, 32),
    "pace": (0.05, 0.5, 2),
    "pitch": (0.5, None, None),
    "energy": (0.5, None, None),
    "pauses": (0.05, None, None),
    "seed": (1, None, None),
    "best_of": (1, 1, 8),
}
UNITS = {"decibels": "dB", "a factor": "factor"}


@dataclass(frozen=True)
class Composer:
    """The inputs of the page; `fields` is what a request for speech consists of."""

    text: gr.Textbox
    picker: VoicePicker
    dials: Sequence[Component]
    speak: gr.Button
    file: gr.File
    file_problem: gr.HTML
    chapters: gr.HTML
    parts: gr.State

    @property
    def fields(self) -> list[Component]:
        picker = self.picker
        return [self.text, picker.voice, picker.other, picker.share, *self.dials]


def composer(engine: Engine, default: str | None = None) -> Composer:
    """Build the left column of the page; on a phone, its top and bottom.

    Args:
        engine: offers the voices.
        default: the voice that is chosen first, which may be a blend; None for the first of all.
    """
    text = gr.Textbox(
        FIRST_TEXT,
        label="Text in English",
        lines=5,
        max_lines=14,
        elem_id="text",
        placeholder="Type or paste English text. Ctrl+Enter speaks it.",
    )
    field_problems(["text"], elem_id="text-problem")
    with gr.Row(elem_classes="soon"):
        speak = gr.Button("Speak", variant="primary", elem_id="speak", min_width=140)
    picker = voice_picker(engine, default)
    with gr.Accordion("Settings", open=False, elem_id="settings"):
        dials = _dials()
        field_problems(DIALS)
    with gr.Accordion("Open a file or a book", open=False, elem_id="book"):
        file = gr.File(
            label=f"A text or a book: {', '.join(BOOK_SUFFIXES)}",
            file_types=list(BOOK_SUFFIXES),
            height=150,
            elem_id="file",
        )
        unread = problem("#book", elem_id="file-problem")
        chapters = select(CHAPTER, [], visible=False, elem_id="chapters")
    return Composer(
        text=text,
        picker=picker,
        dials=dials,
        speak=speak,
        file=file,
        file_problem=unread,
        chapters=chapters,
        parts=gr.State([]),
    )


def _dials() -> list[Component]:
    """The inputs of `DIALS`, two in a row."""
    made: list[Component] = []
    names = list(DIALS)
    for start in range(0, len(names), 2):
        with gr.Row():
            made += map(_dial, names[start : start + 2])
    return made


def _dial(name: str) -> Component:
    number, (step, low, high) = DELIVERY_FIELDS[name], DIALS[name]
    unit = UNITS.get(number.unit, number.unit)
    label = name.replace("_", " ").capitalize() + (f" ({unit})" if unit else "")
    if name == "seed":  # its range is too large for a slider
        return gr.Number(
            number.default,
            label=label,
            info=number.help,
            precision=0,
            min_width=210,
            minimum=number.low,
            elem_id=f"dial-{name}",
        )
    low, high = number.low if low is None else low, number.high if high is None else high
    assert number.low <= low < high <= number.high, "a slider stays within the range of Delivery"
    return gr.Slider(
        low,
        high,
        number.default,
        step=step,
        label=label,
        info=number.help,
        min_width=210,
        buttons=[],
        elem_id=f"dial-{name}",
    )
