"""The right column of the page: the text, the players and the downloads."""

from collections.abc import Sequence
from dataclasses import dataclass

import gradio as gr

from .player import Streams

EMPTY = (
    "<p class='empty'>Press Speak. Words are highlighted while they are spoken. Click a sentence "
    "to speak it again with another seed.</p>"
)
UNREAD = "<p class='empty'>Press Speak to see how the text is read.</p>"
# A click on a word triggers an event with the number of its sentence.
CHOSEN = """element.addEventListener('click', (event) => {
  const word = event.target.closest('[data-line]');
  if (word) trigger('click', { line: Number(word.dataset.line) });
});"""
WAVES = gr.WaveformOptions(waveform_color="#77726a", waveform_progress_color="#2c8a7c")


@dataclass(frozen=True)
class PlayerPanel:
    """The outputs of the page: the text, the players and the downloads."""

    sheet: gr.HTML
    live: gr.Audio
    times: gr.HTML
    stats: gr.HTML
    take: gr.State
    result: gr.Column
    whole: gr.Audio
    whole_times: gr.HTML
    mel: gr.Image
    downloads: Sequence[gr.DownloadButton]
    reading: gr.HTML


def player_panel(streams: Streams) -> PlayerPanel:
    """Build the right column of the page; on a phone, its middle.

    Args:
        streams: the streams of the live player.
    """
    sheet = gr.HTML(EMPTY, elem_id="sheet", js_on_load=CHOSEN)
    live = streams.player(elem_id="live", show_label=False, container=False, buttons=[])
    stats = gr.HTML(elem_id="told")
    gr.HTML("<p class='figure'></p>", elem_id="heard")
    times = gr.HTML(elem_id="live-times", visible="hidden")
    whole_times = gr.HTML(elem_id="whole-times", visible="hidden")
    with gr.Column(visible=False, elem_id="result") as result:
        whole = gr.Audio(
            label="Complete audio",
            elem_id="whole",
            interactive=False,
            buttons=[],
            waveform_options=WAVES,
        )
        mel = gr.Image(
            elem_id="mel",
            show_label=False,
            interactive=False,
            buttons=[],
            alt_text="The audio as a mel-spectrogram: time to the right, frequency upwards",
        )
        with gr.Row():
            downloads = [
                gr.DownloadButton(name, size="sm", min_width=70, elem_id=f"as-{name}")
                for name in ("wav", "mp3", "srt")
            ]
    reading = gr.HTML(UNREAD, render=False, elem_id="reading")
    return PlayerPanel(
        sheet=sheet,
        live=live,
        times=times,
        stats=stats,
        take=gr.State(),
        result=result,
        whole=whole,
        whole_times=whole_times,
        mel=mel,
        downloads=downloads,
        reading=reading,
    )
