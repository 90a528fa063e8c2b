"""The takes of a visit, so that one can be heard again or taken up again with its settings."""

from collections.abc import Iterator
from html import escape
from typing import Any

from tts.delivery import DELIVERY_FIELDS
from tts.voices import blend_parts

from .controls import DIALS
from .handlers import blend
from .limits import DemoLimits
from .take import Take
from .voice_cards import NO_BLEND

EXCERPT = 90  # characters of a text that are shown
History = tuple[Take, ...]  # the newest first


def remember(history: History, take: Take | None, limits: DemoLimits) -> History:
    """The history with a take that was just spoken; the oldest are dropped beyond the limits."""
    if take is None or not take.lines or any(kept is take for kept in history):
        return history
    kept, seconds = [take], length(take)
    for one in history[: limits.takes - 1]:
        seconds += length(one)
        if seconds > limits.seconds:
            break
        kept.append(one)
    return tuple(kept)


def recall(history: History, place: Any) -> Take:
    """A take by its place in the list.

    Raises:
        ValueError: there is none.
    """
    if not isinstance(place, int) or place not in range(len(history)):
        raise ValueError("there is no such take; press Speak first")
    return history[place]


def fields_of(take: Take) -> tuple[Any, ...]:
    """The values of `Composer.fields` that ask for a take."""
    delivery = take.delivery
    dials = (getattr(delivery, name) for name in DIALS)
    return take.text, *_picked(delivery.voice), *dials


def _picked(voice: str) -> tuple[str, str, float]:
    """The voice, the second voice and its share that a blend was made of, if it was made so."""
    parts = blend_parts(voice)
    if len(parts) == 2:
        (first, _), (second, weight) = parts
        if blend(first, second, 100 * weight) == voice:
            return first, second, 100 * weight
    return voice, NO_BLEND, 50


def length(take: Take) -> float:
    """Length of the audio in seconds."""
    return sum(line.seconds for line in take.lines)


def history_html(history: History) -> str:
    """A list of the takes, each a button that plays it again with its text and settings."""
    if not history:
        return ""
    items = "".join(f"<li>{_button(place, take)}</li>" for place, take in enumerate(history))
    return f'<h2>Takes of this visit</h2><ol class="takes">{items}</ol>'


def _button(place: int, take: Take) -> str:
    text = " ".join(take.text.split())
    shown = text if len(text) <= EXCERPT else text[:EXCERPT].rstrip() + "…"
    return (
        f'<button type="button" data-take="{place}"><span class="text">{escape(shown)}</span>'
        f'<span class="settings">{escape(", ".join(_settings(take)))}</span></button>'
    )


def _settings(take: Take) -> Iterator[str]:
    """The voice, the length, and the settings that differ from the defaults."""
    delivery = take.delivery
    yield delivery.voice
    yield f"{length(take):.1f} s"
    for name in DIALS:
        value, field = getattr(delivery, name), DELIVERY_FIELDS[name]
        if value != field.default:
            unit = {"semitones": " semitones", "decibels": " dB"}.get(field.unit, "")
            yield f"{name} {value:g}{unit}"
    if count := len(delivery.other_seeds):
        yield f"{count} sentence{'s' if count > 1 else ''} with another seed"
