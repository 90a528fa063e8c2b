"""python -m benchmarks.best_of: what a choice among N candidates of a sentence gains, and costs.

Eight candidates of each sentence are heard by three judges: Whisper counts word errors, DNSMOS and
DistillMOS estimate opinions. The choices of each chooser among the first 1, 2, 4 and 8 are then
compared by the judges that did not choose. Judgements are kept in a ledger, so that a stopped run
goes on; scores of the ensemble are computed anew.
"""

from collections.abc import Iterator, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Annotated
from zlib import crc32

import typer
from tts.training.evaluation.judge import judges
from tts.training.evaluation.results import LEDGER, ResultRow, ResultStore
from tts.training.evaluation.texts import EvaluationText, read_lines
from tts.training.release.fingerprint import fingerprint

from tts.best_of.candidates import candidate_seeds
from tts.checkpoint import shipped_checkpoint
from tts.delivery import Delivery
from tts.metrics import Metrics, to_judge_audio, whisper_weights
from tts.synthesis import Synthesizer, load

HERE = Path(__file__).parent
TEXTS, RESULTS = HERE / "texts.jsonl", HERE / "results" / "best-of.json"
COUNTS = (1, 2, 4, 8)


def main(
    whisper: Annotated[Path, typer.Option(help="Folder of a faster-whisper model.")],
    voices: Annotated[str, typer.Option(help="Names, with commas between.")] = "heart,michael",
    limit: Annotated[int, typer.Option(min=1, help="Sentences of each voice.")] = 40,
    out: Annotated[Path, typer.Option(help="File of results.")] = RESULTS,
    runs: Annotated[Path, typer.Option(help="Folder of the ledger.")] = Path("runs/best-of"),
) -> None:
    """Judge the choices among 1, 2, 4 and 8 candidates of each sentence.

    Needs the extra `evaluate` and a faster-whisper model. Writes the judgements and their summary
    to --out.

    \b
    Example:
      python -m benchmarks.best_of --whisper whisper-base
    """
    synthesizer = load()
    store = ResultStore(runs / LEDGER, subject(synthesizer, whisper))
    lines = [line for voice in voices.split(",") for line in sentences(synthesizer, voice, limit)]
    list(judgements(synthesizer, lines, store, whisper))


def subject(synthesizer: Synthesizer, whisper: Path) -> ResultRow:
    """What a judgement depends on."""
    return {
        "acoustic": fingerprint(shipped_checkpoint("acoustic")),
        "vocoder": fingerprint(shipped_checkpoint("vocoder")),
        "texts": fingerprint(TEXTS),
        "whisper": fingerprint(whisper_weights(whisper)),
        "precision": synthesizer.runtime.precision,
    }


def sentences(synthesizer: Synthesizer, voice: str, limit: int) -> list[EvaluationText]:
    """So many texts of the benchmark in a fixed random order, each a single utterance."""
    found = [line for line in read_lines(TEXTS, None, [voice]) if line.kind == "sentence"]
    found.sort(key=lambda line: crc32(line.id.encode()))
    single = (
        line
        for line in found
        if len(list(synthesizer.lines(line.text, Delivery(voice=voice)))) == 1
    )
    return [line for line, _ in zip(single, range(limit), strict=False)]


def judgements(
    synthesizer: Synthesizer, lines: Sequence[EvaluationText], store: ResultStore, whisper: Path
) -> Iterator[ResultRow]:
    """What the judges say of each candidate of each sentence."""

    @cache
    def panel() -> Metrics:
        return judges(whisper, 1, mos=True)

    def judge(line: EvaluationText, seed: int) -> ResultRow:
        speech = synthesizer.speak(line.text, Delivery(voice=line.voice, seed=seed))
        heard = to_judge_audio(speech.audio, speech.sample_rate)
        return {"voice": line.voice, "id": line.id, "seed": seed, **panel().score(heard, line.text)}

    for line in lines:
        for seed in candidate_seeds(0, max(COUNTS)):
            yield store.get_or_compute(f"{line.voice}/{line.id}/{seed}", partial(judge, line, seed))


if __name__ == "__main__":
    typer.run(main)
