"""Measurements of a new voice beside its recordings and the nearest of the offered voices."""

from collections.abc import Callable, Iterator, Mapping, Sequence
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

from ...data.manifest import read_audio
from ..judge import judges
from ..speaker_encoder import Embedding, load_speaker_encoder, mean_direction
from .source import VoiceSource

NEAREST_LINES = 4  # sentences by which the nearest voice is found
RATE = MelConfig().sample_rate


def measure_voice(
    voice: Path, source: VoiceSource, manifest: Path, texts: Sequence[str], whisper: Path
) -> dict[str, Any]:
    """Measure a voice, its recordings and the nearest offered voice.

    Args:
        voice: the voice file.
        source: its held-out recordings.
        manifest: whose folder their paths are relative to.
        texts: sentences that the voices read.
        whisper: folder of a faster-whisper model.

    Returns:
        By `speech`, `recordings` and `nearest`, their figures (`score`); with the name of the
        nearest voice and the similarity of held-out recordings with each other.
    """
    synthesizer = load(voices=[voice])
    name = next(name for name in synthesizer.voices if name not in load().voices)
    metrics, embed = judges(whisper, 2, mos=True), load_speaker_encoder().embed
    own = [read_audio(manifest.parent / row["audio"], RATE) for row in source.held_out]
    embeddings = np.stack([embed(to_judge_audio(audio, RATE)) for audio in own])
    mean, self_similarity = mean_direction(list(embeddings)), _self_similarity(embeddings)

    def rate(sounds: Iterator[tuple[Audio, str]]) -> dict[str, float]:
        found = score(sounds, metrics, embed, mean)
        return found | {"share": round(found["similarity"] / self_similarity, 3)}

    offered = [each for each in synthesizer.voices if each != name]
    nearest = max(offered, key=lambda each: _similarity(synthesizer, each, texts, embed, mean))
    return {
        "lines": len(texts),
        "self_similarity": round(self_similarity, 3),
        "speech": rate(_speak(synthesizer, name, texts)),
        "recordings": rate(zip(own, (row["text"] for row in source.held_out), strict=True)),
        "nearest_voice": nearest,
        "nearest": rate(_speak(synthesizer, nearest, texts)),
    }


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
