"""The web demo: type a text, and hear it while it is made."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import gradio as gr

from app.limits import Limits
from app.live import Live, Patience
from starlette.middleware import Middleware
from app.speaking import Studio
from tts.engine import Engine

STATIC = Path(__file__).parent / "static"


def page(engine: Engine, limits: Limits) -> gr.Blocks:
    """All that a visitor sees, and what it does."""
    studio = Studio(engine, limits)
    with gr.Blocks(title="One-step text to speech", analytics_enabled=False) as blocks:
        text = gr.Textbox(
            label="Text", lines=6, value="Flow maps speak in a single step.", elem_id="text"
        )
        voice = gr.Dropdown(list(engine.synthesizer.voices), label="Voice")
        other = gr.Dropdown(["", *engine.synthesizer.voices], value="", label="Blend")
        share = gr.Slider(0, 100, 50, label="Share")
        dials = [gr.Number(x) for x in (1, 1, 0, 0, 1, 0)]
        go = gr.Button("Speak", elem_id="speak")
        stop = gr.Button("Stop", elem_id="stop")
        live = Live(streaming=True, autoplay=True, elem_id="live", interactive=False)
        sheet = gr.HTML(elem_id="sheet")
        times = gr.HTML(elem_id="times", visible="hidden")
        told = gr.HTML(elem_id="told")
        take = gr.State()
        e = go.click(
            studio.speak,
            [text, voice, other, share, *dials],
            [live, sheet, times, told, take],
            api_name="speak",
            show_progress="hidden",
            concurrency_limit=None,
        )
        stop.click(None, cancels=[e])
    return blocks


@contextmanager
def served(engine: Engine, host: str, port: int, limits: Limits) -> Iterator[gr.Blocks]:
    """The page, meanwhile, at its `local_url`."""
    blocks = page(engine, limits)
    live = next(block for block in blocks.blocks.values() if isinstance(block, Live))
    blocks.queue(max_size=limits.waiting)
    blocks.launch(
        server_name=host,
        server_port=port or None,
        prevent_thread_lock=True,
        quiet=True,
        share=False,
        ssr_mode=False,
        app_kwargs={"middleware": [Middleware(Patience, live=live)]},
        max_file_size=limits.file_bytes,
        state_session_capacity=limits.visitors,
    )
    try:
        yield blocks
    finally:
        blocks.close()
