"""python benchmarks/soak.py: a server under more load than it can serve, for an hour.

Clients arrive at random times, request speech in every format, and some disconnect midway. Their
audio is compared with references that were made before, without load.
"""

import asyncio
import json
import os
import random
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import httpx
import typer
from listeners import Case, Listeners, Tally, references
from served import Watch, free_port, serving

RESULTS = Path(__file__).parent / "results" / "soak.json"
TOGETHER = 16  # clients while capacity is measured, enough to keep the server busy
LEAVE, PATIENCE = 0.1, 10.0  # share of clients that disconnect, within so many seconds
NICE = 5  # lower priority of the clients than of the server


@dataclass(frozen=True)
class Plan:
    """The options of a soak test, its references and its source of randomness."""

    minutes: float
    times: float
    calibrate: float
    address: str
    out: Path
    cases: list[Case]
    chance: random.Random


def main(  # noqa: PLR0913 - a flag of a command is a parameter
    minutes: Annotated[float, typer.Option(help="Duration of the overload, in minutes.")] = 60,
    times: Annotated[
        float,
        typer.Option(help="Load as a multiple of the measured capacity; above 1 is overload."),
    ] = 2,
    workers: Annotated[int, typer.Option(help="Workers of the server, at least 1.")] = 2,
    calibrate: Annotated[
        float, typer.Option(help="Seconds for which the capacity is measured.")
    ] = 60,
    port: Annotated[int, typer.Option(help="Port of the server; 0 takes a free one.")] = 0,
    out: Annotated[
        Path, typer.Option(help="File of results (JSON); the server's log lies beside it.")
    ] = RESULTS,
) -> None:
    """Overload a server that it starts, and check that it stays correct.

    Needs the serve extra, and over an hour by default. Writes results each
    minute, and prints a table: answers, refusals, wrong samples, latency
    and memory.

    \b
    Examples:
      python benchmarks/soak.py
      python benchmarks/soak.py --minutes 2 --calibrate 10 --out soak.json
    """
    chance = random.Random(0)
    say("references ...")
    cases = references(chance)
    port, log = port or free_port(), out.with_suffix(".log")
    told = {"minutes": minutes, "times": times, "workers": workers, "cores": os.cpu_count()}
    plan = Plan(minutes, times, calibrate, f"http://127.0.0.1:{port}", out, cases, chance)
    os.nice(NICE)
    with serving(port, workers, log) as server:
        asyncio.run(run(told, server, plan))
    lines = log.read_text(errors="replace").splitlines()
    told["errors_logged"] = sum("ERROR" in line or "Traceback" in line for line in lines)
    out.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    say(table(told))


async def run(told: dict[str, object], server: subprocess.Popen[bytes], plan: Plan) -> None:
    """Measure the capacity, exceed it, and write what is measured each minute."""
    limits = httpx.Limits(max_connections=1000, max_keepalive_connections=100)
    async with httpx.AsyncClient(base_url=plan.address, limits=limits, timeout=150) as client:
        usual = Listeners(client, plan.cases, plan.chance)
        capacity = await usual.crowd(TOGETHER, plan.calibrate)
        told |= {"capacity_per_s": round(capacity, 2), "at_capacity": usual.all.told()}
        say(f"capacity: {capacity:.2f} requests a second")

        many, watch = Listeners(client, plan.cases, plan.chance), Watch(server.pid)
        begun = time.perf_counter()
        until = begun + 60 * plan.minutes
        offering = asyncio.create_task(offer(many, plan.times * capacity, until))
        told["by_minute"] = minutes = []
        while not offering.done():
            await asyncio.wait({offering}, timeout=60)
            seen = watch.look((time.perf_counter() - begun) / 60)
            minutes.append({**seen, **many.minute.told()})
            many.minute = Tally()
            told |= {"all": many.all.told(), "faults": many.faults}
            plan.out.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
            say(f"{seen['minutes']:5.1f} min  {dict(many.all.counts)}  {seen['rss_mib']} MiB")
        await offering
        figures = (await client.get("/metrics")).text.splitlines()
        told["metrics"] = [line for line in figures if not line.startswith("#")]


async def offer(many: Listeners, rate: float, until: float) -> None:
    """Start clients at random times, independent of the answers to earlier ones."""
    asked: set[asyncio.Task[None]] = set()
    due = time.perf_counter()
    while (due := due + many.chance.expovariate(rate)) < until:
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        leaves = many.chance.random() < LEAVE
        patience = many.chance.uniform(0, PATIENCE) if leaves else None
        task = asyncio.create_task(many.ask(patience))
        asked.add(task)
        task.add_done_callback(asked.discard)
    await asyncio.gather(*asked)


def table(told: dict[str, object]) -> str:
    """The results as Markdown."""
    end, memory = told["all"], [row["rss_mib"] for row in told["by_minute"]]
    rows = [
        ("requests a second, alone at capacity", told["capacity_per_s"]),
        ("offered, times as many", told["times"]),
        (
            "heard, a second",
            round(end["counts"]["heard"] / 60 / told["by_minute"][-1]["minutes"], 2),
        ),
        *((f"requests {name}", count) for name, count in sorted(end["counts"].items())),
        *((f"first byte {name}, s", value) for name, value in end["first_byte_s"].items()),
        *((f"whole {name}, s", value) for name, value in end["whole_s"].items()),
        ("memory, first minute, MiB", memory[0]),
        ("memory, last minute, MiB", memory[-1]),
        ("memory, most, MiB", max(memory)),
        ("lines of error in the server's log", told["errors_logged"]),
    ]
    return "\n".join(["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)])


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    typer.run(main)
