"""Clients that compare a server's audio with references made without load.

Samples of `pcm`, `wav` and `flac` must agree within 1e-3; other formats must have the same length.
"""

import asyncio
import io
import json
import random
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import av
import httpx
import numpy as np

ROOT = Path(__file__).parent.parent
TEXTS = ROOT / "benchmarks" / "texts.jsonl"
VOICES = ("heart", "michael", "heart(2)+michael(1)")
FORMATS = ("pcm",) * 5 + ("wav", "flac", "mp3", "opus", "aac")
TOLERANCE, LAG = 1e-3, 0.15  # of a sample; of a length in seconds
KINDS = {"sentence": 30, "short": 6, "long": 6}


@dataclass(frozen=True)
class Case:
    """A request, and its audio without load."""

    wanted: dict[str, object]
    audio: np.ndarray
    rate: int


@dataclass
class Tally:
    """Counts of the outcomes of requests, and latencies of the complete ones."""

    counts: Counter[str] = field(default_factory=Counter)
    first: list[float] = field(default_factory=list)
    whole: list[float] = field(default_factory=list)
    seconds: float = 0.0

    def told(self) -> dict[str, object]:
        return {
            "counts": dict(self.counts),
            "spoken_seconds": round(self.seconds, 1),
            "first_byte_s": percentiles(self.first),
            "whole_s": percentiles(self.whole),
        }


def percentiles(values: list[float]) -> dict[str, float]:
    if not values:
        return {}
    points = (50, 90, 95, 99, 100)
    return {f"p{point}": round(float(np.percentile(values, point)), 3) for point in points}


@dataclass
class Listeners:
    """Clients of one server."""

    client: httpx.AsyncClient
    cases: list[Case]
    chance: random.Random
    all: Tally = field(default_factory=Tally)
    minute: Tally = field(default_factory=Tally)
    faults: list[str] = field(default_factory=list)

    async def ask(self, patience: float | None = None) -> None:
        """One client, from its request to the end of the answer, or until it disconnects."""
        case, name = self.chance.choice(self.cases), self.chance.choice(FORMATS)
        try:
            async with asyncio.timeout(patience):
                end = await self._hear(case, name)
        except TimeoutError:
            end = "left"
        except httpx.HTTPError as error:
            end = "broken"
            self.fault(f"{name}: {error!r}")
        self.count(end)

    async def _hear(self, case: Case, name: str) -> str:
        begun, first, parts = time.perf_counter(), 0.0, []
        body = {**case.wanted, "response_format": name}
        async with self.client.stream("POST", "/v1/audio/speech", json=body) as given:
            if given.status_code == 429:
                return "busy" if given.headers["retry-after"].isdecimal() else "wrong"
            if given.status_code != 200:
                self.fault(f"{name}: status {given.status_code}")
                return f"status {given.status_code}"
            async for part in given.aiter_raw():
                first = first or time.perf_counter() - begun
                parts.append(part)
        whole = time.perf_counter() - begun
        if fault := wrong(case, name, b"".join(parts)):
            self.fault(f"{name}: {fault}: {case.wanted}")
            return "wrong"
        for tally in (self.all, self.minute):
            tally.first.append(first)
            tally.whole.append(whole)
            tally.seconds += len(case.audio) / case.rate
        return "heard"

    async def crowd(self, count: int, seconds: float) -> float:
        """Answers a second, where each of so many clients asks again after each answer."""
        begun = time.perf_counter()

        async def one() -> None:
            while time.perf_counter() < begun + seconds:
                await self.ask()

        await asyncio.gather(*(one() for _ in range(count)))
        return self.all.counts["heard"] / (time.perf_counter() - begun)

    def count(self, end: str) -> None:
        for tally in (self.all, self.minute):
            tally.counts[end] += 1

    def fault(self, what: str) -> None:
        self.faults = [*self.faults, what][:50]


def wrong(case: Case, name: str, data: bytes) -> str:
    """What is wrong with an answer, or nothing."""
    try:
        heard = decoded(name, data, case.rate)
    except (av.FFmpegError, ValueError) as error:
        return repr(error)
    if name in ("pcm", "wav", "flac"):
        if len(heard) != len(case.audio):
            return f"{len(heard)} samples and not {len(case.audio)}"
        far = float(np.abs(heard - case.audio).max())
        return f"{far:.5f} away" if far > TOLERANCE else ""
    late = (len(heard) - len(case.audio)) / case.rate
    return f"{late:.3f} s longer" if abs(late) > LAG else ""


def decoded(name: str, data: bytes, rate: int) -> np.ndarray:
    """Samples from -1 to 1."""
    if name in ("pcm", "wav"):
        return np.frombuffer(data[44:] if name == "wav" else data, "<i2") / np.float32(32767)
    resampler = av.AudioResampler(format="s16", layout="mono", rate=rate)
    with av.open(io.BytesIO(data)) as container:
        frames = [part for frame in container.decode(audio=0) for part in resampler.resample(frame)]
    frames += resampler.resample(None)
    return np.concatenate([frame.to_ndarray()[0] for frame in frames]) / np.float32(32767)


def references(chance: random.Random) -> list[Case]:
    """Requests of every kind with their audio, made one after another without load."""

    sys.path.insert(0, str(ROOT))
    from tts import Delivery, load

    synthesizer = load()
    rows = [json.loads(line) for line in TEXTS.read_text(encoding="utf-8").splitlines()]
    cases = []
    for kind, count in KINDS.items():
        texts = [row["text"] for row in rows if row["kind"] == kind]
        for text in chance.sample(texts, count):
            voice, seed = chance.choice(VOICES), chance.randrange(1000)
            speech = synthesizer.speak(text, Delivery(voice=voice, seed=seed))
            wanted = {"model": "tts-1", "input": text, "voice": voice, "seed": seed}
            cases.append(Case(wanted, speech.audio.clip(-1, 1), speech.sample_rate))
    return cases
