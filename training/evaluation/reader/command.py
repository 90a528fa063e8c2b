"""The `reader` command, and its results beside a model's. Its work is in `write_report`.

The shipped voices are trained on recordings by a reader, which is another model. What the reader
reaches on the benchmark's texts is their upper bound.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from tts.validation import parse_json

from ..config import Evaluation
from ..results import ResultRow
from ..texts import TEXTS, check_texts

RESULTS = Path("benchmarks/results/reader.json")


def reader(  # noqa: PLR0913 - every parameter is a flag
    manifest: Annotated[
        Path,
        typer.Argument(
            help="Manifest (.jsonl) of the reader's recordings, with id (that of a text), voice, "
            "text and audio."
        ),
    ],
    whisper: Annotated[
        Path, typer.Option(help="Folder of a faster-whisper model, which transcribes speech.")
    ],
    out: Annotated[
        Path, typer.Option(help="File to write; the same command continues a stopped run.")
    ] = RESULTS,
    texts: Annotated[
        Path, typer.Option(help="The texts that were read: lines of JSON with id, kind and text.")
    ] = TEXTS,
    corpus: Annotated[
        Path | None,
        typer.Option(
            help="Folder with val.jsonl and its recordings, for similarity. Default: none; it is "
            "left out."
        ),
    ] = None,
    mos: Annotated[
        bool, typer.Option(help="Estimate opinion scores by DNSMOS and DistillMOS, or do not.")
    ] = True,
    threads: Annotated[int, typer.Option(min=1, help="CPU threads.")] = 2,
) -> None:
    """Judge a reader's recordings of the benchmark's texts, for use by `evaluate`.

    Needs a recording of every text by each of the reader's voices, a
    faster-whisper model and the `evaluate` extra. Writes a file of results,
    with a ledger of single judgements beside it, and prints the table.

    Example:
      tts training reader reader.jsonl --whisper whisper-base --out reader.json
    """
    from .report import ReaderEvaluation, write_report

    check_texts(texts)
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
    """The evaluation with the given file of the reader's results, or with the shipped one.

    If the shipped results are of other texts or of another Whisper model, a message is printed and
    they are left out. A given file that does not fit is refused later, by `read_results`.
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
    """Read the reader's judged lines.

    Raises:
        ValueError: the file is not one of results, or is of other texts or another Whisper model.
    """
    try:
        results = parse_json(path.read_bytes())
        known, rows = results["subject"], [ResultRow(row) for row in results["lines"]]
        others = [name for name in ("texts", "whisper") if known[name] != subject[name]]
        if not all(row.keys() >= {"kind", "voice", "id"} for row in rows):
            raise KeyError("a row has no line")
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(
            f"cannot read {path}: not results of `tts training reader`; give another file"
        ) from error
    if others:
        raise ValueError(
            f"{path} was judged with other {' and '.join(others)}; run `tts training reader` again"
        )
    return rows


def on_the_same_lines(judged: Sequence[ResultRow], rows: Sequence[ResultRow]) -> list[ResultRow]:
    """The reader's rows of the lines and voices that a model was judged on."""
    wanted = {(row["kind"], row["voice"], row["id"]) for row in rows}
    return [row for row in judged if (row["kind"], row["voice"], row["id"]) in wanted]
