"""python -m benchmarks.steering: what steering changes in speech, by judges that did not steer.

Each sentence is spoken plainly and with each steering, with the same durations and from the same
noise. Brightness is that of the mel of the finished sound, F0 is pyworld's, and similarity is that
of a speaker encoder; the steering reads the mel before the vocoder. Changes are paired, with 95 %
bootstrap intervals over sentences. A stopped run goes on from its ledger.
"""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated
from zlib import crc32

import numpy as np
import torch
import typer
from tts.training.data.prepare import log_pitch
from tts.training.evaluation.bootstrap import bootstrap_estimate
from tts.training.evaluation.judge import judges
from tts.training.evaluation.results import LEDGER, ResultRow, ResultStore
from tts.training.evaluation.speaker_encoder import (
    Embedding,
    SpeakerEncoder,
    load_speaker_encoder,
    mean_direction,
)
from tts.training.evaluation.table import markdown
from tts.training.evaluation.texts import EvaluationText, choose, read_lines
from tts.training.release.fingerprint import fingerprint

from tts.audio import Audio
from tts.checkpoint import shipped_checkpoint
from tts.delivery import Delivery
from tts.files import write_json_file
from tts.metrics import Metrics, to_judge_audio, whisper_weights
from tts.runtime.torch import TorchRuntime
from tts.steering import (
    LineMap,
    LogMel,
    MeanPitch,
    NoiseAscent,
    SpectrumNearness,
    Tilting,
    average_spectrum,
    brightness,
    steer,
)
from tts.steering.rewards import SEMITONES_AN_OCTAVE
from tts.synthesis import Synthesizer, load
from tts.vocoder.mel import log_mel

HERE = Path(__file__).parent
TEXTS, RESULTS = HERE / "texts.jsonl", HERE / "results" / "steering.json"
VOICE, TARGET = "heart", "michael"
TARGET_LINES = 10  # of the target's speech, at the end of the file
PLAIN, REACH = "plain", 0.3  # twice the default
TILT = 500.0  # nats a dB of brightness; chosen by hand, for a change as large as that of ascent
MEASURES = {  # heading, factor, digits
    "brightness": ("brightness, dB", 1, 2),
    "semitones": ("F0, semitones", 1, 2),
    "nearness": (f"spectrum of {TARGET}, dB", 1, 2),
    "similarity": (f"similarity to {TARGET}", 1, 3),
    "word_errors": ("WER, points", 100, 1),
    "dnsmos": ("DNSMOS", 1, 2),
    "distillmos": ("DistillMOS", 1, 2),
}


@dataclass(frozen=True)
class Panel:
    """The judges, and the speaker that speech is to be near to.

    Args:
        metrics: recogniser and estimators of opinion scores.
        encoder: speaker encoder.
        target: the speaker's embedding by it.
        nearness: to the speaker's mean spectrum.
    """

    metrics: Metrics
    encoder: SpeakerEncoder
    target: Embedding
    nearness: SpectrumNearness


def main(
    whisper: Annotated[Path, typer.Option(help="Folder of a faster-whisper model.")],
    limit: Annotated[int, typer.Option(min=1, help="Number of sentences.")] = 20,
    out: Annotated[Path, typer.Option(help="File of results.")] = RESULTS,
    runs: Annotated[Path, typer.Option(help="Folder of the ledger.")] = Path("runs/steering"),
) -> None:
    """Judge steered speech beside plain speech of the same noise.

    Needs the extra `evaluate`, resemblyzer and a faster-whisper model. Writes the judgements and
    their table to --out, and prints the table.

    \b
    Example:
      python -m benchmarks.steering --whisper whisper-base
    """
    torch.set_num_threads(1)
    subject = {
        "acoustic": fingerprint(shipped_checkpoint("acoustic")),
        "vocoder": fingerprint(shipped_checkpoint("vocoder")),
        "texts": fingerprint(TEXTS),
        "whisper": fingerprint(whisper_weights(whisper)),
    }
    lines = choose(read_lines(TEXTS, None, (VOICE,)), ["sentence"], None)
    judged, others = lines[:limit], lines[-TARGET_LINES:]
    plain = load(runtime="torch")
    heard = [speak(plain, line, TARGET) for line in others]
    nearness = SpectrumNearness(average_spectrum(mel_of(plain, np.concatenate(heard)))[0])
    spoken = {name: steer(plain, steering) for name, steering in ways(plain, nearness).items()}
    store = ResultStore(runs / LEDGER, subject)

    @cache
    def panel() -> Panel:
        encoder, rate = load_speaker_encoder(), plain.sample_rate
        target = mean_direction([encoder.embed(to_judge_audio(audio, rate)) for audio in heard])
        return Panel(judges(whisper, 1, mos=True), encoder, target, nearness)

    rows = [
        store.get_or_compute(
            f"{name}/{line.id}", lambda line=line, name=name: judge(panel(), spoken, name, line)
        )
        for line in judged
        for name in spoken
    ]
    found = {"heads": heads(len(judged)), "rows": cells(rows, list(spoken))}
    write_json_file(out, {"subject": subject, **found, "lines": rows})
    typer.echo(markdown(found["heads"], found["rows"]))


