"""Parts: items as they were said, before any gain, kept to be joined into chapters and books."""

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
PCM16_PEAK = 32767  # as `pcm16` has it


def part_files(speech: Speech, id: str) -> dict[str, bytes]:
    """The sound of an item, and when each of its words and phones is heard."""
    words = [[word.text, *word.span, word.start, word.end] for word in speech.words]
    phones = [[phone.symbol, phone.start, phone.end] for phone in speech.phones]
    timing = json.dumps({"words": words, "phones": phones}, ensure_ascii=False)
    sound = encode_audio(
        speech.audio, speech.sample_rate, OutputFormat(format="flac", sample_rate=PART_SAMPLE_RATE)
    )
    return {f"parts/{id}.flac": sound, f"parts/{id}.json": timing.encode("utf-8", "replace")}


def times_files(stem: str, times: TimedText, endings: Sequence[str]) -> dict[str, bytes]:
    """When each word is heard, in files of these endings, in small letters."""
    known = [CAPTION_FORMATS[ending] for ending in endings]
    return {f"{stem}{form.suffix}": form.encode(times) for form in known}


def names_of(row: dict[str, Any]) -> tuple[str, str]:
    """Where the part that a row of the manifest tells of has its sound and its times."""
    return f"parts/{row['id']}.flac", f"parts/{row['id']}.json"


def sound_of(row: dict[str, Any], folder: Path) -> Audio:
    """The samples of a part, as many as its row tells."""
    path = folder / names_of(row)[0]
    samples, _ = soundfile.read(path, dtype="int16")
    if len(samples) != row["samples"]:
        raise ValueError(
            f"expected {row['samples']} samples in {path}, got {len(samples)}; "
            "delete the file and run again"
        )
    return samples / np.float32(PCM16_PEAK)


def add_times(times: TimedText, row: dict[str, Any], folder: Path, seconds: float) -> None:
    """What is said in a part that begins so late in the whole, whose text goes on with its own."""
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
    """A text as it may stand among others, which a document in SSML may not."""
    return mask_markup(text) if is_ssml(text) else text
