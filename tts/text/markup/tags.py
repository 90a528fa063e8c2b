"""Tags in a text: pauses, and changes of voice, pace, pitch and energy.

`[pause:500ms]` inserts silence. `[voice:michael]`, `[pace:0.8]`, `[pitch:+2]` and `[energy:+3]`
hold until `[/voice]`, `[/pace]`, `[/pitch]` and `[/energy]`, and may be nested. Anything else in
brackets is ordinary text.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from tts.error_messages import quoted
from tts.text.normalise.spans import Span
from tts.validation import check_types

# The description of each markup rule, by its name in the output of `tts explain`.
MARKUP_RULES: Mapping[str, str] = {
    "pause tag": "A pause tag inserts silence: [pause:500ms] is half a second.",
    "tone tag": "A tag of pace, pitch or energy changes how the text after it is spoken.",
    "voice tag": "A voice tag changes the voice that speaks the text after it.",
    "SSML tag": "SSML tags and comments are not read; they change how their text is spoken.",
    "SSML text": "A line break in SSML is read as a space, an entity as its character.",
    "SSML reading": "The text of say-as, sub or phoneme is read as the element specifies.",
    "phonemes": "Inline phonemes replace the pronunciation of a word.",
}

TAG = re.compile(
    r"\[(?P<name>pause|voice|pace|pitch|energy):(?P<value>[^\[\]\n]*)\]"
    r"|\[/(?P<closed>pause|voice|pace|pitch|energy)\]"
)
RULES = {"pause": "pause tag", "voice": "voice tag"}  # of other tags it is "tone tag"
NUMBER = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)"
TIME = re.compile(r"\+?(?P<number>[0-9]+\.?[0-9]*|\.[0-9]+)\s*(?P<unit>ms|s)")
# Limits against typing errors and misuse, chosen by hand.
MAX_PAUSE_SECONDS = 60.0
PROSODY_RANGES = {"pace": (0.25, 4), "pitch": (-12, 12), "energy": (-20, 20)}
UNITS = {"pace": "a factor", "pitch": "semitones", "energy": "decibels"}


@dataclass(frozen=True, slots=True)
class Prosody:
    """The prosody of a part of a text, relative to the rest.

    Args:
        pace: a factor of the speed, from 0.25 to 4; 2 is twice as fast.
        pitch: the change of pitch in semitones, from -12 to 12.
        energy: the change of level in decibels, from -20 to 20.

    Raises:
        ValueError: a value is out of range, or not a number.
    """

    pace: float = 1.0
    pitch: float = 0.0
    energy: float = 0.0

    def __post_init__(self) -> None:
        check_types(self)
        for name, (low, high) in PROSODY_RANGES.items():
            if not low <= (value := getattr(self, name)) <= high:
                raise ValueError(f"{name} must be from {low:g} to {high:g}, got {value:g}")

    def within(self, outer: "Prosody") -> "Prosody":
        """This prosody nested in another: paces multiply; pitches and energies add up."""
        return Prosody(self.pace * outer.pace, self.pitch + outer.pitch, self.energy + outer.energy)


NEUTRAL = Prosody()


@dataclass(frozen=True, slots=True)
class Pause:
    """Silence in a text.

    Args:
        seconds: its length in seconds.
        exact: True for exactly this length; False ends the sentence, and the usual pause after a
            sentence is at least this long.
    """

    seconds: float
    exact: bool = True


@dataclass(frozen=True, slots=True)
class TextRun:
    """A part of a text with the same prosody and voice.

    Args:
        span: its start and end in the original text, in characters.
        prosody: its prosody.
        rule: the markup rule (`MARKUP_RULES`) that replaced the text; empty for ordinary text.
        replacement: the text that is read instead, if there is a rule.
        phones: the phones of the replacement, if the markup gives them.
        pause: silence at the end of the run; it also ends the section.
        voice: the voice or blend that the markup names; empty for that of the delivery.
    """

    span: Span
    prosody: Prosody = NEUTRAL
    rule: str = ""
    replacement: str = ""
    phones: str = ""
    pause: Pause | None = None
    voice: str = ""


@dataclass(frozen=True, slots=True)
class Manner:
    """How a part of a text is spoken: its prosody, and its voice where the markup names one."""

    prosody: Prosody = NEUTRAL
    voice: str = ""


def parse_tags(text: str) -> list[TextRun]:
    """Parse the tags of a text into runs.

    Args:
        text: text with or without tags.

    Returns:
        The runs in order, of tags and of the text between them. Their spans are adjacent and cover
        the whole text.

    Raises:
        ValueError: a value is wrong or out of range, or the tags are not nested and closed; the
            message names the tag and its place.

    Example:
        >>> [(run.span, run.prosody.pace) for run in parse_tags("[pace:0.8]Slowly[/pace].")]
        [((0, 10), 0.8), ((10, 16), 0.8), ((16, 23), 1.0), ((23, 24), 1.0)]
    """
    runs: list[TextRun] = []
    opened: list[re.Match[str]] = []
    manners, place = [Manner()], 0
    for tag in TAG.finditer(text):
        if tag["closed"] and not opened:
            raise ValueError(f"{_placed(tag)} closes no tag")
        if place < tag.start():
            runs.append(_run((place, tag.start()), manners[-1]))
        try:
            pause = _obeyed(tag, opened, manners)
        except ValueError as error:
            raise ValueError(f"in {_placed(tag)}: {error}") from error
        rule = RULES.get(tag["name"] or tag["closed"], "tone tag")
        runs.append(_run(tag.span(), manners[-1], rule, pause))
        place = tag.end()
    if opened:
        raise ValueError(f"{_placed(opened[-1])} is not closed; add [/{opened[-1]['name']}]")
    if place < len(text):
        runs.append(TextRun((place, len(text))))
    return runs


def parse_seconds(written: str) -> float:
    """Parse a time with its unit, such as 500ms or 1.5s, to seconds, at most 60."""
    time = TIME.fullmatch(written.strip())
    if not time:
        raise ValueError(f"time must be such as 500ms or 1.5s, got {quoted(written)}")
    said = float(time["number"]) / (1000 if time["unit"] == "ms" else 1)
    if said > MAX_PAUSE_SECONDS:
        raise ValueError(f"a pause must be at most {MAX_PAUSE_SECONDS:g} s, got {quoted(written)}")
    return said


def parse_voice(written: str) -> str:
    """The name of a voice or a blend, as markup gives it; whether it exists is checked later."""
    if not (voice := written.strip()):
        raise ValueError(f"voice must be the name of a voice, got {quoted(written)}")
    return voice


def _run(span: Span, manner: Manner, rule: str = "", pause: Pause | None = None) -> TextRun:
    return TextRun(span, manner.prosody, rule, pause=pause, voice=manner.voice)


def _obeyed(tag: re.Match[str], opened: list[re.Match[str]], manners: list[Manner]) -> Pause | None:
    """Apply a tag to the open tags and to their manners; return its pause, if it is one."""
    name, value = tag["name"], tag["value"]
    if name == "pause":
        return Pause(parse_seconds(value))
    if name:
        manners.append(_changed(name, value, manners[-1]))
        opened.append(tag)
    else:
        wanted = f"[/{opened[-1]['name']}]"
        if wanted != tag.group():
            raise ValueError(f"expected {wanted}; tags must be nested")
        opened.pop()
        manners.pop()
    return None


def _changed(name: str, value: str, outer: Manner) -> Manner:
    """The manner within a tag."""
    if name == "voice":
        return Manner(outer.prosody, parse_voice(value))
    number = re.fullmatch(NUMBER, value.strip())
    if not number:
        raise ValueError(f"{name} must be a number ({UNITS[name]}), got {quoted(value)}")
    return Manner(Prosody(**{name: float(number.group())}).within(outer.prosody), outer.voice)


def _placed(tag: re.Match[str]) -> str:
    return f"{quoted(tag.group())} at character {tag.start() + 1}"
