"""Who hears when a word begins, and knows nothing of our phones: Whisper, and PocketSphinx.

Each is given mono audio at 16 kHz and the words that should be in it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain
from pathlib import Path

from tts.audio import Audio, pcm16
from tts.metrics import normalise_transcript, require, whisper_model

FRAMES = 100  # of PocketSphinx, a second


@dataclass(frozen=True, slots=True)
class AlignedWord:
    """A word and when it begins, in seconds."""

    text: str
    start: float


Aligner = Callable[[Audio, Sequence[str]], list[AlignedWord]]


def aligners(whisper: Path | None, threads: int, *, sphinx: bool) -> Mapping[str, Aligner]:
    """Those that were asked for, by name: Whisper by its folder."""
    known: dict[str, Aligner] = {}
    if whisper:
        known["Whisper"] = _whisper(whisper, threads)
    if sphinx:
        known["PocketSphinx"] = _sphinx()
    if not known:
        raise ValueError("expected an aligner, found none; give --whisper FOLDER or --sphinx")
    return known


def _whisper(folder: Path, threads: int) -> Aligner:
    """The words as Whisper hears them, whatever should be there: English, beam 5."""
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
    """The words that should be there, where they fit best, with silences where those help.

    Nothing is found where a word is not in the dictionary, or the words do not fit at all.
    """
    package = require("pocketsphinx", "times")

    def align(audio: Audio, said: Sequence[str]) -> list[AlignedWord]:
        # one that has heard something before hears the next sound otherwise
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
