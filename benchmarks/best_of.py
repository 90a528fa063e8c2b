"""python -m benchmarks.best_of: what a choice among N candidates of a sentence gains, and costs.

DistillMOS hears eight candidates of each sentence. The ensemble and DistillMOS then choose among
the first 1, 2, 4 and 8, and Whisper and DNSMOS, which choose nothing, hear what was chosen. Each
part of the ensemble also chooses alone, and all of them hear takes with planted faults. Judgements
are kept in a ledger, so that a stopped run goes on; what the ensemble finds is computed anew.
"""

from functools import cache
from pathlib import Path
from typing import Annotated
from zlib import crc32

import typer
from tts.training.evaluation.results import LEDGER, ResultRow, ResultStore
from tts.training.evaluation.texts import EvaluationText, read_lines
from tts.training.release.fingerprint import fingerprint

from benchmarks.best_of_cost import measure_costs
from benchmarks.best_of_faults import faulty_scores
from benchmarks.best_of_summary import CHOOSERS, choose, summarise
from tts.audio import Audio
from tts.best_of.candidates import candidate_seeds
from tts.best_of.ensemble import judge_by_ensemble
from tts.checkpoint import shipped_checkpoint
from tts.delivery import Delivery
from tts.files import write_json_file
from tts.metrics import OPINIONS, Metrics, to_judge_audio, whisper_transcriber, whisper_weights
from tts.synthesis import Synthesizer, load

HERE = Path(__file__).parent
TEXTS, RESULTS = HERE / "texts.jsonl", HERE / "results" / "best-of.json"
COUNTS = 1, 2, 4, 8


def main(  # noqa: PLR0913 - each is a flag
    whisper: Annotated[Path, typer.Option(help="Folder of a faster-whisper model.")],
    voices: Annotated[str, typer.Option(help="Names, with commas between.")] = "heart,michael",
    limit: Annotated[int, typer.Option(min=1, help="Sentences of each voice.")] = 40,
    heard: Annotated[
        str,
        typer.Option(help="Numbers of candidates whose choices Whisper and DNSMOS hear, or none."),
    ] = "1,8,2,4",
    out: Annotated[Path, typer.Option(help="File of results.")] = RESULTS,
    runs: Annotated[Path, typer.Option(help="Folder of the ledger.")] = Path("runs/best-of"),
) -> None:
    """Judge the choices among 1, 2, 4 and 8 candidates of each sentence.

    Needs the extra `evaluate` and a faster-whisper model. Writes judgements, their summary and the
    cost to --out.

    \b
    Example:
      python -m benchmarks.best_of --whisper whisper-base
    """
    synthesizer = load()
    panel = Panel(synthesizer, runs, whisper)
    names = voices.split(",")
    lines = [line for voice in names for line in sentences(synthesizer, voice, limit)]
    rows = [panel.candidates(line) for line in lines]
    for count in map(int, filter(None, heard.split(","))):
        for row, line in zip(rows, lines, strict=True):
            for chooser in CHOOSERS:
                index = choose(row, chooser, count)
                row["heard"][str(index)] = panel.hear(line, row["seeds"][index])
    about = {"subject": panel.subject, "sentences": limit, "voices": names}
    costs = measure_costs(COUNTS)
    write_json_file(out, {**about, **summarise(rows, COUNTS), "costs": costs, "lines": rows})


class Panel:
    """What the judges say, each kept in a ledger.

    Args:
        synthesizer: speaks.
        runs: folder of the ledger.
        whisper: folder of a faster-whisper model.
    """

    def __init__(self, synthesizer: Synthesizer, runs: Path, whisper: Path) -> None:
        self.synthesizer = synthesizer
        self.subject = subject(synthesizer, whisper)
        self._store = ResultStore(runs / LEDGER, self.subject)
        self._opinion = cache(lambda name: OPINIONS[name]())
        self._listener = cache(
            lambda: Metrics(transcribe=whisper_transcriber(whisper, 1), mos_predictors={})
        )

    def candidates(self, line: EvaluationText) -> ResultRow:
        """The candidates of a sentence: their seeds, what choosers say, and planted faults."""
        seeds = candidate_seeds(0, max(COUNTS))
        delivery = Delivery(voice=line.voice)
        (spoken,) = self.synthesizer.lines(line.text, delivery)
        draw = self.synthesizer.plans(spoken, delivery, 0)
        plans = [draw(seed) for seed in seeds]
        takes = [self._audio(line, seed) for seed in seeds]
        pairs = zip(takes, plans, strict=True)
        return {
            "voice": line.voice,
            "id": line.id,
            "seeds": list(seeds),
            "parts": [dict(judge_by_ensemble(audio, plan)) for audio, plan in pairs],
            "distillmos": [self._judge("distillmos", line, seed)["distillmos"] for seed in seeds],
            "faults": faulty_scores(self.synthesizer, spoken, takes[0], plans[0]),
            "heard": {},
        }

    def hear(self, line: EvaluationText, seed: int) -> ResultRow:
        """Word errors and DNSMOS of a candidate, by judges that choose nothing."""
        return self._judge("words", line, seed) | self._judge("dnsmos", line, seed)

    def _judge(self, judge: str, line: EvaluationText, seed: int) -> ResultRow:
        def score() -> ResultRow:
            heard = to_judge_audio(self._audio(line, seed), self.synthesizer.sample_rate)
            if judge == "words":
                return self._listener().count_errors(heard, line.text)
            return {judge: self._opinion(judge)(heard)}

        return self._store.get_or_compute(f"{judge}/{line.voice}/{line.id}/{seed}", score)

    def _audio(self, line: EvaluationText, seed: int) -> Audio:
        return self.synthesizer.speak(line.text, Delivery(voice=line.voice, seed=seed)).audio


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


if __name__ == "__main__":
    typer.run(main)
