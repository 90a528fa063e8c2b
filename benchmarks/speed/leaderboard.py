"""python -m benchmarks.speed.leaderboard: this project in the terms of the Open TTS Leaderboard.

Its rules for time to first audio (TTFA), from the README of github.com/huggingface/
open-tts-leaderboard: one text at a time, without voice cloning; the time from the request to the
first piece, or to the end for a system that does not stream; the first three texts are dropped;
p50, p90 and p95 over the others. RTFx is the duration of all sound over the time of all texts. It
reads the 500 English texts of CV3-Eval, on 8 virtual cores for the figures of a CPU. That data set
may not be passed on, so the texts here are ours unless --texts names a file of others.
"""

import json
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.speed.process import Worker
from benchmarks.speed.rows import Row
from benchmarks.speed.summary import counted, percentiles
from benchmarks.speed.systems import ours
from benchmarks.speed.texts import TEXTS


def main(
    texts: Annotated[Path | None, typer.Option(help="Texts, one a line.")] = None,
    runtime: Annotated[str, typer.Option(help="onnx or torch.")] = "onnx",
    precision: Annotated[str, typer.Option(help="float32 or int8.")] = "float32",
    threads: Annotated[int, typer.Option(min=1, help="CPU threads.")] = os.cpu_count() or 1,
    peers: Annotated[Path, typer.Option(help="Folder of `benchmarks.speed.install`.")] = Path(),
) -> None:
    """Print a row for the leaderboard, as JSON.

    \b
    Example:
      python -m benchmarks.speed.leaderboard --threads 8
    """
    worker = Worker(ours(runtime, precision, 1), threads, peers.resolve())
    lines = sentences() if texts is None else texts.read_text(encoding="utf-8").splitlines()
    rows = [worker.ask({"text": line, "way": "stream"}) for line in lines]
    worker.end()
    about = {"model": worker.system.name, "device": "cpu", "threads": threads}
    about["dataset"] = "300 sentences of benchmarks/texts.jsonl" if texts is None else texts.name
    sys.stdout.write(json.dumps(about | row(rows)) + "\n")


def sentences() -> list[str]:
    """The sentences of `texts.jsonl`."""
    rows = map(json.loads, TEXTS.read_text(encoding="utf-8").splitlines())
    return [row["text"] for row in rows if row["kind"] == "sentence"]


def row(rows: Iterable[Row]) -> Row:
    """TTFA in milliseconds and RTFx at batch size 1, without the first three runs."""
    kept: Sequence[Row] = counted(rows)
    first = percentiles([one["first_wall"] for one in kept])
    spoken, taken = (sum(one[name] for one in kept) for name in ("seconds", "wall"))
    return {
        "samples": len(kept),
        **{f"ttfa_p{share}_ms": round(value, 1) for share, value in first.items()},
        "rtfx_batch_1": round(spoken / taken, 1),
    }


if __name__ == "__main__":
    typer.run(main)
