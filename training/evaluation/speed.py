"""Speed of a voice on one thread: real-time factor, latency, memory and import time.

Measured in a separate process, after warm-up, on a sentence of twenty words.
"""

import multiprocessing
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from tts.delivery import Delivery
    from tts.synthesis import Synthesizer

SENTENCE = (
    "When the evening train came in, she was already standing on the platform "
    "with a small blue suitcase in hand."
)
WARMING, ROUNDS = 3, 20  # rounds that do not count, and that do
AUDIBLE = 0.01  # of the loudest sample, -40 dB
IMPORT = """
import time
start = time.perf_counter()
from tts import load
print(time.perf_counter() - start)
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Round:
    """One sentence streamed.

    Args:
        arrivals: seconds from the call to each chunk.
        seconds: duration of each chunk.
        lead: seconds of audio before the first audible sample.
    """

    arrivals: tuple[float, ...]
    seconds: tuple[float, ...]
    lead: float

    @property
    def real_time_factor(self) -> float:
        return self.arrivals[-1] / sum(self.seconds)

    @property
    def slack(self) -> float:
        """Least seconds by which a chunk is early if playback starts at once; below 0 is a gap."""
        due = (self.arrivals[0] + played for played in accumulate(self.seconds))
        pairs = zip(due, self.arrivals[1:], strict=False)
        return min((end - arrival for end, arrival in pairs), default=float("inf"))


@dataclass(frozen=True, kw_only=True, slots=True)
class SpeedFigures:
    """Figures over all rounds: medians, but the least slack.

    Args:
        real_time_factor: processing time over audio time.
        first_sound_ms: time to the first chunk.
        first_chunk_ms: duration of the first chunk.
        lead_ms: audio before the first sample within 40 dB of the loudest.
        slack_ms: least time by which a chunk is early.
        import_seconds: time of `from tts import load`.
        memory_mib: peak memory of the process; None where unknown.
    """

    real_time_factor: float
    first_sound_ms: float
    first_chunk_ms: float
    lead_ms: float
    slack_ms: float
    import_seconds: float
    memory_mib: float | None


def speed(acoustic: Path, vocoder: Path, voice: str, steps: int = 1) -> SpeedFigures:
    """Measure in a new process, so that nothing loaded in this one counts."""
    run = subprocess.run([sys.executable, "-c", IMPORT], capture_output=True, text=True, check=True)
    spawned = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawned) as process:
        rounds, memory = process.submit(measure, acoustic, vocoder, voice, steps).result()
    return SpeedFigures(
        real_time_factor=median(one.real_time_factor for one in rounds),
        first_sound_ms=1000 * median(one.arrivals[0] for one in rounds),
        first_chunk_ms=1000 * median(one.seconds[0] for one in rounds),
        lead_ms=1000 * median(one.lead for one in rounds),
        slack_ms=1000 * min(one.slack for one in rounds),
        import_seconds=float(run.stdout),
        memory_mib=memory,
    )


def measure(
    acoustic: Path, vocoder: Path, voice: str, steps: int
) -> tuple[Sequence[Round], float | None]:
    """The rounds after warm-up, and the peak memory in MiB."""
    import torch

    from tts.delivery import Delivery
    from tts.synthesis import load

    torch.set_num_threads(1)
    synthesizer, delivery = load(acoustic, vocoder), Delivery(voice=voice, steps=steps)
    rounds = [stream(synthesizer, delivery) for _ in range(WARMING + ROUNDS)]
    return rounds[WARMING:], peak_memory()


def stream(synthesizer: "Synthesizer", delivery: "Delivery") -> Round:
    """Stream the sentence once and time it."""
    start = time.perf_counter()
    arrivals, pieces = [], []
    for piece in synthesizer.stream(SENTENCE, delivery):
        arrivals.append(time.perf_counter() - start)
        pieces.append(piece)
    loudness = np.abs(np.concatenate([piece.audio for piece in pieces]))
    sounding = int(np.argmax(loudness > AUDIBLE * loudness.max()))
    return Round(
        arrivals=tuple(arrivals),
        seconds=tuple(piece.seconds for piece in pieces),
        lead=sounding / synthesizer.sample_rate,
    )


def peak_memory() -> float | None:
    """Peak memory of this process in MiB, from /proc; None where there is none.

    `getrusage` would start from the size of the parent process.
    """
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.is_file() else []
    found = [int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")]
    return found[0] if found else None
