"""Speech to try at once: three examples, and a sentence by each voice."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from html import escape

import gradio as gr

from tts.delivery import DELIVERY_FIELDS

from .controls import DIALS
from .handlers import DemoHandlers, show_errors
from .problems import Handler, Shown
from .voice_cards import NO_BLEND

SAMPLE = "This is how I sound. Shall I read you something?"
# Each with a word on what it shows.
EXAMPLES = {
    "A story": (
        "It was a bright cold day in April. The clocks were striking thirteen, and nobody on the "
        "stairs looked up. Was it late, or was it early? She had stopped asking."
    ),
    "Numbers, dates and titles": (
        "On 3/4/2025 Dr. Lee of 12 St. James St. read that the wind had cost $5.2M."
    ),
    "Pauses and emphasis": (
        "Wait. [pause:500ms] I [pitch:+3]really[/pitch] mean it: [pace:0.8]take your time.[/pace]"
    ),
}


def examples_html() -> str:
    """Buttons that speak an example each."""
    buttons = "".join(
        f'<button type="button" class="example" data-example="{escape(text)}">'
        f"<b>{escape(title)}</b><span>{escape(text)}</span></button>"
        for title, text in EXAMPLES.items()
    )
    return f'<div class="examples"><p>Press an example to hear it.</p>{buttons}</div>'


def listening(studio: DemoHandlers) -> Handler:
    """The handler of Listen on the card of a voice: it speaks a sentence, as Speak does."""

    async def listen(chosen: gr.EventData) -> AsyncIterator[Shown]:
        with show_errors():
            voice = chosen._data.get("voice") if isinstance(chosen._data, dict) else None
            if not isinstance(voice, str):
                raise ValueError("voice must be the name of a voice")
        dials = [DELIVERY_FIELDS[name].default for name in DIALS]
        async with aclosing(studio.speak(SAMPLE, voice, NO_BLEND, 0, *dials)) as updates:
            async for update in updates:
                yield update

    return listen
