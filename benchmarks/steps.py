"""python benchmarks/steps.py: quality against the number of steps, of the shipped model and of its
teacher.

Both speak the same sentences with the same noise and the same vocoder. The shipped flow map is
sampled in `n` jumps; the teacher's velocity field is integrated in `n` Euler steps, so that a step
is one evaluation of each network in both. The teacher's 32 steps are midpoint steps, of two
evaluations each. The reader's recordings stand beside them. A stopped run goes on from its ledger,
and lines that `compared.json` has of the same models are not judged again.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import Annotated

import torch
import typer
from tts.training.evaluation.config import Evaluation
from tts.training.evaluation.judge import build_judge
from tts.training.evaluation.reader.command import on_the_same_lines, read_results
from tts.training.evaluation.results import LEDGER, ResultRow, ResultStore
from tts.training.evaluation.summary import READER, summarise
from tts.training.evaluation.systems import (
    MANY_STEPS,
    SpeechSystem,
    follow_velocity,
    modules,
    references,
    students,
    titled,
)
from tts.training.evaluation.texts import EvaluationText, choose, read_lines

from tts.acoustic.model import AcousticModel
from tts.files import write_json_file
from tts.runtime.torch import TorchRuntime
from tts.synthesis import Synthesizer, load
from tts.torch_checkpoint import load_checkpoint

HERE = Path(__file__).parent
RESULTS = HERE / "results" / "steps.json"
COMPARED = HERE / "results" / "compared.json"
CHECKPOINTS = HERE.parent / "checkpoints"
SAME = (
    "acoustic", "vocoder", "teacher", "texts", "whisper", "temperature", "prosody_temperature",
)  # fmt: skip


@dataclass(frozen=True)
class Trial:
    """One way to sample one model."""

    model: str
    steps: int
    system: SpeechSystem


def main(  # noqa: PLR0913 - every parameter is a flag
    teacher: Annotated[Path, typer.Option(help="Checkpoint the shipped model was taught by.")],
    whisper: Annotated[Path, typer.Option(help="Folder of a faster-whisper model.")],
    steps: Annotated[
        str, typer.Option(help="Steps of the shipped model, separated by commas.")
    ] = "1,32,4,2,8",
    euler: Annotated[str, typer.Option(help="Euler steps of the teacher.")] = "1,4,2,8",
    limit: Annotated[int, typer.Option(min=1, help="Sentences of each voice.")] = 20,
    out: Annotated[Path, typer.Option(help="File of results.")] = RESULTS,
    runs: Annotated[Path, typer.Option(help="Folder of the ledger.")] = Path("runs/steps"),
) -> None:
    """Judge the shipped model and its teacher at 1 to 32 steps.

    Needs a faster-whisper model, the teacher's checkpoint and the extra `evaluate`. Writes the
    judgements and their summary to --out.

    \b
    Example:
      python benchmarks/steps.py --teacher old.safetensors --whisper whisper-base
    """
    torch.set_num_threads(1)
    evaluation = Evaluation(
        acoustic=CHECKPOINTS / "acoustic.safetensors",
        vocoder=CHECKPOINTS / "vocoder.safetensors",
        teacher=teacher,
        whisper=whisper,
        texts=HERE / "texts.jsonl",
        reader=HERE / "results" / "reader.json",
        kinds=("sentence",),
        limit=limit,
        threads=1,
    )
    ledger = ResultStore(runs / LEDGER, evaluation.subject)
    reuse(json.loads(COMPARED.read_text(encoding="utf-8")), ledger, evaluation.subject)
    chosen = list(trials(evaluation, numbers(steps), numbers(euler)))
    write_json_file(out, measure(evaluation, chosen, ledger))


def reuse(compared: ResultRow, ledger: ResultStore, subject: ResultRow) -> None:
    """Put into the ledger what was judged before of the same models."""
    if any(compared["subject"][name] != subject[name] for name in SAME):
        return
    for row in compared["lines"]:
        ledger.get_or_compute(_name(row["system"], row["voice"], row["id"]), lambda row=row: row)


def measure(evaluation: Evaluation, chosen: Sequence[Trial], ledger: ResultStore) -> ResultRow:
    """Judgements of each sentence in each trial, and their summary."""
    found = read_lines(evaluation.texts, None, evaluation.voices)
    lines = choose(found, evaluation.kinds, evaluation.limit)
    panel = cache(partial(build_judge, evaluation, None))

    def judge(system: SpeechSystem, line: EvaluationText) -> ResultRow:
        return panel().judge(system, line)

    rows = [
        ledger.get_or_compute(
            _name(trial.system.name, line.voice, line.id), partial(judge, trial.system, line)
        )
        for trial in chosen
        for line in lines
    ]
    if evaluation.reader:
        rows += on_the_same_lines(read_results(evaluation.reader, evaluation.subject), rows)
    about = {trial.system.name: {"model": trial.model, "steps": trial.steps} for trial in chosen}
    about[READER] = {"model": READER, "steps": None}
    figures = [about[figure["system"]] | figure for figure in summarise(rows, "")]
    return {"subject": evaluation.subject, "summary": figures, "lines": rows}


def numbers(text: str) -> list[int]:
    return [int(number) for number in text.split(",")]


def trials(evaluation: Evaluation, steps: Sequence[int], euler: Sequence[int]) -> Iterator[Trial]:
    """Every model at its numbers of steps; the teacher's reference first."""
    shipped = load(evaluation.acoustic, evaluation.vocoder, runtime="torch")
    assert evaluation.teacher
    taught = load_checkpoint(evaluation.teacher, AcousticModel)
    reference, *_ = references(shipped, taught, evaluation.delivery)
    yield Trial("teacher, midpoint", MANY_STEPS, reference)
    velocity = Synthesizer(TorchRuntime(follow_velocity(taught), modules(shipped)[1]))
    for number, system in zip(steps, students(shipped, steps, evaluation.delivery), strict=True):
        yield Trial("flow map", number, system)
    for number, system in zip(euler, students(velocity, euler, evaluation.delivery), strict=True):
        name = f"teacher, {titled(number)} by Euler's method"
        yield Trial("teacher", number, replace(system, name=name))


def _name(system: str, voice: str, line: str) -> str:
    return f"{system}/{voice}/{line}"


if __name__ == "__main__":
    typer.run(main)
