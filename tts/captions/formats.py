"""Files of words and phones with their times: subtitles, JSON or a TextGrid, by their ending."""

import html
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tts.audio import check_writable
from tts.captions.cues import Cue, make_cues
from tts.files import atomic_write, check_regular_file
from tts.speech import Phone, Speech, TimedWord
from tts.text.markup.visible import mask_markup

Interval = tuple[float, float, str]


@dataclass
class TimedText:
    """A text with the words and phones that were spoken; nothing after `stop` was."""

    text: str
    words: list[TimedWord] = field(default_factory=list)
    phones: list[Phone] = field(default_factory=list)
    stop: int | None = None

    def add(self, piece: Speech) -> None:
        """Add the words and phones of the next piece of speech."""
        self.words += piece.words
        self.phones += piece.phones

    def end(self) -> None:
        """Leave the rest of the text out of cues, since it is not spoken."""
        self.stop = self.words[-1].span[1] if self.words else 0

    def cues(self) -> list[Cue]:
        """Subtitle cues of what was spoken."""
        return make_cues(self.words, mask_markup(self.text)[: self.stop])


def write_captions(path: Path, times: TimedText) -> None:
    """Write a file in the format of its ending; a failure leaves no part of it.

    Args:
        path: ends in the suffix of one of `CAPTION_FORMATS`.
        times: what was spoken.

    Raises:
        ValueError: no format has this ending.
        OSError: the file cannot be written.
    """
    check_captions_path(path)
    written = _format_of(path).encode(times)
    with atomic_write(path) as partial:
        partial.write_bytes(written)


def check_captions_path(path: Path) -> None:
    """Check that captions can be written to a path, before any work is done for them.

    Raises:
        ValueError: no format has this ending.
        OSError: the file cannot be written.
    """
    check_regular_file(path)
    _format_of(path)
    check_writable(path)


def _format_of(path: Path) -> "CaptionFormat":
    if caption_format := CAPTION_FORMATS.get(path.suffix[1:].lower()):
        return caption_format
    suffixes = ", ".join(each.suffix for each in CAPTION_FORMATS.values())
    raise ValueError(f"file name must end in one of {suffixes}; got {path.name!r}")


def subrip(times: TimedText) -> str:
    """SubRip subtitles, for players and video editors."""
    return "\n".join(
        f"{number}\n{_clock(cue.start, ',')} --> {_clock(cue.end, ',')}\n{_lines(cue.lines)}"
        for number, cue in enumerate(times.cues(), start=1)
    )


def webvtt(times: TimedText) -> str:
    """WebVTT subtitles, for browsers; `<` and `&` are escaped."""
    return "WEBVTT\n" + "".join(
        f"\n{_clock(cue.start, '.')} --> {_clock(cue.end, '.')}\n"
        + html.escape(_lines(cue.lines), quote=False)
        for cue in times.cues()
    )


def format_json(times: TimedText) -> str:
    """Each word as it is spoken and as it is written, and each phone, with times in seconds."""
    words = [asdict(word) | {"written": times.text[slice(*word.span)]} for word in times.words]
    phones = [asdict(phone) for phone in times.phones]
    document = {"text": times.text, "words": words, "phones": phones}
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def textgrid(times: TimedText) -> str:
    """A TextGrid for Praat with the tiers `words` (as spoken) and `phones`; silence is empty."""
    tiers = {
        "words": [(word.start, word.end, word.text) for word in times.words],
        "phones": [(phone.start, phone.end, phone.symbol.strip()) for phone in times.phones],
    }
    end = max((interval[1] for tier in tiers.values() for interval in tier), default=0.0)
    head = f'File type = "ooTextFile"\nObject class = "TextGrid"\n\n0\n{end:.6f}\n<exists>\n2\n'
    return head + "".join(_tier(name, _filled(tier, end), end) for name, tier in tiers.items())


@dataclass(frozen=True, kw_only=True, slots=True)
class CaptionFormat:
    """A format of words and phones with their times.

    Args:
        suffix: the end of a file's name; `name` is it in lower case, without the dot.
        media_type: the `Content-Type` of HTTP.
        write: gives the text of a file.
    """

    suffix: str
    media_type: str
    write: Callable[[TimedText], str]

    @property
    def name(self) -> str:
        return self.suffix[1:].lower()

    def encode(self, times: TimedText) -> bytes:
        """The bytes of a file, in UTF-8."""
        # half a surrogate pair cannot be encoded
        return self.write(times).encode("utf-8", errors="replace")


_FORMATS = (
    CaptionFormat(suffix=".srt", media_type="application/x-subrip", write=subrip),
    CaptionFormat(suffix=".vtt", media_type="text/vtt", write=webvtt),
    CaptionFormat(suffix=".json", media_type="application/json", write=format_json),
    CaptionFormat(suffix=".TextGrid", media_type="text/plain", write=textgrid),
)
CAPTION_FORMATS = {caption_format.name: caption_format for caption_format in _FORMATS}


def _lines(lines: Sequence[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _clock(seconds: float, point: str) -> str:
    whole, thousandths = divmod(round(seconds * 1000), 1000)
    minutes, second = divmod(whole, 60)
    return f"{minutes // 60:02}:{minutes % 60:02}:{second:02}{point}{thousandths:03}"


def _filled(intervals: Sequence[Interval], end: float) -> Iterator[Interval]:
    """The same intervals with empty ones between them, as Praat needs intervals without gaps."""
    time = 0.0
    for start, stop, text in (*intervals, (end, end, "")):
        if start > time:
            yield time, start, ""
        if stop > max(start, time):
            yield max(start, time), stop, text
        time = max(stop, time)


def _tier(name: str, intervals: Iterator[Interval], end: float) -> str:
    rows = [
        f'{start:.6f}\n{stop:.6f}\n"{text.replace(chr(34), 2 * chr(34))}"\n'
        for start, stop, text in intervals
    ]
    return f'"IntervalTier"\n"{name}"\n0\n{end:.6f}\n{len(rows)}\n' + "".join(rows)
