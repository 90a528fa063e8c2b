"""How fast a voice is on one thread: real-time factor, first sound, memory, import.

Measured in a process of its own, warm, on a sentence of twenty words.
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
WARMING, ROUNDS = 3, 20
AUDIBLE = 0.01
IMPORT = """
import time
start = time.perf_counter()
from tts import load
print(time.perf_counter() - start)
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Round:
    """One sentence streamed: when each chunk came, how long it plays, when it begins to sound."""

    arrivals: tuple[float, ...]
    seconds: tuple[float, ...]
    lead: float

    @property
    def real_time_factor(self) -> float:
        return self.arrivals[-1] / sum(self.seconds)

    @property
    def slack(self) -> float:
        """How early the tightest chunk comes, if playback starts with the first; below 0, a gap."""
        due = (self.arrivals[0] + played for played in accumulate(self.seconds))
        pairs = zip(due, self.arrivals[1:], strict=False)
        return min((end - arrival for end, arrival in pairs), default=float("inf"))


@dataclass(frozen=True, kw_only=True, slots=True)
class SpeedFigures:
    """Medians over the rounds, the least slack among them, and what the process took.

    `lead_ms` is how far into the first chunk the first sample within 40 dB of the loudest lies.
    """

    real_time_factor: float
    first_sound_ms: float
    first_chunk_ms: float
    lead_ms: float
    slack_ms: float
    import_seconds: float
    memory_mib: float | None


def speed(acoustic: Path, vocoder: Path, voice: str, steps: int = 1) -> SpeedFigures:
    """Figures of a fresh process, so that nothing loaded here counts."""
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
    """The rounds that count, after a few that do not, and the most memory ever held."""
    import torch

    from tts.delivery import Delivery
    from tts.synthesis import load

    torch.set_num_threads(1)
    synthesizer, delivery = load(acoustic, vocoder), Delivery(voice=voice, steps=steps)
    rounds = [stream(synthesizer, delivery) for _ in range(WARMING + ROUNDS)]
    return rounds[WARMING:], peak_memory()


def stream(synthesizer: "Synthesizer", delivery: "Delivery") -> Round:
    """Speak the sentence once, watching the clock."""
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
    """The most this process has held, in MiB, where the system tells.

    Not `getrusage`: what it gives begins at the size of the process that started this one.
    """
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.is_file() else []
    found = [int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")]
    return found[0] if found else None
