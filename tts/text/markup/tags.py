"""Tags in a text: how long to be silent there, and in what tone to go on.

`[pause:500ms]` is a silence; `[pace:0.8]`, `[pitch:+2]` and `[energy:+3]` hold until `[/pace]`,
`[/pitch]` and `[/energy]`, and nest. Whatever else stands in brackets is text.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from tts.error_messages import quoted
from tts.text.normalise.spans import Span
from tts.validation import check_types

# What a rule of markup does, by its name in an account.
MARKUP_RULES: Mapping[str, str] = {
    "pause tag": "A pause tag is so much silence.",
    "tone tag": "A tag of pace, pitch or energy is silent, and changes how the rest is said.",
    "SSML tag": "Tags and comments of SSML are silent, and change how their text is said.",
    "SSML text": "A line break in SSML is a space, and an entity is its character.",
    "SSML reading": "What stands in say-as, sub or phoneme is said as it asks.",
    "phonemes": "Phonemes are said instead of words.",
}

TAG = re.compile(
    r"\[(?P<name>pause|pace|pitch|energy):(?P<value>[^\[\]\n]*)\]"
    r"|\[/(?P<closed>pause|pace|pitch|energy)\]"
)
NUMBER = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)"
TIME = re.compile(r"\+?(?P<number>[0-9]+\.?[0-9]*|\.[0-9]+)\s*(?P<unit>ms|s)")
MAX_PAUSE_SECONDS = 60.0
PROSODY_RANGES = {"pace": (0.25, 4), "pitch": (-12, 12), "energy": (-20, 20)}
UNITS = {"pace": "a factor", "pitch": "semitones", "energy": "decibels"}


@dataclass(frozen=True, slots=True)
class Prosody:
    """How a stretch is said beside the rest: pace as a factor, pitch in semitones, energy in dB."""

    pace: float = 1.0
    pitch: float = 0.0
    energy: float = 0.0

    def __post_init__(self) -> None:
        check_types(self)
        for name, (low, high) in PROSODY_RANGES.items():
            if not low <= (value := getattr(self, name)) <= high:
                unit = UNITS[name]
                raise ValueError(
                    f"expected {unit} of {name} from {low:g} to {high:g}, not {value:g}"
                )

    def within(self, outer: "Prosody") -> "Prosody":
        """This tone in a stretch that has another: factors multiply, the others add up."""
        return Prosody(self.pace * outer.pace, self.pitch + outer.pitch, self.energy + outer.energy)


NEUTRAL = Prosody()


@dataclass(frozen=True, slots=True)
class Pause:
    """Seconds of silence: exactly so many, or, at the end of a sentence, at least."""

    seconds: float
    exact: bool = True


@dataclass(frozen=True, slots=True)
class TextRun:
    """A stretch of a document, read as it is written or, by a rule, as what is `said` for it.

    A run with a pause ends what is said at once.
    """

    span: Span
    prosody: Prosody = NEUTRAL
    rule: str = ""
    replacement: str = ""
    phones: str = ""
    pause: Pause | None = None


def parse_tags(text: str) -> list[TextRun]:
    """The tags of a text and what stands between them: runs that are, end to end, all of it."""
    runs: list[TextRun] = []
    opened: list[re.Match[str]] = []
    tones, place = [NEUTRAL], 0
    for tag in TAG.finditer(text):
        if place < tag.start():
            runs.append(TextRun((place, tag.start()), tones[-1]))
        try:
            pause = _obeyed(tag, opened, tones)
        except ValueError as error:
            raise ValueError(f"in {_placed(tag)}: {error}") from error
        rule = "pause tag" if pause else "tone tag"
        runs.append(TextRun(tag.span(), tones[-1], rule, pause=pause))
        place = tag.end()
    if opened:
        raise ValueError(f"expected [/{opened[-1]['name']}] after {_placed(opened[-1])}; add it")
    if place < len(text):
        runs.append(TextRun((place, len(text))))
    return runs


def parse_seconds(written: str) -> float:
    """So long a time as is written, with its unit: 500ms or 1.5s."""
    time = TIME.fullmatch(written.strip())
    if not time:
        raise ValueError(f"expected a time such as 500ms or 1.5s, not {quoted(written)}")
    said = float(time["number"]) / (1000 if time["unit"] == "ms" else 1)
    if said > MAX_PAUSE_SECONDS:
        raise ValueError(
            f"expected a pause of at most {MAX_PAUSE_SECONDS:g} s, not {quoted(written)}"
        )
    return said


def _obeyed(tag: re.Match[str], opened: list[re.Match[str]], tones: list[Prosody]) -> Pause | None:
    """What a tag does to the tags that are open and to their tones; the pause, if it is one."""
    name, value = tag["name"], tag["value"]
    if name == "pause":
        return Pause(parse_seconds(value))
    if name:
        number = re.fullmatch(NUMBER, value.strip())
        if not number:
            raise ValueError(
                f"expected {UNITS[name]}, a number such as 0.8 or +2, not {quoted(value)}"
            )
        tones.append(Prosody(**{name: float(number.group())}).within(tones[-1]))
        opened.append(tag)
    else:
        wanted = f"[/{opened[-1]['name']}]" if opened else "no closing tag, for none is open"
        if wanted != tag.group():
            raise ValueError(f"expected {wanted}; put the tags within one another")
        opened.pop()
        tones.pop()
    return None


def _placed(tag: re.Match[str]) -> str:
    return f"{quoted(tag.group())} at character {tag.start() + 1}"
