"""The right column of the page: the player, the text that it speaks, and the downloads."""

from dataclasses import dataclass
from html import escape
from typing import Any

import gradio as gr

from ..form.controls import Composer
from ..handlers import DemoHandlers
from ..request import FIELDS
from .routes import STATIC

EMPTY = (
    "<p class='empty'>Press Speak. Words are highlighted while they are spoken. Click a sentence "
    "to speak it again with another seed.</p>"
)
UNREAD = (
    "<details class='fold'><summary>How it is read</summary><div class='how'><p class='empty'>"
    "Press Speak to see how the text is read.</p></div></details>"
)
# A module, and a link for the style sheet: both come by the player's own routes
HEAD = (
    '<link rel="stylesheet" href="player/static/player.css">'
    '<script type="module" src="player/static/start.js"></script>'
)
# What an event calls with the values of `Composer.fields`
SPEAK = "(...values) => { speakFields(...values); }"
CHANGED = "(...values) => { player.changed(values); }"
QUIETLY: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}


@dataclass(frozen=True)
class PlayerPanel:
    """The parts of the right column; the player of `static` fills them."""

    player: gr.HTML
    reading: gr.HTML


def player_panel(rate: int, empty: str = EMPTY) -> PlayerPanel:
    """Build the right column of the page; on a phone, its middle.

    Args:
        rate: of the sound, in Hz.
        empty: HTML that is shown until something was spoken.
    """
    markup = (STATIC / "player.html").read_text("utf-8")
    shown = {"rate": str(rate), "fields": escape(" ".join(FIELDS)), "empty": empty}
    for name, value in shown.items():
        markup = markup.replace(f"{{{name}}}", value)
    player = gr.HTML(markup, elem_id="player-panel", apply_default_css=False, js_on_load=None)
    reading = gr.HTML(
        UNREAD, render=False, elem_id="reading", apply_default_css=False, js_on_load=None
    )
    return PlayerPanel(player, reading)


def connect_player(studio: DemoHandlers, composed: Composer) -> None:
    """Connect the inputs of the page to the player, and offer `/speak` to programs.

    The page itself speaks by the player's routes, so `/speak` belongs to a button that is hidden.
    """
    composed.speak.click(None, composed.fields, js=SPEAK, **QUIETLY)
    for field in composed.fields:
        field.change(None, composed.fields, js=CHANGED, **QUIETLY)  # type: ignore[attr-defined]
    made = [
        gr.Audio(visible=False, label="Audio"),
        gr.Textbox(visible=False, label="Times of the words"),
        gr.HTML(visible=False, label="Figures"),
    ]
    gr.Button(visible=False).click(
        studio.speak, composed.fields, made, api_name="speak", concurrency_limit=None
    )
