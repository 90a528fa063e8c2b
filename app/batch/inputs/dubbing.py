"""Dubbing: subtitle cues as items with a time slot, and speech sped up to fit it."""

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

# Chosen by hand; not tuned.
ATTEMPTS = 3  # paces tried for a cue
MARGIN = 1.02  # factor on the estimated pace: durations are whole frames, so it falls short


def read_srt(data: bytes, gathering: BatchInputBuilder) -> None:
    """Read subtitles: an item per cue, sorted by time, with the number of the cue as its id.

    Cues without words, such as descriptions of sounds, give no item.
    """
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
    """Speak an item faster, if needed, so that it fits in its slot.

    Args:
        speak: synthesises the text with a delivery.
        item: the item, with a slot.
        fastest: highest pace, as a multiple of the item's own. 1.8 is chosen by ear: faster speech
            of the shipped voices is hard to follow.

    Returns:
        The speech of the last attempt; it may still overrun its slot.
    """
    most = min(fastest * item.delivery.pace, DELIVERY_RANGES["pace"][1])
    speech = speak(item.delivery)
    for _ in range(ATTEMPTS - 1):
        if not overrun_seconds(speech, item) or speech.delivery.pace >= most:
            break
        pace = min(most, _faster(speech, item))
        speech = speak(replace(speech.delivery, pace=pace))
    return speech


def overrun_seconds(speech: Speech, item: BatchItem) -> float:
    """Seconds by which the words end after the item's slot; 0 if they fit."""
    return max(0.0, _heard(speech) - _seconds(item))


def _faster(speech: Speech, item: BatchItem) -> float:
    """The pace at which the speech should fit: pace shortens phones but not pauses."""
    heard, pace = _heard(speech), speech.delivery.pace * MARGIN
    lasting = sum(max(0.0, min(phone.end, heard) - phone.start) for phone in speech.phones)
    room = _seconds(item) - (heard - lasting)
    return max(pace, pace * lasting / room) if room > 0 else inf


def _heard(speech: Speech) -> float:
    return max((word.end for word in speech.words), default=speech.seconds)


def _seconds(item: BatchItem) -> float:
    return item.slot[1] - item.slot[0] if item.slot else inf
