"""The choice of a voice: a card for each with its measurements, and a blend with a second one."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr

from tts.serving.engine import Engine
from tts.synthesis import Synthesizer

from ...voices import describe_voices, is_own
from .problems import field_problems
from .select import select

SHOWN = 3  # cards that are shown at once; the others are behind "more voices"
NO_BLEND = ""
SCRIPT = Path(__file__).parents[1] / "static" / "voices.js"
SAMPLE = "This is how I sound. Shall I read you something?"
# What the page measures of a voice, in the order of a card.
SCALES = (
    "Quality is DistillMOS, a computed estimate of listeners' scores from 1 to 5. Word errors are "
    "those of Whisper base, of 100 words that the voice reads."
)
Card = Mapping[str, Any]  # of `describe_voices`, and `own`


@dataclass(frozen=True)
class VoicePicker:
    """The inputs that choose a voice, in the order of a request for speech."""

    voice: gr.HTML
    other: gr.HTML
    share: gr.Slider


def voice_picker(engine: Engine, default: str | None = None) -> VoicePicker:
    """Build the cards, and the folded choice of a second voice.

    Args:
        engine: offers the voices.
        default: the voice that is chosen first, which may be a blend; None for the first of all.
    """
    cards = voices_of(engine.synthesizer, default)
    chosen = default or cards[0]["id"]
    voice = gr.HTML(
        chosen,
        html_template="${cards}",
        cards=cards_html(cards, chosen),
        apply_default_css=False,
        js_on_load=SCRIPT.read_text("utf-8"),
        elem_id="voices",
        label="Voice",
    )
    field_problems(["voice"])
    with gr.Accordion("Blend with a second voice", open=False, elem_id="blend"), gr.Row():
        names = [("none", NO_BLEND), *((title(one), one["id"]) for one in cards)]
        other = select("Second voice", names, elem_id="second")
        share = gr.Slider(
            0,
            100,
            50,
            step=5,
            label="Share of the second voice, %",
            buttons=[],
            elem_id="dial-share",
        )
        field_problems(["share"])
    return VoicePicker(voice, other, share)


def voices_of(synthesizer: Synthesizer, default: str | None = None) -> list[Card]:
    """What the cards tell of each voice, the default first.

    Args:
        synthesizer: offers the voices.
        default: the voice that is chosen first; a blend gets a card of its own.
    """
    learned = synthesizer.learned_voices
    found: list[Card] = [
        one | {"own": one["learned"] and is_own(learned[one["id"]])}
        for one in describe_voices(synthesizer)
    ]
    if default and default not in [one["id"] for one in found]:
        found.append({"id": default, "blend": True})
    return sorted(found, key=lambda one: one["id"] != default)


def title(card: Card) -> str:
    """The name of a voice, and whether it is one of the user."""
    return f"{card['id']} (your own)" if card.get("own") else str(card["id"])


def cards_html(cards: list[Card], chosen: str) -> str:
    """Cards with a radio button and a button to listen each; those beyond `SHOWN` are folded."""
    first, more = cards[:SHOWN], cards[SHOWN:]
    return (
        '<fieldset class="voices"><legend>Voice: <strong>'
        f"{escape(chosen)}</strong></legend>{_grid(first, chosen)}{_more(more, chosen)}</fieldset>"
    )


def _more(cards: list[Card], chosen: str) -> str:
    note = f'<p class="note">{escape(SCALES, quote=False)}</p>'
    if not cards:
        return note
    count = f"{len(cards)} more voice{'s' if len(cards) > 1 else ''}"
    return f"<details><summary>{count}</summary>{_grid(cards, chosen)}{note}</details>"


def _grid(cards: Iterable[Card], chosen: str) -> str:
    return f'<div class="cards">{"".join(_card(one, one["id"] == chosen) for one in cards)}</div>'


def _card(card: Card, checked: bool) -> str:
    name = escape(card["id"])
    facts = "".join(f"<span>{escape(fact)}</span>" for fact in _facts(card))
    return (
        f'<div class="card"><label><input type="radio" name="voice" value="{name}"'
        f'{" checked" if checked else ""}><span class="name">{name}</span>'
        f'<span class="facts">{facts}</span></label>'
        f'<button type="button" class="listen" data-say="{SAMPLE}" data-voice="{name}"'
        f' aria-label="Listen to {name}">'
        '<svg viewBox="0 0 16 16" aria-hidden="true"><path d="M4 2.5v11l9-5.5z"/></svg>'
        "<span>Listen</span></button></div>"
    )


def _facts(card: Card) -> Iterator[str]:
    """Short lines on a voice: what it is, and how well it speaks."""
    if card.get("blend"):
        yield "A blend"
        return
    about = [str(card[name]) for name in ("sex", "accent") if card.get(name)]
    if about:
        line = ", ".join(about)
        yield line[:1].upper() + line[1:]
    if card["own"]:
        yield "Your own voice"
    elif card["learned"]:
        yield "Learned voice"
    if (quality := card.get("distillmos")) is not None:
        yield f"Quality {quality:.1f} of 5"
    if (errors := card.get("word_errors")) is not None:
        yield f"Word errors {errors:.1f}%"
