"""python benchmarks/serve.py: latency and throughput of a server, by number of clients."""

import asyncio
import json
import random
import statistics
import sys
import time
from pathlib import Path
from typing import Annotated

import httpx
import typer
from listeners import Listeners, references
from served import free_port, serving

RESULTS = Path(__file__).parent / "results" / "serve.json"
TEXT = "Flow maps speak in a single step. The others follow after a little while."
CLIENTS = (1, 4, 8, 16)
TAKES = 10


def main(
    workers: Annotated[int, typer.Option(help="Workers of the server, at least 1.")] = 2,
    seconds: Annotated[
        float, typer.Option(help="Seconds of measurement for each number of clients.")
    ] = 20,
    out: Annotated[
        Path, typer.Option(help="File of results (JSON); the server's log lies beside it.")
    ] = RESULTS,
) -> None:
    """Measure latency and throughput of a server that it starts.

    Needs the serve extra. Prints a table for 1, 4, 8 and 16 clients, and
    writes the results.

    \b
    Examples:
      python benchmarks/serve.py
      python benchmarks/serve.py --workers 1 --seconds 5 --out serve.json
    """
    chance, port = random.Random(0), free_port()
    cases = references(chance)
    with serving(port, workers, out.with_suffix(".log")):
        told = asyncio.run(run(f"http://127.0.0.1:{port}", cases, seconds, chance))
    out.write_text(json.dumps({"workers": workers, **told}, indent=1) + "\n", encoding="utf-8")
    sys.stdout.write(table(told))


async def run(address: str, cases, seconds: float, chance: random.Random) -> dict[str, dict]:
    async with httpx.AsyncClient(base_url=address, timeout=150) as client:
        first = {name: await first_byte(client, name) for name in ("pcm", "mp3", "opus", "wav")}
        crowds = {}
        for count in CLIENTS:
            listeners = Listeners(client, cases, chance)
            begun = time.perf_counter()
            heard = await listeners.crowd(count, seconds)
            passed = time.perf_counter() - begun
            crowds[count] = {
                "per_s": round(heard, 2),
                "times_real_time": round(listeners.all.seconds / passed, 1),
                **listeners.all.told(),
            }
    return {"first_byte_s": first, "clients": crowds}


async def first_byte(client: httpx.AsyncClient, name: str) -> float:
    """The median time to the first byte, over `TAKES` requests after one for warm-up."""
    takes = []
    for _ in range(TAKES + 1):
        begun = time.perf_counter()
        wanted = {"model": "tts-1", "input": TEXT, "voice": "heart", "response_format": name}
        async with client.stream("POST", "/v1/audio/speech", json=wanted) as given:
            parts = given.aiter_raw()
            await anext(parts)
            takes.append(time.perf_counter() - begun)
            async for _ in parts:
                pass
    return round(statistics.median(takes[1:]), 4)


def table(told: dict[str, dict]) -> str:
    rows = [
        f"| first byte of {name} | {1000 * s:.0f} ms |" for name, s in told["first_byte_s"].items()
    ]
    rows += [
        f"| {count} clients | {row['times_real_time']} x real time, {row['per_s']} a second, "
        f"first byte {row['first_byte_s']['p50']} s, {row['first_byte_s']['p95']} s (95 %) |"
        for count, row in told["clients"].items()
    ]
    return "\n".join(["| | |", "|---|---|", *rows]) + "\n"


if __name__ == "__main__":
    typer.run(main)
