"""Quality checks of a batch: measurements of the signal, DistillMOS, Whisper, and their limits."""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Bool, Float64

from tts.audio import Audio
from tts.metrics import (
    Metrics,
    distillmos,
    normalise_transcript,
    to_judge_audio,
    whisper_transcriber,
)
from tts.speech import Speech
from tts.text.markup.visible import mask_markup
from tts.validation import check_types

from .audio.encode import gain_db
from .audio.format import OutputFormat
from .audio.loudness import Level, decibels, measure_loudness
from .item import BatchItem

# Chosen by ear on the shipped voices; not tuned.
FRAME_SECONDS = 0.01  # seconds of a frame whose energy is measured
SILENCE_DB = -40.0  # dB below the loudest frame, under which a frame is silent
FULL = 0.999  # of full scale, from which on a sample counts as clipped
NOISE_PERCENTILE = 2  # of the levels of frames: the background of a recording
QUIET_NOISE_DB, LOUD_NOISE_DB = -48.0, -28.0  # relative to the loudness: the range of backgrounds
EDGE_DB_PER_DOUBLED_PACE = 12.0  # dB that the edge limit rises when speech is twice as fast
FINAL_LENGTHENING_CHARACTERS = 4  # characters spoken in the time of phrase-final lengthening
DIGITS = 3  # decimal places that are kept
# A text that sets a pace in its markup has no expected speaking rate.
OWN_PACE = re.compile(r"\[pace:|<prosody\b[^>]*\brate\b|<emphasis\b|<say-as\b")


