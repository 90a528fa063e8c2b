"""python -m benchmarks.durations: durations by regression and by flow maps, beside recordings.

Three models of one size (recipes `mean_durations`, `continuous_durations` and
`categorical_durations`) read held-out sentences: likelihood of the recorded durations over bins,
ranked score, and deviation ratios. A classifier of bins, which is a part of the categorical map,
and the shipped prosody map stand beside them. Then each speaks the same texts, with its durations
in place of those of the shipped voice. A stopped run goes on from its ledger.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Annotated

import torch
import typer
from tts.training.durations.build import encode_sentences, read_sentences
from tts.training.durations.evaluation import (
    DRAWS,
    PRIOR_DRAWS,
    Reading,
    Sampler,
    clip_figures,
    draw_normal,
    histogram,
    mean_of,
    residual_deviation,
    samplers,
    summarise,
)
from tts.training.durations.model import DurationModel, load_durations
from tts.training.durations.recipes import mean_durations
from tts.training.durations.speech import DurationRuntime
from tts.training.evaluation.config import Evaluation
from tts.training.evaluation.judge import build_judge
from tts.training.evaluation.results import LEDGER, ResultRow, ResultStore
from tts.training.evaluation.summary import summarise as summarise_speech
from tts.training.evaluation.systems import SpeechSystem, modules, speak_line
from tts.training.evaluation.texts import choose, read_lines
from tts.training.release.fingerprint import fingerprint

from tts.acoustic.model import AcousticModel
from tts.files import write_json_file
from tts.synthesis import Synthesizer, load
from tts.torch_checkpoint import load_checkpoint

HERE = Path(__file__).parent
RESULTS = HERE / "results" / "durations.json"
CHECKPOINTS = HERE.parent / "checkpoints"
RECIPES = {
    "mean": "mean_durations",
    "continuous": "continuous_durations",
    "categorical": "categorical_durations",
}
SHIPPED, MEAN = "shipped prosody map", "mean"


def main(  # noqa: PLR0913 - every parameter is a flag
    whisper: Annotated[Path, typer.Option(help="Folder of a faster-whisper model.")],
    features: Annotated[Path, typer.Option(help="Folder of features.")] = Path("features"),
    runs: Annotated[
        Path, typer.Option(help="Folder of the runs of the three recipes, and of the ledger.")
    ] = Path("runs"),
    train: Annotated[str, typer.Option(help="Set of the histogram of bins.")] = "heart",
    held_out: Annotated[str, typer.Option(help="Set of the sentences that are read.")] = "val",
    voice: Annotated[
        str, typer.Option(help="Voice whose sentences are read and spoken.")
    ] = "heart",
    limit: Annotated[int, typer.Option(min=1, help="Texts that are spoken.")] = 20,
    out: Annotated[Path, typer.Option(help="File of results.")] = RESULTS,
) -> None:
    """Measure durations of three models on held-out sentences, and in speech.

    Needs features, the averages of the three recipes, a faster-whisper model and the extra
    `evaluate`. Writes figures to --out.

    \b
    Example:
      python -m benchmarks.durations --whisper whisper-base
    """
    torch.set_num_threads(1)
    paths = {name: runs / recipe / "average.safetensors" for name, recipe in RECIPES.items()}
    models = {name: load_durations(path) for name, path in paths.items()}
    evaluation = Evaluation(
        acoustic=CHECKPOINTS / "acoustic.safetensors",
        vocoder=CHECKPOINTS / "vocoder.safetensors",
        whisper=whisper,
        texts=HERE / "texts.jsonl",
        voices=(voice,),
        kinds=("sentence",),
        limit=limit,
        threads=1,
    )
    subject = subject_of(evaluation, paths, features / held_out, voice)
    ledger = ResultStore(runs / "durations" / LEDGER, subject)
    acoustic = load_checkpoint(evaluation.acoustic, AcousticModel)
    drawing = samplers(models, acoustic)
    reading = read(acoustic, models[MEAN], features, (train, held_out), voice)
    read_rows = {
        name: measure(name, sampler, reading, models[MEAN], ledger)
        for name, sampler in drawing.items()
    }
    spoken = judge(evaluation, drawing, ledger)
    write_json_file(
        out,
        {
            "subject": subject,
            "training": {name: trained(path) for name, path in paths.items()},
            "bins": list(reading.bins.first),
            "draws": DRAWS,
            "prior_draws": PRIOR_DRAWS,
            "clips": len(reading.clips),
            "symbols": sum(int(row["symbols"]) for row in read_rows[MEAN]),
            "durations": {name: summarise(rows) for name, rows in read_rows.items()},
            "speech": summarise_speech(spoken, MEAN),
            "lines": spoken,
        },
    )


def subject_of(
    evaluation: Evaluation, models: Mapping[str, Path], held_out: Path, voice: str
) -> ResultRow:
    """What the figures depend on."""
    return evaluation.subject | {
        "models": {name: fingerprint(path) for name, path in models.items()},
        "held out": fingerprint(held_out / "clips.jsonl"),
        "voice": voice,
    }


def read(
    acoustic: AcousticModel,
    mean: DurationModel,
    features: Path,
    sets: tuple[str, str],
    voice: str,
) -> Reading:
    """The held-out sentences of a voice, and what all models are measured with."""
    run = mean_durations()
    known = read_sentences(acoustic, [features / sets[0]], run)
    unseen = encode_sentences(acoustic, [features / sets[1]], run)
    clips = unseen.corpus.clips[: unseen.corpus.clip_count]
    chosen = [index for index, clip in enumerate(clips) if clip.voice == voice]
    return Reading(
        clips=chosen,
        clip=unseen.clip,
        bins=run.bins,
        prior=histogram(known, run.bins),
        mean=mean_of(mean),
    )


def measure(
    name: str, sampler: Sampler, reading: Reading, mean: DurationModel, ledger: ResultStore
) -> list[ResultRow]:
    """Figures of each clip by one sampler.

    The mean has no likelihood of its own: for it alone, it has normal noise, whose deviation is
    that of the errors in all other held-out clips.
    """

    def find(index: int) -> ResultRow:
        row = clip_figures(sampler, reading, index)
        if name == MEAN:
            deviation = residual_deviation(reading, without=index)
            row["nats"] = clip_figures(partial(draw_normal, mean, deviation), reading, index)[
                "nats"
            ]
        return row

    return [
        ledger.get_or_compute(f"{name}/{index}", partial(find, index)) for index in reading.clips
    ]


def judge(
    evaluation: Evaluation, drawing: Mapping[str, Sampler], ledger: ResultStore
) -> list[ResultRow]:
    """Judgements of the texts, spoken with the durations of each sampler."""
    synthesizer = load(evaluation.acoustic, evaluation.vocoder, runtime="torch")
    lines = choose(
        read_lines(evaluation.texts, None, evaluation.voices), evaluation.kinds, evaluation.limit
    )
    panel = cache(partial(build_judge, evaluation, None))
    return [
        ledger.get_or_compute(
            f"speech/{system.name}/{line.id}", lambda s=system, one=line: panel().judge(s, one)
        )
        for line in lines
        for system in systems(synthesizer, evaluation, drawing)
    ]


def systems(
    synthesizer: Synthesizer, evaluation: Evaluation, drawing: Mapping[str, Sampler]
) -> Iterator[SpeechSystem]:
    """The shipped voice, and the same with other durations, which are drawn at temperature 1."""
    delivery = replace(evaluation.delivery, steps=1)
    yield SpeechSystem("shipped", partial(speak_line, synthesizer, delivery))
    for name, sampler in drawing.items():
        if name != SHIPPED:
            other = Synthesizer(DurationRuntime(*modules(synthesizer), sampler))
            yield SpeechSystem(name, partial(speak_line, other, delivery))


def trained(path: Path) -> ResultRow:
    """Steps and minutes of a run, from its log."""
    rows = [json.loads(line) for line in (path.parent / "log.jsonl").read_text().splitlines()]
    return {"steps": max(row["step"] for row in rows), "held_out": rows[-1]}


if __name__ == "__main__":
    typer.run(main)
