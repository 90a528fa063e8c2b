"""Where a visitor says what is to be spoken, and how."""

from collections.abc import Sequence
from dataclasses import dataclass

import gradio as gr
from gradio.components import Component

from tts.serving.engine import Engine
from tts.speech import DELIVERY_RANGES, Delivery

EXAMPLES = (
    "Flow maps speak in a single step.",
    "On 3/4/2025 Dr. Lee of 12 St. James St. read that the wind had cost $5.2M.",
    "Wait. [pause:500ms] I [pitch:+3]really[/pitch] mean it: [pace:0.8]take your time.[/pace]",
    "It was a bright cold day in April. The clocks were striking thirteen, and nobody on the "
    "stairs looked up. Was it late, or was it early? She had stopped asking.",
)


@dataclass(frozen=True)
class Composer:
    """What a visitor types into, turns and presses."""

    text: gr.Textbox
    dials: Sequence[Component]
    speak: gr.Button
    stop: gr.Button
    file: gr.File
    chapters: gr.Dropdown
    parts: gr.State

    @property
    def fields(self) -> list[Component]:
        return [self.text, *self.dials]


def composer(engine: Engine) -> Composer:
    """The left of the page; on a phone, its head and its foot."""
    voices = list(engine.synthesizer.voices)
    text = gr.Textbox(
        EXAMPLES[0],
        label="Text",
        lines=7,
        max_lines=16,
        elem_id="text",
        placeholder="Type or paste what is to be said.",
    )
    with gr.Row(elem_classes="soon"):
        speak = gr.Button("Speak", variant="primary", elem_id="speak", scale=3, min_width=140)
        stop = gr.Button("Stop", elem_id="stop", scale=1, min_width=90)
    with gr.Row():
        voice = gr.Dropdown(voices, value=voices[0], label="Voice", min_width=140)
        other = gr.Dropdown([("none", ""), *voices], value="", label="Blended with", min_width=140)
    share = gr.Slider(0, 100, 50, step=5, label="Share of the other voice, %", visible=False)
    other.change(
        lambda name: gr.Slider(visible=bool(name)),
        other,
        share,
        show_progress="hidden",
        api_visibility="private",
    )
    with gr.Accordion("Dials", open=False):
        numbers = _dials()
    with gr.Accordion("From a file or a book", open=False, elem_id="book"):
        file = gr.File(
            label="A .txt or an .epub", file_types=[".txt", ".epub"], height=150, elem_id="file"
        )
        chapters = gr.Dropdown([], label="Chapter", visible=False, elem_id="chapters")
    gr.Examples([[example] for example in EXAMPLES], [text], label="Try one of these")
    dials = [voice, other, share, *numbers]
    return Composer(text, dials, speak, stop, file, chapters, gr.State([]))


def _dials() -> list[Component]:
    usual = Delivery()

    def dial(name: str, label: str, step: float, low: float, high: float) -> gr.Slider:
        least, most = DELIVERY_RANGES[name]
        assert least <= low < high <= most, "no dial goes beyond what may be"
        return gr.Slider(low, high, getattr(usual, name), step=step, label=label, min_width=140)

    with gr.Row():
        steps = dial("steps", "Steps", 1, 1, 32)
        pace = dial("pace", "Pace", 0.05, 0.5, 2)
    with gr.Row():
        pitch = dial("pitch", "Pitch, semitones", 0.5, -12, 12)
        energy = dial("energy", "Energy, dB", 0.5, -20, 20)
    with gr.Row():
        pauses = dial("pauses", "Pauses", 0.05, 0.25, 4)
        seed = gr.Number(usual.seed, label="Seed", precision=0, minimum=0)
    return [steps, pace, pitch, energy, pauses, seed]
