"""The comparison of one step with several."""

import gradio as gr
from gradio.components import Component

from ..handlers import DemoHandlers
from .controls import Composer
from .problems import at_field, problem

WAVES = gr.WaveformOptions(waveform_color="#77726a", waveform_progress_color="#2c8a7c")
NAMES = ("one", "many")


def comparison(studio: DemoHandlers, composed: Composer) -> None:
    """Build the comparison, and connect it.

    Args:
        studio: makes the speech.
        composed: the inputs of the page.
    """
    gr.HTML("<p class='note'>Speak the text in one step and in several, from the same noise.</p>")
    with gr.Row():
        many = gr.Slider(
            2, 32, 8, step=1, label="Number of steps", scale=3, min_width=200, buttons=[]
        )
        go = gr.Button("Compare", elem_id="compare", scale=1, min_width=120)
    wrong = problem("#compose, #comparison", elem_id="compare-problem")
    outputs: list[Component] = []
    with gr.Row():
        for name in NAMES:
            with gr.Column(min_width=280):
                stats = gr.HTML()
                player = gr.Audio(
                    interactive=False,
                    buttons=[],
                    show_label=False,
                    elem_id=name,
                    waveform_options=WAVES,
                )
                outputs += [player, stats]
    go.click(
        at_field(studio.compare, tuple(gr.skip() for _ in outputs)),
        [many, *composed.fields],
        [*outputs, wrong],
        api_name="compare",
        show_progress="minimal",
        concurrency_limit=None,
    )
