"""Aligners that find the start times of words without our phones: Whisper and PocketSphinx.

Each takes mono audio at 16 kHz and the words that it should contain.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain
from pathlib import Path

from tts.audio import Audio, pcm16
from tts.metrics import normalise_transcript, require, whisper_model

FRAMES = 100  # frames of PocketSphinx in a second


@dataclass(frozen=True, slots=True)
class AlignedWord:
    """A word with its start in seconds."""

    text: str
    start: float


Aligner = Callable[[Audio, Sequence[str]], list[AlignedWord]]


def aligners(whisper: Path | None, threads: int, *, sphinx: bool) -> Mapping[str, Aligner]:
    """The aligners by name.

    Args:
        whisper: folder of a faster-whisper model; None leaves Whisper out.
        threads: CPU threads of Whisper.
        sphinx: whether to use PocketSphinx.

    Raises:
        FileNotFoundError: the folder has no such model.
        ValueError: neither is chosen.
    """
    known: dict[str, Aligner] = {}
    if whisper:
        known["Whisper"] = _whisper(whisper, threads)
    if sphinx:
        known["PocketSphinx"] = _sphinx()
    if not known:
        raise ValueError("no aligner; give --whisper FOLDER or --sphinx")
    return known


def _whisper(folder: Path, threads: int) -> Aligner:
    """Whisper: transcribes English with beam 5 and ignores the expected words."""
    model = whisper_model(folder, threads)

    def align(audio: Audio, said: Sequence[str]) -> list[AlignedWord]:
        segments, _ = model.transcribe(
            audio,
            language="en",
            beam_size=5,
            word_timestamps=True,
            condition_on_previous_text=False,
        )
        return [AlignedWord(w.word, float(w.start)) for segment in segments for w in segment.words]

    return align


def _sphinx() -> Aligner:
    """PocketSphinx: forced alignment of the expected words, with optional silences.

    It returns nothing if a word is not in its dictionary or the alignment fails.
    """
    package = require("pocketsphinx", "times")

    def align(audio: Audio, said: Sequence[str]) -> list[AlignedWord]:
        # a decoder that was used before gives other results
        decoder = package.Decoder(lm=None, loglevel="FATAL")
        parts = [normalise_transcript(word).split() for word in said]
        every = list(chain.from_iterable(parts))
        if any(decoder.lookup_word(part) is None for part in every):
            return []
        decoder.set_align_text(" ".join(every))
        decoder.start_utt()
        decoder.process_raw(pcm16(audio).tobytes(), full_utt=True)
        decoder.end_utt()
        # silences have names in brackets
        found = [part for part in decoder.seg() or () if part.word[0] not in "<[("]
        if len(found) != len(every):
            return []
        places = accumulate(map(len, parts), initial=0)
        pairs = zip(said, places, strict=False)
        return [AlignedWord(word, found[place].start_frame / FRAMES) for word, place in pairs]

    return align
