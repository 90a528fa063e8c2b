"""The supported SSML elements, the attributes of each, and its effect."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tts.error_messages import quoted
from tts.text.markup import ssml_prosody
from tts.text.markup.phoneme_tags import placeholder_words
from tts.text.markup.tags import NEUTRAL, Pause, Prosody, parse_seconds, parse_voice
from tts.text.normalise.languages import language_of
from tts.text.options import TextOptions
from tts.text.pauses import (
    BREATH_PAUSE_SECONDS,
    HEADING_PAUSE_SECONDS,
    ITEM_PAUSE_SECONDS,
    PARAGRAPH_PAUSE_SECONDS,
    SENTENCE_PAUSE_SECONDS,
)
from tts.text.pronounce import ipa

# SSML leaves the lengths of the strengths to the synthesizer. These are the pauses of plain text
# (`tts.text.pauses`) in rising order, so that a break sounds like its counterpart in a text.
STRENGTHS = dict(
    zip(
        ("none", "x-weak", "weak", "medium", "strong", "x-strong"),
        (
            0.0,
            BREATH_PAUSE_SECONDS,
            ITEM_PAUSE_SECONDS,
            SENTENCE_PAUSE_SECONDS,
            HEADING_PAUSE_SECONDS,
            PARAGRAPH_PAUSE_SECONDS,
        ),
        strict=True,
    )
)
LANGUAGE_ATTRIBUTE = "xml:lang"

Attributes = Mapping[str, str]
Pronounce = Callable[[str], tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Effect:
    """The effect of an element.

    Args:
        prosody: the prosody of everything in the element.
        pause: silence at the element; one that is not exact stands at its end too.
        pronounce: a function from the element's text to its replacement and its phones; empty
            phones mean that the replacement is pronounced as usual.
        voice: the voice of everything in the element; empty for that of the element around it.
    """

    prosody: Prosody = NEUTRAL
    pause: Pause | None = None
    pronounce: Pronounce | None = None
    voice: str = ""


def _break(attributes: Attributes, reading: TextOptions) -> Effect:
    """A pause of the given time, or else of the given strength."""
    strength = attributes.get("strength", "medium")
    if strength not in STRENGTHS:
        raise ValueError(f"strength must be one of {', '.join(STRENGTHS)}; got {quoted(strength)}")
    written = attributes.get("time")
    return Effect(pause=Pause(STRENGTHS[strength] if written is None else parse_seconds(written)))


def _say_as(attributes: Attributes, reading: TextOptions) -> Effect:
    """Text read as letters, a number, a date or another kind that the language supports."""
    kind, sayings = attributes.get("interpret-as", ""), language_of(reading).sayings()
    if kind not in sayings:
        raise ValueError(f"interpret-as must be one of {', '.join(sayings)}; got {quoted(kind)}")
    style = attributes.get("format", "")
    return Effect(pronounce=lambda written: (sayings[kind](written, style, reading), ""))


def _sub(attributes: Attributes, reading: TextOptions) -> Effect:
    if "alias" not in attributes:
        raise ValueError("the attribute alias is missing; set it to the text to speak instead")
    return Effect(pronounce=lambda written: (attributes["alias"], ""))


def _phoneme(attributes: Attributes, reading: TextOptions) -> Effect:
    if attributes.get("alphabet", "ipa") != "ipa":
        raise ValueError(f"alphabet must be ipa, got {quoted(attributes['alphabet'])}")
    phones = ipa.parse_ipa(attributes.get("ph", ""))
    return Effect(pronounce=lambda written: (placeholder_words(written), phones))


def _speak(attributes: Attributes, reading: TextOptions) -> Effect:
    return Effect()


def _p(attributes: Attributes, reading: TextOptions) -> Effect:
    return Effect(pause=Pause(PARAGRAPH_PAUSE_SECONDS, exact=False))


def _s(attributes: Attributes, reading: TextOptions) -> Effect:
    return Effect(pause=Pause(SENTENCE_PAUSE_SECONDS, exact=False))


def _voice(attributes: Attributes, reading: TextOptions) -> Effect:
    if "name" not in attributes:
        raise ValueError("the attribute name is missing; set it to the name of a voice")
    return Effect(voice=parse_voice(attributes["name"]))


def _prosody(attributes: Attributes, reading: TextOptions) -> Effect:
    return Effect(prosody=ssml_prosody.parse_prosody(attributes))


def _emphasis(attributes: Attributes, reading: TextOptions) -> Effect:
    return Effect(prosody=ssml_prosody.parse_emphasis(attributes))


# The attributes of each element, and the function that makes its effect.
ELEMENTS: Mapping[str, tuple[tuple[str, ...], Callable[[Attributes, TextOptions], Effect]]] = {
    "speak": (("version", LANGUAGE_ATTRIBUTE), _speak),
    "p": ((LANGUAGE_ATTRIBUTE,), _p),
    "s": ((LANGUAGE_ATTRIBUTE,), _s),
    "break": (("time", "strength"), _break),
    "voice": (("name", LANGUAGE_ATTRIBUTE), _voice),
    "prosody": (("rate", "pitch", "volume"), _prosody),
    "emphasis": (("level",), _emphasis),
    "say-as": (("interpret-as", "format"), _say_as),
    "sub": (("alias",), _sub),
    "phoneme": (("alphabet", "ph"), _phoneme),
}
