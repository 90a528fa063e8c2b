"""Measurements of a new voice beside its recordings and the nearest of the offered voices."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tts.audio import Audio
from tts.config import MelConfig
from tts.delivery import Delivery
from tts.files import write_json_file
from tts.metrics import Metrics, to_judge_audio
from tts.synthesis import Synthesizer, load
from tts.validation import parse_json
from tts.voice_files import read_card

from ...data.manifest import read_audio
from ..judge import judges
from ..speaker_encoder import Embedding, load_speaker_encoder, mean_direction
from ..texts import read_lines
from .source import VoiceSource, read_source, write_folder


@dataclass(frozen=True, kw_only=True, slots=True)
class NewVoice:
    """A voice to make from recordings and to measure.

    Args:
        manifest: of one speaker, lines of JSON with `id`, `voice`, `audio` and `text`.
        minutes: of recordings to learn from.
        whisper: folder of a faster-whisper model.
        out: folder for the recordings, the voice and its work.
        results: file of results (.json); the row of this voice is replaced.
        texts: lines of JSON with `id`, `kind` and `text`.
        lines: sentences that the voice reads.
        acoustic: acoustic model to start from; None for the shipped one.
        vocoder: its vocoder; None for the shipped one.
        about: `consent`, `licence`, `sex` and `accent`, for the file.
    """

    manifest: Path
    minutes: float
    whisper: Path
    out: Path
    results: Path
    texts: Path
    lines: int = 100
    acoustic: Path | None = None
    vocoder: Path | None = None
    about: Mapping[str, str]


NEAREST_LINES = 4  # sentences by which the nearest voice is found
RATE, KIND = MelConfig().sample_rate, "sentence"
MEASURED = "measured"  # name of the voice meanwhile, as a shipped one may have its own


def make_voice(wanted: NewVoice) -> dict[str, Any]:
    """Make a voice by `tts voice learn`, measure it, and add its row to the results.

    A voice file that is there is measured as it is.

    Raises:
        FileNotFoundError: the manifest, a recording or a checkpoint is missing.
        ValueError: the manifest is damaged or has too few minutes, or the voice cannot be made.
    """
    source = read_source(wanted.manifest)
    minutes = write_folder(source, wanted.manifest, wanted.minutes, wanted.out / "recordings")
    name = str(source.training[0]["voice"])
    voice, spent = wanted.out / f"{name}.voice", wanted.out / "spent.json"
    if not voice.is_file():
        write_json_file(spent, _learn(wanted, name, voice))
    texts = [text.text for text in read_lines(wanted.texts, None, [name]) if text.kind == KIND]
    row = {
        "voice": name,
        "minutes": wanted.minutes,
        "recorded_minutes": round(minutes, 2),
        **parse_json(spent.read_bytes()),
        "megabytes": round(voice.stat().st_size / 1e6, 2),
        **measure_voice(voice, source, wanted, texts[: wanted.lines]),
    }
    write_result(wanted.results, row)
    return row


def _learn(wanted: NewVoice, name: str, voice: Path) -> dict[str, float]:
    """Run `tts voice learn` as a user does; its minutes, and those of processor time."""
    models = {"acoustic": wanted.acoustic, "vocoder": wanted.vocoder}
    options = {"name": name, "work": wanted.out / "work", "out": voice, **models, **wanted.about}
    given = [f"--{option}={value}" for option, value in options.items() if value]
    command = ["voice", "learn", str(wanted.out / "recordings"), *given]
    begun, before = time.monotonic(), os.times()
    if subprocess.run([sys.executable, "-m", "tts", *command], check=False).returncode:
        raise ValueError(f"cannot make the voice {name}; see the message above")
    after = os.times()
    spent = after.children_user + after.children_system
    spent -= before.children_user + before.children_system
    return {
        "wall_minutes": round((time.monotonic() - begun) / 60, 1),
        "processor_minutes": round(spent / 60, 1),
    }


def measure_voice(
    voice: Path, source: VoiceSource, wanted: NewVoice, texts: Sequence[str]
) -> dict[str, Any]:
    """Measure a voice, its recordings and the nearest offered voice.

    Figures of recordings and nearest voice are taken from another row of the results, if it is of
    the same speaker, models and number of texts.

    Args:
        voice: the voice file.
        source: its held-out recordings.
        wanted: names the models, the recogniser, the manifest and the results.
        texts: sentences that the voices read.

    Returns:
        By `speech`, `recordings` and `nearest`, their figures (`score`); with the name of the
        nearest voice, the similarity of held-out recordings with each other, and the family of the
        models.
    """
    card = read_card(voice)
    synthesizer = load(wanted.acoustic, wanted.vocoder, voices={MEASURED: voice})
    metrics, embed = judges(wanted.whisper, 2, mos=True), load_speaker_encoder().embed
    own = [read_audio(wanted.manifest.parent / row["audio"], RATE) for row in source.held_out]
    embeddings = np.stack([embed(to_judge_audio(audio, RATE)) for audio in own])
    mean, self_similarity = mean_direction(list(embeddings)), _self_similarity(embeddings)

    def rate(sounds: Iterator[tuple[Audio, str]]) -> dict[str, float]:
        found = score(sounds, metrics, embed, mean)
        return found | {"share": round(found["similarity"] / self_similarity, 3)}

    subject = {"voice": card.name, "family": card.family, "lines": len(texts)}
    reference = _known_reference(wanted.results, subject)
    if reference is None:
        offered = [each for each in synthesizer.voices if each not in (MEASURED, card.name)]
        nearest = max(offered, key=lambda each: _similarity(synthesizer, each, texts, embed, mean))
        reference = {
            "recordings": rate(zip(own, (row["text"] for row in source.held_out), strict=True)),
            "nearest_voice": nearest,
            "nearest": rate(_speak(synthesizer, nearest, texts)),
        }
    return {
        **subject,
        "self_similarity": round(self_similarity, 3),
        "speech": rate(_speak(synthesizer, MEASURED, texts)),
        **reference,
    }


def _known_reference(results: Path, subject: Mapping[str, Any]) -> dict[str, Any] | None:
    """The figures of recordings and nearest voice of another row about the same subject."""
    rows = parse_json(results.read_text(encoding="utf-8")) if results.is_file() else []
    for row in rows:
        if subject.items() <= row.items():
            return {name: row[name] for name in ("recordings", "nearest_voice", "nearest")}
    return None


def score(
    sounds: Iterator[tuple[Audio, str]],
    metrics: Metrics,
    embed: Callable[[Audio], Embedding],
    mean: Embedding,
) -> dict[str, float]:
    """Figures of sounds that should say their texts.

    Returns:
        `word_errors` in percent, mean `distillmos` and `dnsmos`, and mean `similarity` to `mean`.
    """
    rows = []
    for audio, text in sounds:
        heard = to_judge_audio(audio, RATE)
        rows.append({**metrics.score(heard, text), "similarity": float(embed(heard) @ mean)})
    words, errors = (sum(row[key] for row in rows) for key in ("words", "word_errors"))
    means = {
        key: float(np.mean([row[key] for row in rows if key in row]))
        for key in ("distillmos", "dnsmos", "similarity")
    }
    return {"word_errors": 100 * errors / words} | means


def _speak(
    synthesizer: Synthesizer, voice: str, texts: Sequence[str]
) -> Iterator[tuple[Audio, str]]:
    for text in texts:
        yield synthesizer.speak(text, Delivery(voice=voice)).audio, text


def _similarity(
    synthesizer: Synthesizer,
    voice: str,
    texts: Sequence[str],
    embed: Callable[[Audio], Embedding],
    mean: Embedding,
) -> float:
    sounds = _speak(synthesizer, voice, texts[:NEAREST_LINES])
    return float(np.mean([embed(to_judge_audio(audio, RATE)) @ mean for audio, _ in sounds]))


def _self_similarity(embeddings: np.ndarray) -> float:
    """The mean cosine of each recording with the mean of the others."""
    rest = embeddings.sum(axis=0) - embeddings
    return float(((rest * embeddings).sum(axis=1) / np.linalg.norm(rest, axis=1)).mean())


def write_result(path: Path, row: Mapping[str, Any]) -> None:
    """Add a row to a file of results, in place of that of the same voice and minutes."""
    rows = parse_json(path.read_text(encoding="utf-8")) if path.is_file() else []
    key = row["voice"], row["minutes"]
    others = [each for each in rows if (each["voice"], each["minutes"]) != key]
    rows = sorted([*others, dict(row)], key=lambda each: (each["voice"], each["minutes"]))
    path.parent.mkdir(parents=True, exist_ok=True)
    write_json_file(path, rows)
