"""Dubbing: subtitle cues as items with a time slot."""

from collections.abc import Callable, Iterable, Iterator

from tts.text.files.subtitles import parse_cue, split_cues, split_webvtt
from tts.text.sections import has_words

from .builder import BatchInputBuilder, InputEntry
from .table import written

Lines = Iterable[tuple[int, str]]
SplitCues = Callable[[Lines], Iterator[tuple[int, list[str]]]]


def read_srt(data: bytes, gathering: BatchInputBuilder) -> None:
    """Read SubRip: an item per cue, sorted by time, with the number of the cue as its id.

    Cues without words, such as descriptions of sounds, give no item.
    """
    _read(data, gathering, split_cues)


def read_webvtt(data: bytes, gathering: BatchInputBuilder) -> None:
    """Read WebVTT, as SubRip is read."""
    _read(data, gathering, split_webvtt)


def _read(data: bytes, gathering: BatchInputBuilder, split: SplitCues) -> None:
    reading, found = gathering.reader.delivery.reading, list[InputEntry]()
    for number, (line, lines) in enumerate(split(written(data, gathering)), 1):
        id = f"{number:06}"
        try:
            cue = parse_cue(lines)
        except ValueError as error:
            gathering.refuse(line, str(error), id)
            continue
        if has_words(cue.speech, reading):
            found.append(InputEntry(line=line, id=id, text=cue.text, slot=(cue.start, cue.end)))
    for passage in sorted(found, key=lambda passage: passage.slot or ()):
        gathering.add(passage)
