"""The reader of SubRip and WebVTT subtitles (.srt, .vtt): cues with their times and text."""

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

TIMESTAMP = r"(?:(\d{1,2}):)?(\d{1,2}):(\d{1,2})[.,](\d{1,3})"  # WebVTT may leave the hours out
TIMES = re.compile(rf"\s*{TIMESTAMP}\s*-->\s*{TIMESTAMP}(?!\S).*")
NUMBER = re.compile(r"\s*[0-9]+\s*")
TAG = re.compile(r"</?[a-zA-Z][^<>]*>|<[0-9:.]+>|\{\\[^{}]*\}")
# A dash at the start of a line marks a change of speaker; before a digit it is a minus.
DASH = re.compile(r"^[-\u2010-\u2015]+(?:\s+|(?=\D))")
ARROW = "-->"
WEBVTT = "WEBVTT"  # begins every such file
NO_CUES = ("NOTE", "STYLE", "REGION")  # what other blocks of WebVTT begin with
SUBTITLE_SUFFIXES = (".srt", ".vtt")
SOUND = re.compile(r"\[[^\[\]]*\]|\([^()]*\)")


@dataclass(frozen=True, slots=True)
class SubtitleCue:
    """A subtitle cue.

    Args:
        start: when it appears, in seconds.
        end: when it disappears, in seconds.
        text: its text on one line, without tags.
    """

    start: float
    end: float
    text: str

    @property
    def speech(self) -> str:
        """The text without descriptions of sounds, such as [music] or (sighs)."""
        return SOUND.sub("", self.text)


def split_cues(lines: Iterable[tuple[int, str]]) -> Iterator[tuple[int, list[str]]]:
    """Split numbered lines into cues at blank lines.

    Args:
        lines: the number and the text of each line.

    Yields:
        The number of each cue's first line, and its lines.
    """
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


def split_webvtt(lines: Iterable[tuple[int, str]]) -> Iterator[tuple[int, list[str]]]:
    """Split the numbered lines of a WebVTT file into cues, without identifiers.

    Args:
        lines: the number and the text of each line; a file of SubRip is read, too.

    Yields:
        The number of each cue's first line, and its lines, as `split_cues` does.

    Example:
        >>> list(split_webvtt(enumerate(["WEBVTT", "", "a", "00:01.000 --> 00:02.000", "Hi."])))
        [(2, ['00:01.000 --> 00:02.000', 'Hi.'])]
    """
    for line, cue in split_cues(lines):
        if cue[0].split()[0].lstrip("\ufeff") in (WEBVTT, *NO_CUES):
            continue
        named = ARROW not in cue[0] and ARROW in "".join(cue[1:2])
        yield line, cue[named:]


def parse_cue(lines: list[str]) -> SubtitleCue:
    """Parse the lines of a cue: its number, which may be missing, its times and its text.

    Tags are removed, and dashes that mark a change of speaker; `&amp;` and the like are replaced.

    Raises:
        ValueError: there are no times, or those of two cues, or the cue ends before it starts.

    Example:
        >>> parse_cue(["1", "00:00:01,000 --> 00:00:02,500", "<i>Hello.</i>"])
        SubtitleCue(start=1.0, end=2.5, text='Hello.')
    """
    rest = lines[1:] if NUMBER.fullmatch(lines[0]) else lines
    times = TIMES.fullmatch(rest[0]) if rest else None
    if times is None:
        raise ValueError(
            "expected a number, times such as 00:00:01,000 --> 00:00:02,500 and words, "
            f"got {lines[0][:40]!r}; leave a blank line between cues and none within"
        )
    if any(map(TIMES.fullmatch, rest[1:])):
        raise ValueError("expected one cue, got two; put a blank line between them")
    start, end = _seconds(*times.groups()[:4]), _seconds(*times.groups()[4:])
    if end <= start:
        raise ValueError(f"a cue must end after it starts, got {start:g} s to {end:g} s")
    return SubtitleCue(start, end, _plain(rest[1:]))


def _seconds(hours: str | None, minutes: str, seconds: str, fraction: str) -> float:
    whole = 3600 * int(hours or 0) + 60 * int(minutes) + int(seconds)
    return (1000 * whole + int(fraction.ljust(3, "0"))) / 1000


def _plain(lines: list[str]) -> str:
    bare = (html.unescape(TAG.sub("", line)).strip() for line in lines)
    return " ".join(filter(None, (DASH.sub("", line) for line in bare)))
