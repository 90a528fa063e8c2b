"""python benchmarks/precision.py: quality of speech in int8 against float32.

Each sentence is spoken in float32, with the vocoder in int8, and with vocoder and decoder in int8,
by the same noise. Differences are paired, with 95 % bootstrap intervals. Results are written as
they are made, in a fixed random order of the sentences, so that a stopped run goes on, and its
results can be read early.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from itertools import product
from pathlib import Path
from typing import Annotated
from zlib import crc32

import typer
from tts.training.evaluation.bootstrap import Estimate, bootstrap_estimate
from tts.training.evaluation.judge import SAMPLE_RATE, judges
from tts.training.evaluation.results import ResultRow, ResultStore
from tts.training.evaluation.systems import SpeechSystem, students
from tts.training.evaluation.table import markdown
from tts.training.evaluation.texts import EvaluationText, choose, read_lines
from tts.training.release.fingerprint import fingerprint

from tts.audio import Audio
from tts.checkpoint import read_config, read_offered_voices, read_weights, shipped_checkpoint
from tts.delivery import Delivery
from tts.files import write_json_file
from tts.metrics import Metrics, to_judge_audio, whisper_weights
from tts.runtime.quantise import Models, read_calibrations
from tts.synthesis import Synthesizer

HERE = Path(__file__).parent
TEXTS, RESULTS = HERE / "texts.jsonl", HERE / "results" / "precision.jsonl"
SCALES = HERE.parent / "tts" / "runtime" / "scales.json"
FLOAT32 = "float32"
PRECISIONS = {FLOAT32: (), "int8 vocoder": ("vocoder",), "int8 both": ("vocoder", "acoustic")}
OPINIONS = ("distillmos", "dnsmos")
COLUMNS = "precision", "sentences", "DistillMOS", "change", "DNSMOS", "change", "WER, %", "change"


@dataclass(frozen=True)
class Judge:
    """A group of judges, whose results are rows of their own."""

    name: str
    score: Callable[[Audio, str], ResultRow]


def main(  # noqa: PLR0913 - each is a flag
    whisper: Annotated[
        Path | None,
        typer.Option(help="Folder of a faster-whisper model; without it, no word errors."),
    ] = None,
    scales: Annotated[Path, typer.Option(help="File by `tts training calibrate`.")] = SCALES,
    voices: Annotated[str, typer.Option(help="Names, with commas between.")] = "heart,michael",
    limit: Annotated[int | None, typer.Option(min=1, help="Sentences of each voice.")] = None,
    out: Annotated[Path, typer.Option(help="File of results (JSON lines).")] = RESULTS,
    table: Annotated[bool, typer.Option("--table", help="Print the results only.")] = False,
) -> None:
    """Judge speech in float32 and int8, on the benchmark's 300 sentences.

    Needs the extra `evaluate`, and a faster-whisper model for word errors. Writes each judgement to
    --out, and prints the table. The same command continues a stopped run.

    \b
    Examples:
      python benchmarks/precision.py --whisper whisper-base
      python benchmarks/precision.py --table
    """
    if table:
        typer.echo(page(list(ResultStore(out, {}).results.values())))
        return
    store = ResultStore(out, subject(scales, whisper))
    found = read_lines(TEXTS, None, voices.split(","))
    lines = sorted(choose(found, ["sentence"], limit), key=lambda line: crc32(line.id.encode()))
    rows = list(judgements(systems(scales), lines, judge_groups(whisper), store))
    write_json_file(out.with_suffix(".json"), {"heads": COLUMNS, "rows": cells(rows)})
    typer.echo(page(rows))


def subject(scales: Path, whisper: Path | None) -> ResultRow:
    """What a row depends on."""
    return {
        "acoustic": fingerprint(shipped_checkpoint("acoustic")),
        "vocoder": fingerprint(shipped_checkpoint("vocoder")),
        "texts": fingerprint(TEXTS),
        "scales": fingerprint(scales),
        **({"whisper": fingerprint(whisper_weights(whisper))} if whisper else {}),
    }


def systems(scales: Path) -> list[SpeechSystem]:
    """The shipped voices at each precision that the file has scales of."""
    acoustic, vocoder = map(shipped_checkpoint, ("acoustic", "vocoder"))
    config, vocoder_config = read_config(acoustic, "acoustic"), read_config(vocoder, "vocoder")
    weights, vocoder_weights = read_weights(acoustic, config), read_weights(vocoder, vocoder_config)
    models = Models(config, weights, vocoder_config, vocoder_weights)
    calibrations, offered = read_calibrations(scales), read_offered_voices(acoustic)
    made = []
    for name, parts in PRECISIONS.items():
        if calibrations.keys() >= set(parts):
            found = {
                key: scale for part in parts for key, scale in calibrations[part].scales.items()
            }
            synthesizer = Synthesizer(models.runtime(scales=found), offered)
            (system,) = students(synthesizer, [1], Delivery())
            made.append(replace(system, name=name))
    return made


def judge_groups(whisper: Path | None) -> list[Judge]:
    """Opinion scores, and word errors if there is a recogniser; loaded when needed."""

    @cache
    def panel() -> Metrics:
        return judges(whisper, 1, mos=True)

    opinions = Judge("opinions", lambda audio, _: dict(panel().predict_mos(audio)))
    words = Judge("words", lambda audio, text: panel().count_errors(audio, text))
    return [opinions, words] if whisper else [opinions]


def judgements(
    spoken: Sequence[SpeechSystem],
    lines: Sequence[EvaluationText],
    groups: Sequence[Judge],
    store: ResultStore,
) -> Iterator[ResultRow]:
    """A row for each judge, line and system."""

    def judge(group: Judge, line: EvaluationText, system: SpeechSystem) -> ResultRow:
        heard = to_judge_audio(system.speak(line), SAMPLE_RATE)
        about = {"system": system.name, "voice": line.voice, "id": line.id}
        return about | group.score(heard, line.text)

    for line, group, system in product(lines, groups, spoken):
        name = f"{group.name}/{system.name}/{line.voice}/{line.id}"
        yield store.get_or_compute(name, partial(judge, group, line, system))


def page(rows: Sequence[ResultRow]) -> str:
    """A table in Markdown: the figures of each precision, and their change from float32."""
    return markdown(COLUMNS, cells(rows))


def cells(rows: Sequence[ResultRow]) -> list[list[str]]:
    """The rows of the table."""
    found = []
    for name in PRECISIONS:
        judged = [paired(rows, name, measure) for measure in OPINIONS]
        judged.append(paired(rows, name, "word_errors"))
        if judged[0]:
            figures = [cell for pairs in judged for cell in _cells(pairs)]
            found.append([name, str(len(judged[0])), *figures])
    return found


def paired(
    rows: Sequence[ResultRow], system: str, measure: str
) -> list[tuple[float, float, float]]:
    """The measure of each line in float32 and in a system, and its weight."""
    found = {
        (row["system"], row["voice"], row["id"]): (row[measure], row.get("words", 1))
        for row in rows
        if measure in row
    }
    return [
        (found[FLOAT32, voice, line][0], value, weight)
        for (name, voice, line), (value, weight) in found.items()
        if name == system and (FLOAT32, voice, line) in found
    ]


def _cells(pairs: Sequence[tuple[float, float, float]]) -> tuple[str, str]:
    """A figure, and its change with an interval; word errors are a share of words, in per cent."""
    if not pairs:
        return "", ""
    before, after, weights = zip(*pairs, strict=True)
    counts = set(weights) != {1}
    scale, digits = (100, 2) if counts else (1, 3)
    changes = [new - old for new, old in zip(after, before, strict=True)]
    value, change = (bootstrap_estimate(column, weights) for column in (after, changes))
    return f"{scale * value.value:.{digits}f}", _interval(change, scale, digits)


def _interval(change: Estimate, scale: int, digits: int) -> str:
    value, low, high = (scale * part for part in (change.value, change.low, change.high))
    return f"{value:+.{digits}f} ({low:+.{digits}f} to {high:+.{digits}f})"


if __name__ == "__main__":
    typer.run(main)
