"""Parts: the speech of items before any gain, as FLAC and JSON, to be joined into longer files."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from tts.audio import Audio
from tts.captions.formats import CAPTION_FORMATS, TimedText
from tts.config import MelConfig
from tts.speech import Phone, Speech, TimedWord
from tts.text.markup.ssml import is_ssml
from tts.text.markup.visible import mask_markup

from .audio.encode import encode_audio
from .audio.format import OutputFormat

PART_SAMPLE_RATE = MelConfig().sample_rate
PCM16_PEAK = 32767  # full scale of `tts.audio.pcm16`


def part_files(speech: Speech, id: str) -> dict[str, bytes]:
    """The files of a part by path: its samples, and the times of its words and phones."""
    words = [[word.text, *word.span, word.start, word.end] for word in speech.words]
    phones = [[phone.symbol, phone.start, phone.end] for phone in speech.phones]
    timing = json.dumps({"words": words, "phones": phones}, ensure_ascii=False)
    sound = encode_audio(
        speech.audio,
        speech.sample_rate,
        OutputFormat(format="flac", sample_rate=PART_SAMPLE_RATE),
        *speech.voices,
    )
    return {f"parts/{id}.flac": sound, f"parts/{id}.json": timing.encode("utf-8", "replace")}


def times_files(stem: str, times: TimedText, endings: Sequence[str]) -> dict[str, bytes]:
    """Captions by file name, one for each format; formats are lower-case names such as `srt`."""
    known = [CAPTION_FORMATS[ending] for ending in endings]
    return {f"{stem}{form.suffix}": form.encode(times) for form in known}


def names_of(row: dict[str, Any]) -> tuple[str, str]:
    """The paths of the sound and of the times of a row's part."""
    return f"parts/{row['id']}.flac", f"parts/{row['id']}.json"


def sound_of(row: dict[str, Any], folder: Path) -> Audio:
    """The samples of a part, in [-1, 1].

    Raises:
        ValueError: the file has another number of samples than its row says.
    """
    path = folder / names_of(row)[0]
    samples, _ = soundfile.read(path, dtype="int16")
    if len(samples) != row["samples"]:
        raise ValueError(
            f"cannot use {path}: expected {row['samples']} samples, got {len(samples)}; "
            "delete the file and run again"
        )
    return samples / np.float32(PCM16_PEAK)


def add_times(times: TimedText, row: dict[str, Any], folder: Path, seconds: float) -> None:
    """Append the text and the times of a part.

    Args:
        times: the whole; it is changed.
        row: the manifest row of the part.
        folder: the output folder.
        seconds: where the part begins in the whole.
    """
    timing = json.loads((folder / names_of(row)[1]).read_text("utf-8"))
    times.text += "\n\n" if times.text else ""
    place = len(times.text)
    times.text += shown(row["text"])
    times.words += [
        TimedWord(text, (first + place, last + place), start + seconds, end + seconds)
        for text, first, last, start, end in timing["words"]
    ]
    times.phones += [
        Phone(symbol, start + seconds, end + seconds) for symbol, start, end in timing["phones"]
    ]


def shown(text: str) -> str:
    """A text that can be joined to others: a whole SSML document loses its tags."""
    return mask_markup(text) if is_ssml(text) else text
