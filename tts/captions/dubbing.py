"""Dubbing: the cues of subtitles are spoken at their times, faster where they would not fit."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from math import inf

import numpy as np

from tts.delivery import DELIVERY_RANGES, Delivery
from tts.speech import Speech
from tts.text.files.subtitles import SubtitleCue

Slot = tuple[float, float]  # start and end of a cue, in seconds

# Chosen by hand; not tuned.
ATTEMPTS = 3  # paces tried for a cue
MARGIN = 1.02  # factor on the estimated pace: durations are whole frames, so it falls short
LONGEST_SILENCE_SECONDS = 10.0  # of one piece, to bound the memory
GAP = "\n\n"  # between the texts of two cues


@dataclass(frozen=True, slots=True)
class LateCue:
    """A cue that could not be spoken in its time.

    Args:
        cue: with its times.
        overrun: seconds by which its words end too late.
        pace: that it was spoken at.
    """

    cue: SubtitleCue
    overrun: float
    pace: float

    def __str__(self) -> str:
        start = f"{self.cue.start // 60:.0f}:{self.cue.start % 60:04.1f}"
        return f"{self.overrun:.1f} s longer than its cue at {start}, at pace {self.pace:.3g}"


def dub(
    speak: Callable[[str, Delivery], Speech],
    cues: Iterable[SubtitleCue],
    delivery: Delivery,
    report: Callable[[LateCue], object] = lambda late: None,
) -> Iterator[Speech]:
    """Speak cues at their times.

    Args:
        speak: speaks a text with a delivery.
        cues: in the order of their times.
        delivery: how to speak; its pace is raised for cues that would overrun.
        report: is called with each cue that is still too long.

    Returns:
        Pieces of silence and of speech that follow each other without a gap. A cue starts at its
        time, or when the cue before it ends, if that is later. Times count from 0, and places in
        the text are those in `dubbed_text(cues)`.
    """
    end = place = 0
    for number, cue in enumerate(cues):
        slot = cue.start, cue.end
        speech = speak_to_fit(lambda how, cue=cue: speak(cue.text, how), delivery, slot)  # type: ignore[misc]
        if late := overrun_seconds(speech, slot):
            report(LateCue(cue, late, speech.delivery.pace))
        start = max(end, round(cue.start * speech.sample_rate))
        yield from _silence(speech, end, start, number)
        moved = speech.shifted(start / speech.sample_rate)
        words = (replace(word, span=_later(word.span, place)) for word in moved.words)
        choices = tuple(replace(choice, utterance=number) for choice in moved.choices)
        yield replace(moved, words=tuple(words), utterance=number, choices=choices)
        end, place = start + len(speech.audio), place + len(cue.text) + len(GAP)


def dubbed_text(cues: Iterable[SubtitleCue]) -> str:
    """The texts of cues as one, with a blank line between them."""
    return GAP.join(cue.text for cue in cues)


def speak_to_fit(
    speak: Callable[[Delivery], Speech],
    delivery: Delivery,
    slot: Slot | None,
    fastest: float = 1.8,
) -> Speech:
    """Speak faster, if needed, so that a text fits in a slot.

    Args:
        speak: synthesises the text with a delivery.
        delivery: how to speak at first.
        slot: start and end of a cue, in seconds; None for no limit.
        fastest: highest pace, as a multiple of the delivery's. 1.8 is chosen by ear: faster speech
            of the shipped voices is hard to follow.

    Returns:
        The speech of the last attempt; it may still overrun its slot.
    """
    most = min(fastest * delivery.pace, DELIVERY_RANGES["pace"][1])
    speech = speak(delivery)
    for _ in range(ATTEMPTS - 1):
        if not overrun_seconds(speech, slot) or speech.delivery.pace >= most:
            break
        pace = min(most, _faster(speech, slot))
        speech = speak(replace(speech.delivery, pace=pace))
    return speech


def overrun_seconds(speech: Speech, slot: Slot | None) -> float:
    """Seconds by which the words end after a slot; 0 if they fit, or without a slot."""
    return max(0.0, _heard(speech) - _seconds(slot))


def _faster(speech: Speech, slot: Slot | None) -> float:
    """The pace at which the speech should fit: pace shortens phones but not pauses."""
    heard, pace = _heard(speech), speech.delivery.pace * MARGIN
    lasting = sum(max(0.0, min(phone.end, heard) - phone.start) for phone in speech.phones)
    room = _seconds(slot) - (heard - lasting)
    return max(pace, pace * lasting / room) if room > 0 else inf


def _heard(speech: Speech) -> float:
    return max((word.end for word in speech.words), default=speech.seconds)


def _seconds(slot: Slot | None) -> float:
    return slot[1] - slot[0] if slot else inf


def _silence(like: Speech, start: int, stop: int, number: int) -> Iterator[Speech]:
    """Silence between two samples, in pieces."""
    longest = round(LONGEST_SILENCE_SECONDS * like.sample_rate)
    silent = replace(like, phones=(), words=(), voices=(), choices=(), utterance=number)
    for first in range(start, stop, longest):
        yield replace(silent, audio=np.zeros(min(longest, stop - first), np.float32))


def _later(span: tuple[int, int], place: int) -> tuple[int, int]:
    return span[0] + place, span[1] + place
