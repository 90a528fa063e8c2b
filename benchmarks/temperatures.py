"""python -m benchmarks.temperatures: quality of the shipped voices at several scales of noise.

`temperature` scales the noise of the mel map and `prosody_temperature` that of the prosody map. One
is varied while the other has its default. A stopped run goes on from its ledger.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Annotated

import typer
from tts.training.evaluation.judge import SAMPLE_RATE, judges
from tts.training.evaluation.results import LEDGER, ResultRow, ResultStore
from tts.training.evaluation.summary import summarise
from tts.training.evaluation.systems import SpeechSystem, students
from tts.training.evaluation.texts import EvaluationText, choose, read_lines

from benchmarks.best_of import TEXTS, subject
from tts.delivery import Delivery
from tts.files import write_json_file
from tts.metrics import Metrics, to_judge_audio
from tts.synthesis import Synthesizer, load

RESULTS = Path(__file__).parent / "results" / "temperatures.json"
SCALES = (0.0, 0.3, 0.6, 1.0)


def main(
    whisper: Annotated[Path, typer.Option(help="Folder of a faster-whisper model.")],
    voices: Annotated[str, typer.Option(help="Names, with commas between.")] = "heart,michael",
    limit: Annotated[int, typer.Option(min=1, help="Sentences of each voice.")] = 20,
    out: Annotated[Path, typer.Option(help="File of results.")] = RESULTS,
    runs: Annotated[Path, typer.Option(help="Folder of the ledger.")] = Path("runs/temperatures"),
) -> None:
    """Judge the shipped voices at temperatures from 0 to 1.

    Needs the extra `evaluate` and a faster-whisper model. Writes the judgements and their summary
    to --out.

    \b
    Example:
      python -m benchmarks.temperatures --whisper whisper-base
    """
    synthesizer = load()
    store = ResultStore(runs / LEDGER, subject(synthesizer, whisper))
    lines = choose(read_lines(TEXTS, None, voices.split(",")), ["sentence"], limit)
    rows = list(judgements(synthesizer, lines, store, whisper))
    about = {name(delivery): scales(delivery) for delivery in deliveries()}
    summary = [about[row["system"]] | row for row in summarise(rows, "")]
    write_json_file(out, {"subject": subject(synthesizer, whisper), "summary": summary})


def deliveries() -> list[Delivery]:
    """Each scale of either noise, the other at its default; the defaults once."""
    usual = Delivery()
    mel = [replace(usual, temperature=scale) for scale in SCALES]
    return [*mel, *(replace(usual, prosody_temperature=scale) for scale in SCALES if scale != 0.3)]


def scales(delivery: Delivery) -> dict[str, float]:
    """The scales of both noises."""
    return {
        "temperature": delivery.temperature,
        "prosody_temperature": delivery.prosody_temperature,
    }


def name(delivery: Delivery) -> str:
    return f"{delivery.temperature:g} and {delivery.prosody_temperature:g}"


def judgements(
    synthesizer: Synthesizer, lines: Sequence[EvaluationText], store: ResultStore, whisper: Path
) -> Iterator[ResultRow]:
    """What the judges say of each sentence at each scale."""

    @cache
    def panel() -> Metrics:
        return judges(whisper, 1, mos=True)

    def judge(system: SpeechSystem, line: EvaluationText) -> ResultRow:
        heard = to_judge_audio(system.speak(line), SAMPLE_RATE)
        about = {"kind": line.kind, "system": system.name, "voice": line.voice, "id": line.id}
        return about | panel().score(heard, line.text)

    for delivery in deliveries():
        (system,) = students(synthesizer, [1], delivery)
        system = replace(system, name=name(delivery))
        for line in lines:
            key = f"{system.name}/{line.voice}/{line.id}"
            yield store.get_or_compute(key, partial(judge, system, line))


if __name__ == "__main__":
    typer.run(main)
