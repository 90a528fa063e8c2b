"""Manifests of items that have files of their own, as other libraries load them.

`datasets` loads metadata.jsonl, NeMo nemo.jsonl, and Lhotse recordings.jsonl and
supervisions.jsonl. Paths are relative, so that a folder can be moved: to the manifest for the first
two. Lhotse has no paths relative to a manifest: load with `with_path_prefix(OUT)`.

`text` is the input without markup; `normalized_text` is the words as they are spoken.
"""

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import soundfile

from tts.text.markup.visible import HIDDEN, mask_markup

from .manifest import write_durably
from .rows import Row
from .statistics import MEASURES

BLANK = re.compile(r"\s+")


@dataclass(frozen=True)
class Sample:
    """An item for export: its manifest row, its length in samples, its sample rate in Hz, and the
    times of its words and phones (empty if the batch wrote no .json of times)."""

    row: Row
    samples: int
    rate: int
    times: Row

    @property
    def seconds(self) -> float:
        return self.samples / self.rate

    def texts(self) -> Row:
        shown = mask_markup(self.row["text"]).replace(HIDDEN, "")
        # a lone surrogate cannot be encoded as UTF-8
        written = BLANK.sub(" ", shown).strip().encode(errors="replace").decode()
        return {"text": written, "normalized_text": self.row["spoken"]}

    def details(self) -> Row:
        """Its delivery and its quality measures; a field has the same type in every row."""
        row = self.row
        named = {"take": row["take"], "seed": row["seed"], "pace": float(row["pace"])}
        measured = {one.name: one.of(row) for one in MEASURES}
        return {"speaker": row["voice"], **named, **measured}


def write_manifests(folder: Path, rows: Sequence[Row]) -> list[str]:
    """Write every manifest of `MANIFESTS` into the folder.

    Args:
        folder: the output folder of the batch.
        rows: its manifest rows; those without an audio file of their own are left out.

    Returns:
        The names of the files written.
    """
    samples = [_sample(folder, row) for row in rows if row.get("audio")]
    for name, entry_of in MANIFESTS.items():
        write_durably(folder / name, b"".join(map(_line, _filled(map(entry_of, samples)))))
    return list(MANIFESTS)


def _sample(folder: Path, row: Row) -> Sample:
    about = soundfile.info(folder / row["audio"])
    times = f"audio/{row['id']}.json"
    known = json.loads((folder / times).read_bytes()) if times in row["files"] else {}
    return Sample(row, about.frames, about.samplerate, known)


def hugging_face(sample: Sample) -> Row:
    """A row for `load_dataset("audiofolder", data_files="OUT/metadata.jsonl")`.

    Pass the file, not the folder: from a folder, `datasets` infers splits from file names, so an
    item named `test 1` would become the test split.
    """
    row = sample.row
    about = {"duration": sample.seconds, "sampling_rate": sample.rate}
    return {
        "file_name": row["audio"],
        "id": row["id"],
        **sample.texts(),
        **about,
        **sample.details(),
    }


def nemo(sample: Sample) -> Row:
    """A row of a NeMo manifest."""
    row = sample.row
    about = {"duration": sample.seconds, "sampling_rate": sample.rate}
    return {
        "audio_filepath": row["audio"],
        **about,
        **sample.texts(),
        "id": row["id"],
        **sample.details(),
    }


def recording(sample: Sample) -> Row:
    """A row for `RecordingSet.from_file("OUT/recordings.jsonl").with_path_prefix("OUT")`."""
    return {
        "id": sample.row["id"],
        "sources": [{"type": "file", "channels": [0], "source": sample.row["audio"]}],
        "sampling_rate": sample.rate,
        "num_samples": sample.samples,
        "duration": sample.seconds,
        "channel_ids": [0],
    }


def supervision(sample: Sample) -> Row:
    """A row for `SupervisionSet.from_file("OUT/supervisions.jsonl")`."""
    texts, details = sample.texts(), sample.details()
    tiers = {"word": ("words", "text"), "phone": ("phones", "symbol")}
    aligned = {
        tier: [_interval(one, name) for one in sample.times[kind] if one[name].strip()]
        for tier, (kind, name) in tiers.items()
        if sample.times
    }
    return {
        "id": sample.row["id"],
        "recording_id": sample.row["id"],
        "start": 0.0,
        "duration": sample.seconds,
        "channel": 0,
        "text": texts.pop("text"),
        "speaker": details.pop("speaker"),
        "custom": {name: value for name, value in (texts | details).items() if value is not None},
        "alignment": aligned or None,
    }


MANIFESTS: dict[str, Callable[[Sample], Row]] = {
    "metadata.jsonl": hugging_face,
    "nemo.jsonl": nemo,
    "recordings.jsonl": recording,
    "supervisions.jsonl": supervision,
}


def _interval(timed: Row, name: str) -> list[object]:
    start, end = timed["start"], timed["end"]
    return [timed[name], round(start, 6), round(end - start, 6)]


def _filled(details: Iterable[Row]) -> list[Row]:
    """Rows without the fields that are null in all of them: such a column has no type."""
    rows = list(details)
    known = {name for row in rows for name, value in row.items() if value is not None}
    return [{name: value for name, value in row.items() if name in known} for row in rows]


def _line(row: Row) -> bytes:
    """ASCII, since NeMo opens manifests in the system's default encoding."""
    return json.dumps(row).encode() + b"\n"
