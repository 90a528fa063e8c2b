"""Dubbing: subtitles as items that have a slot each, and speech that fits in it."""

from collections.abc import Callable
from dataclasses import replace
from math import inf

from tts.delivery import DELIVERY_RANGES, Delivery
from tts.speech import Speech
from tts.text.files.subtitles import parse_cue, split_cues
from tts.text.sections import has_words

from ..item import BatchItem
from .builder import BatchInputBuilder, InputEntry
from .table import written

ATTEMPTS = 3
MARGIN = 1.02  # for what lasts a frame cannot last less


def read_srt(data: bytes, gathering: BatchInputBuilder) -> None:
    """A cue an item, by its place among them, in the order of their times; one that tells only of
    a sound is none."""
    reading, found = gathering.reader.delivery.reading, list[InputEntry]()
    for number, (line, lines) in enumerate(split_cues(written(data, gathering)), 1):
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
