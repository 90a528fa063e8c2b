"""The report on a reader: its recordings of the benchmark's texts, judged as our speech is."""

from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path

import torch
from rich.progress import track

from tts.files import write_json_file
from tts.metrics import audible, to_judge_audio, whisper_weights
from tts.validation import check_ranges, check_types

from ...data.manifest import check_recording, read_rows
from ...release.fingerprint import fingerprint
from ..judge import SAMPLE_RATE, SpeechJudge, embed, judges
from ..results import ResultRow, ResultStore
from ..similarity import Similarity
from ..speaker_encoder import SpeakerEncoder, load_speaker_encoder
from ..summary import READER, summarise
from ..systems import SpeechSystem, play
from ..table import tables
from ..texts import EvaluationText, read_lines, read_recorded


@dataclass(frozen=True, kw_only=True, slots=True)
class ReaderEvaluation:
    """The options of an evaluation of a reader.

    Args:
        manifest: manifest of the reader's recordings.
        texts: the texts that were read, JSON lines.
        whisper: folder of a faster-whisper model.
        corpus: folder with `val.jsonl`, for similarity; None leaves it out.
        mos: estimate opinion scores.
        threads: CPU threads, 1 to 1024.

    Raises:
        ValueError: a value is of the wrong type or out of range.
    """

    manifest: Path
    texts: Path
    whisper: Path
    corpus: Path | None = None
    mos: bool = True
    threads: int = 2

    def __post_init__(self) -> None:
        check_types(self)
        check_ranges(self, {"threads": (1, 2**10)})

    @property
    def subject(self) -> ResultRow:
        """All that a single judgement depends on, except similarity."""
        return {
            "recordings": fingerprint(self.manifest),
            "texts": fingerprint(self.texts),
            "whisper": fingerprint(whisper_weights(self.whisper)),
            "mos": self.mos,
        }


def write_report(recordings: ReaderEvaluation, out: Path) -> str:
    """Judge a reader's recordings and write the results.

    Args:
        recordings: the options.
        out: file to write; the ledger lies beside it.

    Returns:
        The table in Markdown.
    """
    torch.set_num_threads(recordings.threads)
    lines = read_reader_texts(recordings.manifest, recordings.texts)
    ledger = ResultStore(out.with_suffix(".ledger.jsonl"), recordings.subject)
    panel = SpeechJudge(
        judges=judges(recordings.whisper, recordings.threads, mos=recordings.mos),
        encoder=None,
        similarity=Similarity({}),
    )
    rows = judgements(lines, panel, ledger)
    if recordings.corpus:
        alike = similarities(lines, recordings.corpus, ledger)
        rows = [row | more for row, more in zip(rows, alike, strict=True)]
    results = {
        "subject": recordings.subject,
        "reference": READER,
        "summary": summarise(rows, READER),
        "lines": rows,
    }
    write_json_file(out, results)
    return "\n".join(tables(results))


def read_reader_texts(manifest: Path, texts: Path) -> list[EvaluationText]:
    """A line for each text and each voice of the manifest.

    Raises:
        FileNotFoundError: a file is missing.
        ValueError: a recording is missing, or is of another text.
    """
    if not manifest.is_file():
        raise FileNotFoundError(f"no such file: {manifest}")
    rows = {(row["voice"], row["id"]): row for row in read_rows(manifest)}
    voices = list(dict.fromkeys(voice for voice, _ in rows))
    lines = read_lines(texts, None, voices)
    wanted = {(line.voice, line.id): line for line in lines}
    if odd := [f"{id} by {voice}" for voice, id in rows if (voice, id) not in wanted]:
        raise ValueError(f"{manifest} has {odd[0]}, which is not in {texts}; remove it")
    if lacking := [f"{id} by {voice}" for voice, id in wanted if (voice, id) not in rows]:
        raise ValueError(
            f"{manifest} lacks {len(lacking)} of {len(wanted)} recordings, the first of them "
            f"{lacking[0]}; record all texts by each voice"
        )
    for key, line in wanted.items():
        check_recording(line.id, manifest.parent / rows[key]["audio"], manifest)
        if rows[key]["text"] != line.text:
            raise ValueError(
                f"text of {line.id} in {manifest} must be that of {texts}; record it again"
            )
    return [
        replace(line, recording=manifest.parent / rows[line.voice, line.id]["audio"])
        for line in lines
    ]


def similarities(lines: list[EvaluationText], corpus: Path, ledger: ResultStore) -> list[ResultRow]:
    """The similarity of each recording to the held-out recordings of its voice."""
    voices = tuple(dict.fromkeys(line.voice for line in lines))
    held_out = fingerprint(corpus / "val.jsonl")

    @cache
    def judge() -> tuple[SpeakerEncoder, Similarity]:
        encoder = load_speaker_encoder()
        return encoder, Similarity(embed(encoder, read_recorded(corpus, voices)))

    def find(line: EvaluationText) -> ResultRow:
        encoder, similarity = judge()
        heard = to_judge_audio(play(line, SAMPLE_RATE), SAMPLE_RATE)
        return similarity.score(encoder.embed(heard), line) if audible(heard) else {}

    return [
        ledger.get_or_compute(
            f"similarity to {held_out}/{line.voice}/{line.id}", partial(find, line)
        )
        for line in track(lines, "similarity")
    ]


def judgements(
    lines: list[EvaluationText], panel: SpeechJudge, ledger: ResultStore
) -> list[ResultRow]:
    """Word errors and opinion scores of each recording."""
    system = SpeechSystem(READER, partial(play, sample_rate=SAMPLE_RATE), needs_recording=True)
    return [
        ledger.get_or_compute(f"{line.voice}/{line.id}", partial(panel.judge, system, line))
        for line in track(lines, "judging")
    ]
