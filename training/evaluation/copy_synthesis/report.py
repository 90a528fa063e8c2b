"""The report on copies: each clip copied by each system, judged and compared."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch
from rich.progress import track

from tts.audio import write_audio
from tts.config import MelConfig
from tts.files import write_json_file, write_text_file
from tts.metrics import Metrics, to_judge_audio, whisper_weights
from tts.torch_checkpoint import load_vocoder
from tts.validation import check_ranges, check_types
from tts.vocoder import pretrained

from ...data.recordings import Recording, read_recordings, spread
from ...release.fingerprint import fingerprint
from ..judge import judges
from ..results import LEDGER, ResultRow, ResultStore
from .measures import compare, has_pesq
from .spectrogram import draw
from .systems import CopySystem, systems
from .table import page, summarise


@dataclass(frozen=True, kw_only=True, slots=True)
class Copying:
    """The options of an evaluation of copies.

    Args:
        corpus: folder of manifests with recordings.
        vocoder: checkpoint or folder of the vocoder.
        sets: names of the sets.
        limit: most clips of each set, at least 1; all if None.
        whisper: folder of a faster-whisper model; None leaves word errors out.
        mos: estimate opinion scores.
        baselines: also judge Griffin-Lim copies and the recordings.
        threads: CPU threads, 1 to 1024.
        keep_audio: keep the judged audio.
        pictures: clips of each set to draw, at least 0.

    Raises:
        ValueError: a value is of the wrong type or out of range.
    """

    corpus: Path
    vocoder: Path
    sets: tuple[str, ...]
    limit: int | None = None
    whisper: Path | None = None
    mos: bool = True
    baselines: bool = True
    threads: int = 1
    keep_audio: bool = False
    pictures: int = 0

    def __post_init__(self) -> None:
        check_types(self)
        check_ranges(self, {"limit": (1, 2**31), "threads": (1, 2**10), "pictures": (0, 2**31)})

    @property
    def subject(self) -> ResultRow:
        """All that a single judgement depends on; other options choose which are made."""
        manifests = {name: fingerprint(self.corpus / f"{name}.jsonl") for name in self.sets}
        return {
            "vocoder": fingerprint(*pretrained.vocoder_files(self.vocoder)),
            "whisper": self.whisper and fingerprint(whisper_weights(self.whisper)),
            "mos": self.mos,
            "pesq": has_pesq(),
            "sets": manifests,
        }


@dataclass(frozen=True, kw_only=True)
class CopyJudge:
    """Judges copies; the audio is kept in the folder `audio` unless it is None."""

    judges: Metrics
    config: MelConfig
    audio: Path | None = None

    def examine(self, system: CopySystem, clip: Recording) -> ResultRow:
        """Judge and compare the copy of a clip by a system."""
        recording = clip.load_audio(self.config)
        copy = system.render(recording)
        if self.audio:
            path = self.audio / system.name / clip.set / clip.voice / f"{clip.id}.wav"
            path.parent.mkdir(parents=True, exist_ok=True)
            write_audio(path, copy, self.config.sample_rate)
        about = {"set": clip.set, "system": system.name, "voice": clip.voice, "id": clip.id}
        judged = self.judges.score(to_judge_audio(copy, self.config.sample_rate), clip.text)
        compared = compare(recording, copy) if system.copy else {}
        return {**about, "seconds": len(copy) / self.config.sample_rate, **judged, **compared}


def write_report(copying: Copying, out: Path) -> str:
    """Judge copies, and write `results.json`, `table.md`, pictures and the ledger.

    Args:
        copying: the options.
        out: folder to write; judgements in its ledger are not made again.

    Returns:
        The table in Markdown.
    """
    torch.set_num_threads(copying.threads)
    sets = [spread(read_recordings(copying.corpus, name), copying.limit) for name in copying.sets]
    ledger = ResultStore(out / LEDGER, copying.subject)
    vocoder = load_vocoder(copying.vocoder)
    hearing = CopyJudge(
        judges=judges(copying.whisper, copying.threads, mos=copying.mos),
        config=vocoder.config.mel,
        audio=out / "audio" if copying.keep_audio else None,
    )
    known = systems(vocoder, baselines=copying.baselines)
    rows = judgements(hearing, known, [clip for clips in sets for clip in clips], ledger)
    for clips in sets:
        pictures(known[0], spread(clips, copying.pictures), vocoder.config.mel, out / "pictures")
    results = {"subject": copying.subject, "summary": summarise(rows), "clips": rows}
    table = page(results)
    write_json_file(out / "results.json", results)
    write_text_file(out / "table.md", table)
    return table


def judgements(
    hearing: CopyJudge,
    systems: Sequence[CopySystem],
    clips: Sequence[Recording],
    ledger: ResultStore,
) -> list[ResultRow]:
    """Judge every clip by every system."""
    tasks = [
        (f"{system.name}/{clip.set}/{clip.voice}/{clip.id}", partial(hearing.examine, system, clip))
        for clip in clips
        for system in systems
    ]
    return [ledger.get_or_compute(name, examine) for name, examine in track(tasks, "judging")]


def pictures(
    system: CopySystem, clips: Sequence[Recording], config: MelConfig, folder: Path
) -> None:
    """Draw each clip above its copy, unless its picture exists."""
    for clip in clips:
        path = folder / clip.set / clip.voice / f"{clip.id}.png"
        if not path.exists():
            recording = clip.load_audio(config)
            draw(recording, system.render(recording), config, path)
