"""The inputs of the page: text, voice, settings and files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import gradio as gr
from gradio.components import Component

from tts.delivery import DELIVERY_FIELDS
from tts.serving.engine import Engine
from tts.synthesis import Synthesizer

from ..voices import is_own

EXAMPLES = (
    "Flow maps speak in a single step.",
    "On 3/4/2025 Dr. Lee of 12 St. James St. read that the wind had cost $5.2M.",
    "Wait. [pause:500ms] I [pitch:+3]really[/pitch] mean it: [pace:0.8]take your time.[/pace]",
    "It was a bright cold day in April. The clocks were striking thirteen, and nobody on the "
    "stairs looked up. Was it late, or was it early? She had stopped asking.",
)

# The settings in their order: the step of the slider and its ends, None for the limits of Delivery.
# Steps and ends are chosen by hand.
DIALS: Mapping[str, tuple[float, float | None, float | None]] = {
    "steps": (1, 1, 32),
    "pace": (0.05, 0.5, 2),
    "pitch": (0.5, None, None),
    "energy": (0.5, None, None),
    "pauses": (0.05, None, None),
    "seed": (1, None, None),
}


@dataclass(frozen=True)
class Composer:
    """The inputs of the page; `fields` is what a request for speech consists of."""

    text: gr.Textbox
    dials: Sequence[Component]
    speak: gr.Button
    file: gr.File
    chapters: gr.Dropdown
    parts: gr.State

    @property
    def fields(self) -> list[Component]:
        return [self.text, *self.dials]


def composer(engine: Engine, default: str | None = None) -> Composer:
    """Build the left column of the page; on a phone, its top and bottom.

    Args:
        engine: offers the voices.
        default: the voice that is chosen first, which may be a blend; None for the first of all.
    """
    voices = _voice_menu(engine.synthesizer, default)
    text = gr.Textbox(
        EXAMPLES[0],
        label="Text",
        lines=7,
        max_lines=16,
        elem_id="text",
        placeholder="Type or paste text. Ctrl+Enter speaks it.",
    )
    with gr.Row(elem_classes="soon"):
        speak = gr.Button("Speak", variant="primary", elem_id="speak", min_width=140)
    with gr.Row():
        voice = gr.Dropdown(voices, value=default or voices[0][1], label="Voice", min_width=140)
        other = gr.Dropdown([("none", ""), *voices], value="", label="Blend with", min_width=140)
    share = gr.Slider(0, 100, 50, step=5, label="Share of the second voice, %", visible=False)
    other.change(
        lambda name: gr.Slider(visible=bool(name)),
        other,
        share,
        show_progress="hidden",
        api_visibility="private",
    )
    with gr.Accordion("Settings", open=False):
        numbers = _dials()
    with gr.Accordion("Open a file or a book", open=False, elem_id="book"):
        file = gr.File(
            label="Text (.txt) or EPUB (.epub)",
            file_types=[".txt", ".epub"],
            height=150,
            elem_id="file",
        )
        chapters = gr.Dropdown([], label="Chapter", visible=False, elem_id="chapters")
    gr.Examples([[example] for example in EXAMPLES], [text], label="Examples")
    dials = [voice, other, share, *numbers]
    return Composer(text, dials, speak, file, chapters, gr.State([]))


def _voice_menu(synthesizer: Synthesizer, default: str | None) -> list[tuple[str, str]]:
    """The labels and names of the voices; those of the user are labelled as such."""
    learned = synthesizer.learned_voices
    names = list(synthesizer.voices)
    if default and default not in names:  # a blend
        names.insert(0, default)
    return [
        (f"{name} (your own)" if name in learned and is_own(learned[name]) else name, name)
        for name in names
    ]


def _dials() -> list[Component]:
    """The inputs of `DIALS`, two in a row."""
    made: list[Component] = []
    names = list(DIALS)
    for pair in zip(names[::2], names[1::2], strict=True):
        with gr.Row():
            made += map(_dial, pair)
    return made


def _dial(name: str) -> Component:
    number, (step, low, high) = DELIVERY_FIELDS[name], DIALS[name]
    label = name.capitalize().replace("_", " ")
    if name == "seed":  # its range is too large for a slider
        return gr.Number(number.default, label=label, precision=0, minimum=number.low)
    low, high = number.low if low is None else low, number.high if high is None else high
    assert number.low <= low < high <= number.high, "a slider stays within the range of Delivery"
    label += {"semitones": ", semitones", "decibels": ", dB"}.get(number.unit, "")
    return gr.Slider(low, high, number.default, step=step, label=label, min_width=140)
