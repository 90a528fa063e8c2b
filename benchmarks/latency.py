"""python benchmarks/latency.py: when each piece of a stream is ready, and when it is needed.

One thread, warm. Time is processor time, so that other work on the machine does not count: on a
free core it is the time that a listener waits.
"""

import json
import time
from itertools import accumulate
from pathlib import Path
from statistics import median
from typing import Annotated, Any

import typer

from tts import Delivery, Synthesizer, load
from tts.files import write_json_file

HERE = Path(__file__).parent
RESULTS = HERE / "results" / "latency.json"
TEXT = "l0000"  # a text of texts.jsonl
WARMING = 3  # rounds that do not count


def main(
    voice: Annotated[str, typer.Option(help="Name of the voice.")] = "heart",
    text: Annotated[str, typer.Option(help="Id of a text of `texts.jsonl`.")] = TEXT,
    rounds: Annotated[int, typer.Option(min=1, help="Streams; their median is reported.")] = 20,
    out: Annotated[Path, typer.Option(help="File of results.")] = RESULTS,
) -> None:
    """Measure when each piece of a stream is ready.

    Needs nothing but the shipped voices. Writes the times to --out.

    \b
    Example:
      python benchmarks/latency.py --rounds 20
    """
    rows = map(json.loads, (HERE / "texts.jsonl").read_text(encoding="utf-8").splitlines())
    (said,) = (row["text"] for row in rows if row["id"] == text)
    synthesizer, delivery = load(), Delivery(voice=voice)
    streams = [stream(synthesizer, said, delivery) for _ in range(WARMING + rounds)][WARMING:]
    about = {"text": text, "voice": voice, "rounds": rounds, "clock": "processor time, one thread"}
    write_json_file(out, about | {"unit": "s", "pieces": pieces(streams)})


def stream(synthesizer: Synthesizer, text: str, delivery: Delivery) -> list[tuple[float, float]]:
    """For each piece, seconds from the call until it was ready, and seconds that it plays."""
    begun, found = time.process_time(), []
    for piece in synthesizer.stream(text, delivery):
        found.append((time.process_time() - begun, piece.seconds))
    return found


def pieces(streams: list[list[tuple[float, float]]]) -> list[dict[str, Any]]:
    """Medians over the streams. A piece is needed when all before it have played, and playing
    begins with the first.
    """
    ready = [[at for at, _ in piece] for piece in zip(*streams, strict=True)]
    seconds = [length for _, length in streams[0]]
    first = median(ready[0])
    needed = [first + played for played in (0.0, *accumulate(seconds[:-1]))]
    return [
        {
            "ready": round(median(at), 5),
            "latest": round(max(at), 5),
            "needed": round(due, 5),
            "seconds": round(length, 5),
        }
        for at, due, length in zip(ready, needed, seconds, strict=True)
    ]


if __name__ == "__main__":
    typer.run(main)
