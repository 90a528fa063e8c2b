"""The judges of speech: what is heard in it, how it sounds, who is speaking.

Each hears mono audio at 16 kHz, and comes from a package of the `evaluate` extra with its weights
(Whisper alone is a folder, given by path).
"""

import re
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from dataclasses import asdict, dataclass
from importlib import import_module
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float

from tts.audio import Audio, pcm16

METRICS_SAMPLE_RATE = 16_000
MIN_SAMPLES, MIN_PEAK = METRICS_SAMPLE_RATE // 10, 1e-4

TITLES = {"mr": "mister", "mrs": "missus", "dr": "doctor"}

TRANSCRIPT_REWRITES: tuple[tuple[str, str | Callable[[re.Match[str]], str]], ...] = (
    (r"-", " "),
    (r"%", " percent"),
    (r"\$", " dollars "),
    (r"\u2019", "'"),
    (r"(\d),(\d{3})", r"\1\2"),
    (r"\b(1[89]\d\d)\b", lambda year: _words(year[1], "year")),
    (r"\b(\d+)(st|nd|rd|th)\b", lambda number: _words(number[1], "ordinal")),
    (r"\d+", lambda number: f" {_words(number[0], 'cardinal')} "),
    (r"-", " "),
    (r"\b(mr|mrs|dr)\b\.?", lambda title: TITLES[title[1]]),
    (r"(?<![a-z])'|'(?![a-z])", " "),
    (r"[^a-z' ]", " "),
    (r"\s+", " "),
)


def normalise_transcript(text: str) -> str:
    """Text as its words are compared: lower case, numbers in words, no hyphens, no punctuation."""
    text = text.lower()
    for pattern, replacement in TRANSCRIPT_REWRITES:
        text = re.sub(pattern, replacement, text)
    return text.strip()


def _words(digits: str, kind: str) -> str:
    from num2words import num2words  # training from features does without

    return num2words(int(digits), to=kind)


@dataclass(frozen=True, kw_only=True, slots=True)
class EditCounts:
    """What was heard beside what was to be said: edits, and what they are counted over."""

    words: int
    word_errors: int
    characters: int
    character_errors: int

    @classmethod
    def count(cls, said: str, heard: str) -> "EditCounts":
        """Sums of these over utterances give jiwer's rates of the whole."""
        jiwer = require("jiwer")
        words = jiwer.process_words(said, heard)
        characters = jiwer.process_characters(said, heard)
        return cls(
            words=words.hits + words.substitutions + words.deletions,
            word_errors=words.substitutions + words.deletions + words.insertions,
            characters=characters.hits + characters.substitutions + characters.deletions,
            character_errors=(
                characters.substitutions + characters.deletions + characters.insertions
            ),
        )


@dataclass(frozen=True, kw_only=True)
class Metrics:
    """A speech recogniser, if there is one, and the estimators of opinion scores."""

    transcribe: Callable[[Audio], str] | None
    mos_predictors: Mapping[str, Callable[[Audio], float]]

    def score(self, audio: Audio, text: str) -> dict[str, Any]:
        """The words heard in a clip that should say `text`, their errors, and opinion scores."""
        return {**self.count_errors(audio, text), **self.predict_mos(audio)}

    def count_errors(self, audio: Audio, text: str) -> dict[str, Any]:
        """The words of `text`, those heard, and their errors; empty without a recogniser.

        In silence no words are heard.
        """
        if self.transcribe is None:
            return {}
        said = normalise_transcript(text)
        heard = normalise_transcript(self.transcribe(audio)) if audible(audio) else ""
        return {"said": said, "heard": heard, **asdict(EditCounts.count(said, heard))}

    def predict_mos(self, audio: Audio) -> dict[str, float]:
        """The opinion scores of a clip, by estimator; empty where the clip is silent."""
        if not audible(audio):
            return {}
        return {name: predict(audio) for name, predict in self.mos_predictors.items()}


def to_judge_audio(audio: Audio, sample_rate: int) -> Float[np.ndarray, " resampled"]:
    """Sound as judges hear it: rounded to 16-bit samples, as in a file, and resampled to 16 kHz."""
    rounded = pcm16(np.nan_to_num(audio)).astype(np.float32) / 32768
    return require("soxr").resample(rounded, sample_rate, METRICS_SAMPLE_RATE)


def audible(audio: Audio) -> bool:
    """Whether there is anything to judge: a tenth of a second, finite, above silence."""
    return bool(
        len(audio) >= MIN_SAMPLES and np.isfinite(audio).all() and np.abs(audio).max() >= MIN_PEAK
    )


def whisper_transcriber(folder: Path, threads: int) -> Callable[[Audio], str]:
    """Words as Whisper hears them: English, beam 5, each clip on its own."""
    model = whisper_model(folder, threads)

    def hear(audio: Audio) -> str:
        segments, _ = model.transcribe(
            audio,
            language="en",
            beam_size=5,
            without_timestamps=True,
            condition_on_previous_text=False,
        )
        return " ".join(segment.text for segment in segments)

    return hear


def whisper_model(folder: Path, threads: int) -> Any:
    """Whisper as faster-whisper has it, from a folder."""
    weights = whisper_weights(folder)
    model = require("faster_whisper").WhisperModel
    try:
        return model(str(weights.parent), device="cpu", compute_type="int8", cpu_threads=threads)
    except Exception as error:  # what is damaged fails in any way
        raise ValueError(
            f"cannot read {folder}: not a faster-whisper model; download it again"
        ) from error


def whisper_weights(folder: Path) -> Path:
    """The file in a Whisper model's folder that makes it what it is."""
    path = folder / "model.bin"
    if not path.is_file():
        raise FileNotFoundError(
            f"no faster-whisper model in {folder}; benchmarks/README.md says where to get one"
        )
    return path


def dnsmos() -> Callable[[Audio], float]:
    """DNSMOS P.835, overall."""
    judge = require("speechmos.dnsmos")
    return lambda audio: float(judge.run(np.clip(audio, -1, 1), METRICS_SAMPLE_RATE)["ovrl_mos"])


def distillmos() -> Callable[[Audio], float]:
    """DistillMOS: a small model taught by a large one's opinion scores."""
    import torch

    package = require("distillmos")
    with redirect_stdout(StringIO()):  # it says where its weights are
        model = package.ConvTransformerSQAModel().eval()

    @torch.no_grad()
    def judge(audio: Audio) -> float:
        return float(model(torch.from_numpy(audio)[None])[0])

    return judge


OPINIONS: Mapping[str, Callable[[], Callable[[Audio], float]]] = {
    judge.__name__: judge for judge in (dnsmos, distillmos)
}


def require(module: str, extra: str = "evaluate") -> Any:
    """A module of an extra, or a sentence that says how to get it."""
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            f"evaluation needs {error.name}; install it with pip install '.[{extra}]'"
        ) from error
