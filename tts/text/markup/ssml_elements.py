"""The elements of SSML that are known, the attributes of each, and what it does."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tts.quoting import quoted
from tts.text.markup import ssml_prosody
from tts.text.markup.phoneme_tags import stand_in
from tts.text.markup.tags import PLAIN, Pause, Tone, seconds
from tts.text.normalise.languages import language_of
from tts.text.options import Reading
from tts.text.pronounce import ipa
from tts.text.sentences import BREATH, HEADING, ITEM, PARAGRAPH, SENTENCE

STRENGTHS = dict(
    zip(
        ("none", "x-weak", "weak", "medium", "strong", "x-strong"),
        (0.0, BREATH, ITEM, SENTENCE, HEADING, PARAGRAPH),
        strict=True,
    )
)
LANGUAGE = "xml:lang"

Attributes = Mapping[str, str]
Say = Callable[[str], tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Effect:
    """What an element does: a tone for all within it, a pause, or other words, with their phones
    if those are given, for the text within it."""

    tone: Tone = PLAIN
    pause: Pause | None = None
    say: Say | None = None


def _break(attributes: Attributes, reading: Reading) -> Effect:
    """A pause of so much time, or else of a strength."""
    strength = attributes.get("strength", "medium")
    if strength not in STRENGTHS:
        raise ValueError(f"expected a strength of {', '.join(STRENGTHS)}, not {quoted(strength)}")
    written = attributes.get("time")
    return Effect(pause=Pause(STRENGTHS[strength] if written is None else seconds(written)))


def _say_as(attributes: Attributes, reading: Reading) -> Effect:
    """Text read as letters, a number, a date..., in a language that knows how."""
    kind, sayings = attributes.get("interpret-as", ""), language_of(reading).sayings()
    if kind not in sayings:
        raise ValueError(f"expected interpret-as {', '.join(sayings)}, not {quoted(kind)}")
    style = attributes.get("format", "")
    return Effect(say=lambda written: (sayings[kind](written, style, reading), ""))


def _sub(attributes: Attributes, reading: Reading) -> Effect:
    if "alias" not in attributes:
        raise ValueError("expected an alias, found none; add what is to be said")
    return Effect(say=lambda written: (attributes["alias"], ""))


def _phoneme(attributes: Attributes, reading: Reading) -> Effect:
    if attributes.get("alphabet", "ipa") != "ipa":
        raise ValueError(f"expected the alphabet ipa, not {quoted(attributes['alphabet'])}")
    phones = ipa.read(attributes.get("ph", ""))
    return Effect(say=lambda written: (stand_in(written), phones))


def _speak(attributes: Attributes, reading: Reading) -> Effect:
    return Effect()


def _p(attributes: Attributes, reading: Reading) -> Effect:
    return Effect(pause=Pause(PARAGRAPH, exact=False))


def _s(attributes: Attributes, reading: Reading) -> Effect:
    return Effect(pause=Pause(SENTENCE, exact=False))


def _prosody(attributes: Attributes, reading: Reading) -> Effect:
    return Effect(tone=ssml_prosody.prosody(attributes))


def _emphasis(attributes: Attributes, reading: Reading) -> Effect:
    return Effect(tone=ssml_prosody.emphasis(attributes))


# An element's attributes, and what it does.
ELEMENTS: Mapping[str, tuple[tuple[str, ...], Callable[[Attributes, Reading], Effect]]] = {
    "speak": (("version", LANGUAGE), _speak),
    "p": ((LANGUAGE,), _p),
    "s": ((LANGUAGE,), _s),
    "break": (("time", "strength"), _break),
    "prosody": (("rate", "pitch", "volume"), _prosody),
    "emphasis": (("level",), _emphasis),
    "say-as": (("interpret-as", "format"), _say_as),
    "sub": (("alias",), _sub),
    "phoneme": (("alphabet", "ph"), _phoneme),
}
