"""Transcripts by Whisper, for clips that have none."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tts.audio import Audio
from tts.error_messages import naming_write_errors
from tts.files import write_text_file
from tts.metrics import (
    BEAM_SIZE,
    METRICS_SAMPLE_RATE,
    to_judge_audio,
    whisper_model,
    whisper_weights,
)
from tts.validation import parse_json

from .clips import SAMPLE_RATE
from .progress import GatheringProgress
from .transcripts import LeftOut

if TYPE_CHECKING:
    from .gather import RecordingRow

JOURNAL = "transcribed.jsonl"
THREADS = 2
LANGUAGE_SECONDS = 60.0  # of clips, of which the language is detected; chosen by hand
MIN_LANGUAGE_PROBABILITY = 0.8  # of a language that is not English; chosen by hand
# Whisper's own limits, beyond which it decodes again at random: arXiv 2212.04356, section 4.5.
# A second try would differ from run to run, so such clips are left out.
MAX_COMPRESSION_RATIO, MIN_LOG_PROBABILITY, MAX_NO_SPEECH = 2.4, -1.0, 0.6


@dataclass(kw_only=True, slots=True)
class Transcribed:
    """Rows with their texts.

    Args:
        rows: all rows that have a text.
        left_out: clips in which Whisper found no words, or is not sure of them.
        notes: sentences about the language.
    """

    rows: list["RecordingRow"] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def transcribe_rows(
    rows: Sequence["RecordingRow"], work: Path, whisper: Path, progress: GatheringProgress
) -> Transcribed:
    """Write the texts of clips that have none.

    A journal in the work folder keeps the texts, so that a further run does only what is missing.

    Args:
        rows: with and without text.
        work: the work folder.
        whisper: folder of a faster-whisper model.
        progress: shows the clips that are done.

    Raises:
        FileNotFoundError: the folder has no model.
        ModuleNotFoundError: a package of the extra `evaluate` is not installed.
        OSError: the journal cannot be written.
        ValueError: the model is damaged, or the recordings are not in English.
    """
    found = Transcribed()
    silent = [row for row in rows if row.text is None]
    texts = _texts(silent, work, whisper, progress, found.notes) if silent else {}
    for row in rows:
        if row.text is not None:
            found.rows.append(row)
        elif text := texts[row.id]:
            found.rows.append(replace(row, text=text, transcribed=True))
        else:
            reason = "Whisper finds no words in it, or is not sure of them"
            found.left_out.append(LeftOut(name=row.audio, kind="transcript", reason=reason))
    return found


def _texts(
    rows: Sequence["RecordingRow"],
    work: Path,
    whisper: Path,
    progress: GatheringProgress,
    notes: list[str],
) -> dict[str, str]:
    """The texts of clips by id; empty where there are no words."""
    journal = work / JOURNAL
    keys = {_key(row, work, whisper): row for row in rows}
    made = {key: text for key, text in _read_journal(journal).items() if key in keys}
    write_text_file(journal, "".join(_line(key, text) for key, text in made.items()))
    left = {key: row for key, row in keys.items() if key not in made}
    if left:
        model = whisper_model(whisper, THREADS)
        _check_language(model, rows, work)
        with (
            progress.track("clips", sum(row.seconds for row in left.values()), len(left)),
            journal.open("a", encoding="utf-8") as log,
        ):
            for key, row in left.items():
                made[key] = _hear(model, _audio(row, work))
                with naming_write_errors(journal):
                    log.write(_line(key, made[key]))
                    log.flush()
                progress.advance(row.seconds, row.seconds)
    return {row.id: made[key] for key, row in keys.items()}


def _key(row: "RecordingRow", work: Path, whisper: Path) -> str:
    """A clip by its id and file, and a model by the size of its weights."""
    clip = (work / row.audio).stat()
    return f"{row.id} {clip.st_size} {row.seconds} {whisper_weights(whisper).stat().st_size}"


def _line(key: str, text: str) -> str:
    return json.dumps({"key": key, "text": text}, ensure_ascii=False) + "\n"


def _read_journal(path: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in path.read_bytes().splitlines() if path.is_file() else []:
        try:
            row = parse_json(line)
            found[str(row["key"])] = str(row["text"])
        except (ValueError, TypeError, KeyError):  # it was cut short
            continue
    return found


def _audio(row: "RecordingRow", work: Path) -> Audio:
    import soundfile

    return to_judge_audio(soundfile.read(work / row.audio, dtype="float32")[0], SAMPLE_RATE)


def _check_language(model: Any, rows: Sequence["RecordingRow"], work: Path) -> None:
    """Refuse recordings in another language than English."""
    parts, seconds = list[Audio](), 0.0
    for row in rows:
        if seconds < LANGUAGE_SECONDS:
            parts.append(_audio(row, work))
            seconds += row.seconds
    audio = np.concatenate(parts)[: round(LANGUAGE_SECONDS * METRICS_SAMPLE_RATE)]
    language, probability, _ = model.detect_language(audio, language_detection_segments=2)
    if language != "en" and probability >= MIN_LANGUAGE_PROBABILITY:
        raise ValueError(
            f"the recordings must be in English; Whisper finds the language {language!r} in them"
        )


def _hear(model: Any, audio: Audio) -> str:
    """The words of a clip; empty if there are none, or Whisper is not sure of them."""
    segments, _ = model.transcribe(
        audio,
        language="en",
        beam_size=BEAM_SIZE,
        temperature=0.0,  # higher ones are random
        without_timestamps=True,
        condition_on_previous_text=False,
    )
    found = list(segments)
    sure = all(
        segment.compression_ratio <= MAX_COMPRESSION_RATIO
        and segment.avg_logprob >= MIN_LOG_PROBABILITY
        and segment.no_speech_prob <= MAX_NO_SPEECH
        for segment in found
    )
    text = " ".join(" ".join(segment.text for segment in found).split())
    return text if sure and any(map(str.isalnum, text)) else ""
