"""Dubbing: subtitles as items that have a slot each, and speech that fits in it."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from math import inf

from pysubs2.time import TIMESTAMP, timestamp_to_ms

from tts.error_messages import quoted
from tts.speech import DELIVERY_RANGES, Delivery, Speech

from ..item import BatchItem
from .builder import BatchInputBuilder, InputEntry, has_words
from .table import written

TIMES = re.compile(rf"\s*{TIMESTAMP.pattern}\s*-->\s*{TIMESTAMP.pattern}(?!\S).*")
NUMBER = re.compile(r"\s*[0-9]+\s*")
TAG = re.compile(r"</?[a-zA-Z][^<>]*>|\{\\[^{}]*\}")
# A dash before a digit is a minus.
DASH = re.compile(r"^[-\u2010-\u2015]+(?:\s+|(?=\D))")
SOUND = re.compile(r"\[[^\[\]]*\]|\([^()]*\)")
ATTEMPTS = 3
MARGIN = 1.02  # for what lasts a frame cannot last less


def read_srt(data: bytes, gathering: BatchInputBuilder) -> None:
    """A cue an item, by its place among them, in the order of their times; one that tells only of
    a sound is none."""
    reading, found = gathering.reader.delivery.reading, list[InputEntry]()
    for number, (line, lines) in enumerate(_blocks(written(data, gathering)), 1):
        id = f"{number:06}"
        try:
            slot, rest = _timed(lines)
        except ValueError as error:
            gathering.refuse(line, str(error), id)
            continue
        text = _plain(rest)
        if has_words(SOUND.sub("", text), reading):
            found.append(InputEntry(line=line, id=id, text=text, slot=slot))
    for passage in sorted(found, key=lambda passage: passage.slot or ()):
        gathering.add(passage)


def speak_to_fit(
    speak: Callable[[Delivery], Speech], item: BatchItem, fastest: float = 1.8
) -> Speech:
    """Speech that fits in its item's slot, or is as fast as it may be: `fastest` times its own."""
    most = min(fastest * item.delivery.pace, DELIVERY_RANGES["pace"][1])
    speech = speak(item.delivery)
    for _ in range(ATTEMPTS - 1):
        if not overrun_seconds(speech, item) or speech.delivery.pace >= most:
            break
        pace = min(most, _faster(speech, item))
        speech = speak(replace(speech.delivery, pace=pace))
    return speech


def overrun_seconds(speech: Speech, item: BatchItem) -> float:
    """Seconds by which the words of a speech last longer than its item's slot."""
    return max(0.0, _heard(speech) - _seconds(item))


def _faster(speech: Speech, item: BatchItem) -> float:
    """The pace at which a speech should fit: it shortens phones, and no silence between them."""
    heard, pace = _heard(speech), speech.delivery.pace * MARGIN
    lasting = sum(max(0.0, min(phone.end, heard) - phone.start) for phone in speech.phones)
    room = _seconds(item) - (heard - lasting)
    return max(pace, pace * lasting / room) if room > 0 else inf


def _heard(speech: Speech) -> float:
    return max((word.end for word in speech.words), default=speech.seconds)


def _seconds(item: BatchItem) -> float:
    return item.slot[1] - item.slot[0] if item.slot else inf


def _blocks(lines: Iterable[tuple[int, str]]) -> Iterator[tuple[int, list[str]]]:
    """What stands between blank lines, with the number of its first line."""
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


def _timed(lines: list[str]) -> tuple[tuple[float, float], list[str]]:
    """When a cue is shown, and its lines."""
    rest = lines[1:] if NUMBER.fullmatch(lines[0]) else lines
    times = TIMES.fullmatch(rest[0]) if rest else None
    if times is None:
        raise ValueError(
            "expected a number, times such as 00:00:01,000 --> 00:00:02,500 and words, "
            f"not {quoted(lines[0])}; leave a blank line between cues and none within"
        )
    if any(map(TIMES.fullmatch, rest[1:])):
        raise ValueError("expected one cue, not two; put a blank line between them")
    start, end = (
        timestamp_to_ms(group) / 1000 for group in (times.groups()[:4], times.groups()[4:])
    )
    if end <= start:
        raise ValueError(f"expected a cue that ends after it starts, not at {end:g} s")
    return (start, end), rest[1:]


def _plain(lines: list[str]) -> str:
    """The words of a cue on one line, without tags or dashes that tell who speaks."""
    bare = (TAG.sub("", line).strip() for line in lines)
    return " ".join(filter(None, (DASH.sub("", line) for line in bare)))
