"""The `reader` command, and its results beside a model's. Its work is in `write_report`.

Our voices learnt from recordings by a reader, another model. What that reader reaches on the
benchmark's texts is their ceiling.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from tts.validation import parse_json

from ..config import Evaluation
from ..results import ResultRow

TEXTS = Path("benchmarks/texts.jsonl")
RESULTS = Path("benchmarks/results/reader.json")


def reader(  # noqa: PLR0913 - every parameter is a flag
    manifest: Annotated[
        Path, typer.Argument(help="Rows of `id` (a text's), `voice`, `text` and `audio`.")
    ],
    whisper: Annotated[Path, typer.Option(help="Folder of a faster-whisper model.")],
    out: Annotated[
        Path, typer.Option(help="File to write; a stopped run goes on from the ledger beside it.")
    ] = RESULTS,
    texts: Annotated[Path, typer.Option(help="Lines that were read.")] = TEXTS,
    corpus: Annotated[
        Path | None, typer.Option(help="Recordings (`val.jsonl`), for the similarity.")
    ] = None,
    mos: Annotated[bool, typer.Option(help="Whether to estimate opinion scores.")] = True,
    threads: Annotated[int, typer.Option(min=1)] = 2,
) -> None:
    """Judge a reader's recordings of the benchmark's texts, for `evaluate` to compare with."""
    from .report import ReaderEvaluation, write_report

    recordings = ReaderEvaluation(
        manifest=manifest,
        texts=texts,
        whisper=whisper,
        corpus=corpus,
        mos=mos,
        threads=threads,
    )
    typer.echo(write_report(recordings, out))


def beside_reader(evaluation: Evaluation, given: Path | None) -> Evaluation:
    """The evaluation with the results of the reader that were given, or with ours if they fit.

    Ours are left out, with a sentence, where texts or Whisper are others; what was given is
    refused then, by whoever reads it.
    """
    if given or not RESULTS.is_file():
        return replace(evaluation, reader=given)
    try:
        read_results(RESULTS, evaluation.subject)
    except ValueError as error:
        typer.echo(f"the reader's rows are left out: {error}", err=True)
        return evaluation
    return replace(evaluation, reader=RESULTS)


def read_results(path: Path, subject: ResultRow) -> list[ResultRow]:
    """The reader's judged lines, if they are of the subject's texts and by its Whisper model."""
    try:
        results = parse_json(path.read_bytes())
        known, rows = results["subject"], [ResultRow(row) for row in results["lines"]]
        others = [name for name in ("texts", "whisper") if known[name] != subject[name]]
        if not all(row.keys() >= {"kind", "voice", "id"} for row in rows):
            raise KeyError("a row is of no line")
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(
            f"{path} must be what `tts training reader` wrote; give another file"
        ) from error
    if others:
        raise ValueError(
            f"{path} must be judged on the same texts by the same Whisper model, and is not: other "
            f"{' and '.join(others)}; judge the reader again with `tts training reader`"
        )
    return rows


def on_the_same_lines(judged: Sequence[ResultRow], rows: Sequence[ResultRow]) -> list[ResultRow]:
    """Those of the reader's lines that a model was judged on, by the same voices."""
    wanted = {(row["kind"], row["voice"], row["id"]) for row in rows}
    return [row for row in judged if (row["kind"], row["voice"], row["id"]) in wanted]
