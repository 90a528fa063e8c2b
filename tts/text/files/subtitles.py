"""Subtitles in SubRip (.srt): cues, each with its times and its words."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

TIMESTAMP = r"(\d{1,2}):(\d{1,2}):(\d{1,2})[.,](\d{1,3})"
TIMES = re.compile(rf"\s*{TIMESTAMP}\s*-->\s*{TIMESTAMP}(?!\S).*")
NUMBER = re.compile(r"\s*[0-9]+\s*")
TAG = re.compile(r"</?[a-zA-Z][^<>]*>|\{\\[^{}]*\}")
# A dash before a digit is a minus.
DASH = re.compile(r"^[-\u2010-\u2015]+(?:\s+|(?=\D))")
SOUND = re.compile(r"\[[^\[\]]*\]|\([^()]*\)")


@dataclass(frozen=True, slots=True)
class SubtitleCue:
    """When a subtitle is shown, in seconds, and its words on one line."""

    start: float
    end: float
    text: str

    @property
    def speech(self) -> str:
        """The words without what tells of a sound, such as [music] or (sighs)."""
        return SOUND.sub("", self.text)


def split_cues(lines: Iterable[tuple[int, str]]) -> Iterator[tuple[int, list[str]]]:
    """The lines of each cue, between blank lines, with the number of the first of them."""
    held: list[str] = []
    begun = 0
    for line, text in lines:
        if text.strip():
            begun = begun if held else line
            held.append(text.strip())
        elif held:
            yield begun, held
            held = []
    if held:
        yield begun, held


def parse_cue(lines: list[str]) -> SubtitleCue:
    """The cue that some lines are: its number, which may be missing, its times and its words.

    Tags, and dashes that tell who speaks, are left out.

    Raises:
        ValueError: if there are no times, or those of two cues, or it ends before it starts.
    """
    rest = lines[1:] if NUMBER.fullmatch(lines[0]) else lines
    times = TIMES.fullmatch(rest[0]) if rest else None
    if times is None:
        raise ValueError(
            "expected a number, times such as 00:00:01,000 --> 00:00:02,500 and words, "
            f"not {lines[0][:40]!r}; leave a blank line between cues and none within"
        )
    if any(map(TIMES.fullmatch, rest[1:])):
        raise ValueError("expected one cue, not two; put a blank line between them")
    start, end = _seconds(*times.groups()[:4]), _seconds(*times.groups()[4:])
    if end <= start:
        raise ValueError(f"expected a cue that ends after it starts, not at {end:g} s")
    return SubtitleCue(start, end, _plain(rest[1:]))


def _seconds(hours: str, minutes: str, seconds: str, fraction: str) -> float:
    whole = 3600 * int(hours) + 60 * int(minutes) + int(seconds)
    return (1000 * whole + int(fraction.ljust(3, "0"))) / 1000


def _plain(lines: list[str]) -> str:
    bare = (TAG.sub("", line).strip() for line in lines)
    return " ".join(filter(None, (DASH.sub("", line) for line in bare)))
