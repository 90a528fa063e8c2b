"""Metrics of speech: word errors by a speech recogniser, and estimated opinion scores.

All of them take mono audio at 16 kHz. Their packages, of the `evaluate` extra, bring their weights;
Whisper's are a folder of their own.
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

from tts import DISTRIBUTION
from tts.audio import Audio, pcm16

METRICS_SAMPLE_RATE = 16_000  # of Whisper, DNSMOS and DistillMOS
# Shorter or quieter audio (0.1 s, -80 dB of full scale) counts as silence; chosen by hand.
MIN_SAMPLES, MIN_PEAK = METRICS_SAMPLE_RATE // 10, 1e-4
INT16_SCALE = 32_768  # of 16-bit samples
BEAM_SIZE = 5  # the default of faster-whisper

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
    """A text for the comparison of words: lower case, numbers in words, no punctuation.

    Example:
        >>> normalise_transcript("Dr. Lee's 2nd well-known book.")
        "doctor lee's second well known book"
    """
    text = text.lower()
    for pattern, replacement in TRANSCRIPT_REWRITES:
        text = re.sub(pattern, replacement, text)
    return text.strip()


def _words(digits: str, kind: str) -> str:
    from num2words import num2words  # not needed in training

    return num2words(int(digits), to=kind)


@dataclass(frozen=True, kw_only=True, slots=True)
class EditCounts:
    """Word and character errors, with the numbers of words and characters of the reference."""

    words: int
    word_errors: int
    characters: int
    character_errors: int

    @classmethod
    def count(cls, said: str, heard: str) -> "EditCounts":
        """Count the edits from one normalised text to another, by jiwer.

        Sums over utterances give jiwer's error rates of all of them.

        Args:
            said: the reference.
            heard: the transcript.
        """
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
    """A speech recogniser, if there is one, and estimators of opinion scores.

    Args:
        transcribe: gives the words of audio at 16 kHz; without it, errors are not counted.
        mos_predictors: each gives an opinion score, from 1 (bad) to 5 (excellent).
    """

    transcribe: Callable[[Audio], str] | None
    mos_predictors: Mapping[str, Callable[[Audio], float]]

    def score(self, audio: Audio, text: str) -> dict[str, Any]:
        """Word errors and opinion scores of a clip that should say `text`, by their names."""
        return {**self.count_errors(audio, text), **self.predict_mos(audio)}

    def count_errors(self, audio: Audio, text: str) -> dict[str, Any]:
        """The words of `text`, the words recognised, and the errors; empty without a recogniser.

        A silent clip has no words.
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
    """Audio as metrics take it: rounded to 16-bit samples, as in files, and resampled to 16 kHz."""
    rounded = pcm16(np.nan_to_num(audio)).astype(np.float32) / INT16_SCALE
    return require("soxr").resample(rounded, sample_rate, METRICS_SAMPLE_RATE)


def audible(audio: Audio) -> bool:
    """Whether audio has 0.1 s or more, finite samples, and a peak above silence."""
    return bool(
        len(audio) >= MIN_SAMPLES and np.isfinite(audio).all() and np.abs(audio).max() >= MIN_PEAK
    )


def whisper_transcriber(folder: Path, threads: int) -> Callable[[Audio], str]:
    """A transcriber by Whisper, in English; each clip is decoded without the one before it.

    Args:
        folder: a model as faster-whisper has it.
        threads: of the CPU.
    """
    model = whisper_model(folder, threads)

    def hear(audio: Audio) -> str:
        segments, _ = model.transcribe(
            audio,
            language="en",
            beam_size=BEAM_SIZE,
            without_timestamps=True,
            condition_on_previous_text=False,
        )
        return " ".join(segment.text for segment in segments)

    return hear


def whisper_model(folder: Path, threads: int) -> Any:
    """A model of faster-whisper, from a folder.

    Raises:
        FileNotFoundError: the folder has no model.
        ValueError: the model is damaged.
    """
    weights = whisper_weights(folder)
    model = require("faster_whisper").WhisperModel
    try:
        return model(str(weights.parent), device="cpu", compute_type="int8", cpu_threads=threads)
    except Exception as error:  # a damaged file can raise anything
        raise ValueError(
            f"cannot read {folder}: not a faster-whisper model; download it again"
        ) from error


def whisper_weights(folder: Path) -> Path:
    """The file of a Whisper model's weights, which a model is identified by."""
    path = folder / "model.bin"
    if not path.is_file():
        raise FileNotFoundError(
            f"no faster-whisper model in {folder}; get one such as Systran/faster-whisper-base "
            "from Hugging Face"
        )
    return path


def dnsmos() -> Callable[[Audio], float]:
    """The overall score of DNSMOS P.835 (arXiv 2110.01763)."""
    judge = require("speechmos.dnsmos")
    return lambda audio: float(judge.run(np.clip(audio, -1, 1), METRICS_SAMPLE_RATE)["ovrl_mos"])


def distillmos() -> Callable[[Audio], float]:
    """DistillMOS (arXiv 2502.05356), distilled from an estimator on wav2vec 2.0."""
    package = require("distillmos")
    import torch  # distillmos brings it

    with redirect_stdout(StringIO()):  # it prints the path of its weights
        model = package.ConvTransformerSQAModel().eval()

    @torch.no_grad()
    def judge(audio: Audio) -> float:
        return float(model(torch.from_numpy(audio)[None])[0])

    return judge


OPINIONS: Mapping[str, Callable[[], Callable[[Audio], float]]] = {
    judge.__name__: judge for judge in (dnsmos, distillmos)
}


def require(module: str, extra: str = "evaluate") -> Any:
    """Import a module of an extra.

    Raises:
        ModuleNotFoundError: it is not installed; the message says how to install it.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            f"evaluation needs {error.name}; install it with pip install '{DISTRIBUTION}[{extra}]'"
        ) from error