@dataclass(frozen=True, kw_only=True, slots=True)
class Quality:
    """Measurements of an utterance, before any gain.

    Args:
        characters: letters and digits of the spoken words.
        characters_per_second: speaking rate over the frames that are not silent, at pace 1.
        loudness: integrated loudness in LUFS (ITU-R BS.1770); None for silence.
        true_peak: in dBTP.
        edge: RMS level of the louder of the first and the last 10 ms, in dBFS.
        noise: RMS level of the quietest frames, in dBFS; the noise of a voice's recordings.
        longest_gap: the longest silence, in seconds, apart from the pauses between sentences.
        clipped: share of the samples at full scale, from 0 to 1.
    """

    characters: int
    characters_per_second: float
    loudness: float | None
    true_peak: float
    edge: float
    noise: float
    longest_gap: float
    clipped: float

    def in_form(self, form: OutputFormat) -> "Quality":
        """The same measurements after the gain of an output format."""
        level = Level(loudness=self.loudness, true_peak=self.true_peak)
        gain = round(gain_db(level, form), DIGITS)
        return replace(
            self,
            loudness=None if self.loudness is None else round(self.loudness + gain, DIGITS),
            true_peak=round(self.true_peak + gain, DIGITS),
            edge=round(self.edge + gain, DIGITS),
            noise=round(self.noise + gain, DIGITS),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class QualityLimits:
    """Limits beyond which an item is reported as a problem and made again with another seed.

    Chosen by ear, so that 2 of 800 utterances of the model's voices are beyond one of them.

    Args:
        slowest: fewest characters per second, where four are added for final lengthening.
        fastest: most characters per second, counted in the same way.
        edge: level of the first and last 10 ms above the loudness, in dB; above it speech is
            probably cut off. It rises where the noise is above -48 dB.
        longest_gap: longest silence within a sentence, in seconds.
        clipped: largest share of clipped samples, from 0 to 1.
        distillmos: lowest DistillMOS, from 1 to 5.
        wer: highest word error rate by Whisper, from 0. It is high because small Whisper models
            mishear up to two thirds of the words of short utterances; of a wrong text they
            mishear nearly all.

    Raises:
        ValueError: a value is of another type.
    """

    slowest: float = 12.0
    fastest: float = 24.5
    edge: float = -40.0
    longest_gap: float = 0.8
    clipped: float = 0.001
    distillmos: float = 2.0
    wer: float = 0.7

    def __post_init__(self) -> None:
        check_types(self)


def measure_quality(speech: Speech, text: str) -> Quality:
    """Measure an utterance.

    Args:
        speech: the utterance, before any gain.
        text: its input, with markup.
    """
    # samples that are not finite count as clipped
    audio = np.nan_to_num(speech.audio, nan=1.0, posinf=1.0, neginf=-1.0)
    level = measure_loudness([audio], speech.sample_rate)
    power = _frame_power(audio, speech.sample_rate)
    loud = power > 10 ** (SILENCE_DB / 10) * power.max(initial=0)
    characters = _characters(speech, text)
    seconds = FRAME_SECONDS * int(loud.sum()) * speech.delivery.pace
    edge = round(FRAME_SECONDS * speech.sample_rate)
    edges = [_root_mean_square(part) for part in (audio[:edge], audio[-edge:])]
    return Quality(
        characters=characters,
        characters_per_second=round(characters / seconds, DIGITS) if seconds else 0.0,
        loudness=None if level.loudness is None else round(level.loudness, DIGITS),
        true_peak=round(level.true_peak, DIGITS),
        edge=round(decibels(max(edges)), DIGITS),
        noise=round(decibels(_noise(power)), DIGITS),
        longest_gap=round(_longest_gap(loud, speech), DIGITS),
        clipped=round(float(np.mean(np.abs(audio) >= FULL)), 6) if len(audio) else 0.0,
    )


def find_problems(
    quality: Quality, heard: Mapping[str, Any], item: BatchItem, limits: QualityLimits
) -> tuple[str, ...]:
    """The problems of an utterance, each in a few words; empty if there are none.

    Args:
        quality: its measurements.
        heard: the scores of `QualityScorer.judge`.
        item: the item, with the delivery that was used.
        limits: the limits.
    """
    # BS.1770 ignores blocks below -70 LUFS, and a low volume may bring speech below that
    asked_quiet = item.delivery.volume < 0 and quality.characters_per_second > 0
    if quality.loudness is None and not asked_quiet:
        return ("it is silent",)
    checks = (_tempo, _edge, _gap, _clipping)
    found = [trouble for check in checks for trouble in check(quality, item, limits)]
    return (*found, *_opinions(heard, limits))


def _tempo(quality: Quality, item: BatchItem, limits: QualityLimits) -> Iterator[str]:
    if OWN_PACE.search(item.text):
        return
    longer = 1 + FINAL_LENGTHENING_CHARACTERS / max(quality.characters, 1)
    tempo = quality.characters_per_second * longer
    speed = f"{quality.characters_per_second:.0f} characters a second"
    if tempo > limits.fastest:
        yield f"{speed}: words may be missing"
    if tempo < limits.slowest:
        yield f"{speed}: words may be drawn out or repeated"


def _edge(quality: Quality, item: BatchItem, limits: QualityLimits) -> Iterator[str]:
    if quality.loudness is None:
        return
    allowed = limits.edge + EDGE_DB_PER_DOUBLED_PACE * max(0.0, math.log2(item.delivery.pace))
    # the edge limit rises with a background that is louder than that of a quiet room
    noise = min(quality.noise - quality.loudness, LOUD_NOISE_DB)
    allowed += max(0.0, noise - QUIET_NOISE_DB)
    over = quality.edge - quality.loudness - allowed
    if over > 0:
        yield f"{over:.0f} dB too loud at its start or end: it may be cut off"


def _gap(quality: Quality, item: BatchItem, limits: QualityLimits) -> Iterator[str]:
    allowed = limits.longest_gap * item.delivery.pauses / min(item.delivery.pace, 1)
    if quality.longest_gap > allowed:
        yield f"silent for {quality.longest_gap:.1f} s within a sentence"


def _clipping(quality: Quality, item: BatchItem, limits: QualityLimits) -> Iterator[str]:
    if quality.clipped > limits.clipped:
        yield f"{quality.clipped:.2%} of its samples are clipped"


def _opinions(heard: Mapping[str, Any], limits: QualityLimits) -> Iterator[str]:
    mos, wer = heard.get("distillmos"), heard.get("wer")
    if mos is not None and mos < limits.distillmos:
        yield f"DistillMOS {mos:.1f}: it may sound bad"
    if wer is not None and wer > limits.wer:
        yield f"word error rate {wer:.0%} by Whisper"


class QualityScorer:
    """Scores utterances with DistillMOS and with a Whisper model, each of them optional.

    Args:
        mos: load DistillMOS.
        whisper: folder of a faster-whisper model; None for no word error rate.
    """

    def __init__(self, mos: bool, whisper: Path | None) -> None:
        self._metrics = Metrics(
            transcribe=whisper_transcriber(whisper, threads=1) if whisper else None,
            mos_predictors={"distillmos": distillmos()} if mos else {},
        )

    def judge(self, speech: Speech, spoken: str, mos: bool = True) -> dict[str, Any]:
        """Score an utterance.

        Args:
            speech: the utterance.
            spoken: the words that it should contain.
            mos: compute DistillMOS for it.

        Returns:
            `distillmos` (1 to 5), `wer` (0 is perfect) and `heard` (the transcript), each None
            where it is not computed.
        """
        audio = to_judge_audio(speech.audio, speech.sample_rate)
        scores: dict[str, Any] = {"distillmos": None, "wer": None, "heard": None}
        if mos:
            for name, score in self._metrics.predict_mos(audio).items():
                scores[name] = round(score, DIGITS)
        words = self._metrics.count_errors(audio, spoken) if normalise_transcript(spoken) else {}
        if words:
            scores["wer"] = round(words["word_errors"] / words["words"], DIGITS)
            scores["heard"] = words["heard"]
        return scores


def _characters(speech: Speech, text: str) -> int:
    """Letters and digits of the spoken words, and of the text that no word covers."""
    unsaid = list(mask_markup(text))
    for word in speech.words:
        start, stop = word.span
        unsaid[start:stop] = " " * (stop - start)
    said = "".join(word.text for word in speech.words)
    return sum(map(str.isalnum, f"{said}{''.join(unsaid)}"))


def _frame_power(audio: Audio, sample_rate: int) -> Float64[np.ndarray, " frames"]:
    """The mean square of each frame of 10 ms."""
    size = round(FRAME_SECONDS * sample_rate)
    frames = audio[: len(audio) // size * size].reshape(-1, size)
    return np.square(frames, dtype=np.float64).mean(axis=1)


def _noise(power: Float64[np.ndarray, " frames"]) -> float:
    """The root mean square of the quietest frames."""
    return float(np.sqrt(np.percentile(power, NOISE_PERCENTILE))) if len(power) else 0.0


def _longest_gap(loud: Bool[np.ndarray, " frames"], speech: Speech) -> float:
    """The longest silence in seconds, without the intended pauses between phones."""
    asked = np.zeros(len(loud) + 1)
    for before, after in pairwise(speech.phones):
        asked[round(before.end / FRAME_SECONDS) : round(after.start / FRAME_SECONDS)] = 1
    unasked = np.concatenate([[0], np.cumsum(1 - asked)])
    gaps = (unasked[stop] - unasked[start + 1] for start, stop in pairwise(np.flatnonzero(loud)))
    return FRAME_SECONDS * float(max(gaps, default=0))


def _root_mean_square(audio: Audio) -> float:
    return float(np.sqrt(np.mean(np.square(audio, dtype=np.float64)))) if len(audio) else 0.0