def ways(
    synthesizer: Synthesizer, nearness: SpectrumNearness
) -> Mapping[str, Callable[[LineMap], LogMel]]:
    """The steerings by name; the first one steers nothing."""
    runtime = synthesizer.runtime
    assert isinstance(runtime, TorchRuntime), "loaded so"
    source = runtime.vocoder.source
    assert source is not None, "the shipped vocoder has one"
    return {
        PLAIN: lambda line: line.mel(line.noise()),
        "brighter": NoiseAscent(brightness, reach=REACH),
        "brighter, half the reach": NoiseAscent(brightness, reach=REACH / 2),
        "brighter, by tilting": Tilting(brightness, strength=TILT),
        "higher": NoiseAscent(MeanPitch(source.pitch), reach=REACH),
        f"nearer to {TARGET}": NoiseAscent(nearness, reach=REACH),
    }


def speak(synthesizer: Synthesizer, line: EvaluationText, voice: str = VOICE) -> Audio:
    """A sentence; its noise is the same in every system."""
    return synthesizer.speak(line.text, Delivery(voice=voice, seed=crc32(line.id.encode()))).audio


def mel_of(synthesizer: Synthesizer, audio: Audio) -> LogMel:
    """The log-mel of sound, as a batch of one."""
    return log_mel(torch.from_numpy(audio)[None], synthesizer.runtime.config.mel)


def judge(
    panel: Panel, spoken: Mapping[str, Synthesizer], name: str, line: EvaluationText
) -> ResultRow:
    """All measures of a sentence as one system speaks it, and its processor time."""
    begun = time.process_time()
    audio = speak(spoken[name], line)
    spent, rate = time.process_time() - begun, spoken[name].sample_rate
    config = spoken[name].runtime.config.mel
    f0 = log_pitch(audio, len(audio) // config.hop, config)
    mel = mel_of(spoken[name], audio)
    heard = to_judge_audio(audio, rate)
    return {
        "system": name,
        "id": line.id,
        "brightness": brightness(mel).item(),
        "semitones": float(np.nanmean(f0) / math.log(2) * SEMITONES_AN_OCTAVE),
        "nearness": panel.nearness(mel).item(),
        "similarity": float(panel.encoder.embed(heard) @ panel.target),
        "real_time_factor": spent * rate / len(audio),
        **panel.metrics.score(heard, line.text),
    }


def heads(sentences: int) -> list[str]:
    return [
        f"{sentences} sentences",
        *(heading for heading, _, _ in MEASURES.values()),
        "processor s/s",
    ]


def cells(rows: Sequence[ResultRow], names: Sequence[str]) -> list[list[str]]:
    """The figures of plain speech, and the changes of each other one."""
    found = []
    for name in names:
        figures = [_cell(rows, name, measure) for measure in MEASURES]
        times = [row["real_time_factor"] for row in rows if row["system"] == name]
        found.append([name, *figures, f"{np.mean(times):.2f}"])
    return found


def _cell(rows: Sequence[ResultRow], name: str, measure: str) -> str:
    _, scale, digits = MEASURES[measure]
    plain = {row["id"]: row[measure] for row in rows if row["system"] == PLAIN}
    own = [row for row in rows if row["system"] == name]
    weights = [row["words"] if measure == "word_errors" else 1 for row in own]
    values = [scale * row[measure] for row in own]
    if name == PLAIN:
        return f"{bootstrap_estimate(values, weights).value:.{digits}f}"
    changes = [value - scale * plain[row["id"]] for value, row in zip(values, own, strict=True)]
    change = bootstrap_estimate(changes, weights)
    value, low, high = (f"{part:+.{digits}f}" for part in (change.value, change.low, change.high))
    return f"{value} ({low} to {high})"


if __name__ == "__main__":
    typer.run(main)
