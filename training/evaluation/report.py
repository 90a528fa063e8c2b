"""The report of an evaluation: judgements, summaries and the table."""

from collections.abc import Sequence
from dataclasses import asdict
from functools import cache, partial
from pathlib import Path

import torch
from rich.progress import track

from tts.acoustic.model import AcousticModel
from tts.files import write_json_file, write_text_file
from tts.synthesis import load
from tts.torch_checkpoint import load_checkpoint as load_checkpoint

from .config import Evaluation
from .deviation import deviation, prepare_clips
from .judge import build_judge, everyone
from .reader.command import on_the_same_lines, read_results
from .results import LEDGER, ResultRow, ResultStore
from .similarity import Similarity
from .speed import speed
from .summary import summarise
from .systems import (
    MANY_STEPS,
    SpeechSystem,
    follow_velocity,
    modules,
    references,
    students,
    titled,
)
from .table import page
from .texts import EvaluationText, choose, read_lines


def write_report(evaluation: Evaluation, out: Path) -> str:
    """Run an evaluation, and write `results.json`, `table.md` and the ledger.

    Args:
        evaluation: its options.
        out: folder to write; judgements in its ledger are not made again.

    Returns:
        The table in Markdown.

    Raises:
        FileNotFoundError: an input is missing.
        ValueError: an input is damaged, or the folder is of another evaluation.
    """
    torch.set_num_threads(evaluation.threads)
    subject, reader = evaluation.subject, evaluation.reader
    judged = read_results(reader, subject) if reader else []
    ledger = ResultStore(out / LEDGER, subject)
    synthesizer = load(evaluation.acoustic, evaluation.vocoder, runtime="torch")
    teacher = load_checkpoint(evaluation.teacher, AcousticModel) if evaluation.teacher else None
    beside = references(synthesizer, teacher, evaluation.delivery)
    systems = students(synthesizer, evaluation.steps, evaluation.delivery)
    systems += beside if evaluation.baselines else []
    rows = judgements(evaluation, systems, ledger, out)
    rows += on_the_same_lines(judged, rows)
    results = {
        "subject": subject,
        "reference": beside[0].name,
        "summary": summarise(rows, beside[0].name),
        "deviation": deviations(evaluation, modules(synthesizer)[0], teacher, ledger),
        "bounds": similarity_bounds(evaluation, ledger),
        "speed": speeds(evaluation, ledger),
        "lines": rows,
    }
    table = page(results)
    write_json_file(out / "results.json", results)
    write_text_file(out / "table.md", table)
    return table


def judgements(
    evaluation: Evaluation, systems: Sequence[SpeechSystem], ledger: ResultStore, out: Path
) -> list[ResultRow]:
    """Judge every chosen line by every system that can speak it; judges are loaded when needed."""
    found = read_lines(evaluation.texts, evaluation.corpus, evaluation.voices)
    lines = choose(found, evaluation.kinds, evaluation.limit)
    panel = cache(
        partial(build_judge, evaluation, out / "audio" if evaluation.keep_audio else None)
    )

    def judge(system: SpeechSystem, line: EvaluationText) -> ResultRow:
        return panel().judge(system, line)

    tasks = [
        (f"{system.name}/{line.voice}/{line.id}", partial(judge, system, line))
        for system in systems
        for line in lines
        if line.recording or not system.needs_recording
    ]
    return [ledger.get_or_compute(name, find) for name, find in track(tasks, "judging")]


def deviations(
    evaluation: Evaluation,
    student: AcousticModel,
    teacher: AcousticModel | None,
    ledger: ResultStore,
) -> list[ResultRow]:
    """Deviation ratios at each number of steps, and of the teacher's velocity as bounds.

    The velocity's ratio is near 0 in one step, which gives the mean, and near 1 in many.
    """
    features = evaluation.features
    if features is None:
        return []
    guide = teacher or student
    maps = [(titled(number), student, number) for number in evaluation.steps]
    if evaluation.baselines:
        maps += [
            ("velocity, 1 step", follow_velocity(guide), 1),
            (
                f"velocity, {MANY_STEPS} midpoint steps",
                follow_velocity(guide, midpoint=True),
                MANY_STEPS,
            ),
        ]

    def find(name: str, model: AcousticModel, steps: int) -> ResultRow:
        clips = prepare_clips(model, guide, features, evaluation.limit)
        return {"system": name, "clips": len(clips), **asdict(deviation(clips, steps))}

    return [
        ledger.get_or_compute(
            f"deviation/{name}/{evaluation.limit}", partial(find, name, model, steps)
        )
        for name, model, steps in track(maps, "deviation")
    ]


def similarity_bounds(evaluation: Evaluation, ledger: ResultStore) -> list[ResultRow]:
    """For each voice, the similarities of its recordings to themselves and to the nearest voice."""
    corpus = evaluation.corpus
    if corpus is None or not evaluation.baselines:
        return []

    def find() -> ResultRow:
        similarity = Similarity(everyone(corpus, evaluation.voices))
        rows = [{"of": v, **asdict(similarity.bounds(v))} for v in evaluation.voices]
        return {"rows": rows}

    return list(ledger.get_or_compute(f"bounds/{','.join(evaluation.voices)}", find)["rows"])


def speeds(evaluation: Evaluation, ledger: ResultStore) -> list[ResultRow]:
    """The speed of the first voice at the smallest number of steps."""
    if not evaluation.baselines:
        return []
    steps, voice = min(evaluation.steps), evaluation.voices[0]

    def find() -> ResultRow:
        return {
            "steps": steps,
            **asdict(speed(evaluation.acoustic, evaluation.vocoder, voice, steps)),
        }

    return [ledger.get_or_compute(f"speed/{voice}/{steps}", find)]
