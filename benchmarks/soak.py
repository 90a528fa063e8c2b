"""python benchmarks/soak.py: a server at more than it can do, for an hour, and whether it is well.

Clients arrive by chance, ask for speech in every format, and some leave in the middle. What they
hear is held against references that were made alone, before the server began.
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
TOGETHER = 16  # clients while the capacity is measured: as many as keep it busy
LEAVE, PATIENCE = 0.1, 10.0  # of all clients leave within so many seconds
NICE = 5  # clients give way to the server


@dataclass(frozen=True)
class Plan:
    """What is done, and where it is written."""

    minutes: float
    times: float
    calibrate: float
    address: str
    out: Path
    cases: list[Case]
    chance: random.Random


def main(  # noqa: PLR0913 - a flag of a command is a parameter
    minutes: Annotated[float, typer.Option(help="How long.")] = 60,
    times: Annotated[float, typer.Option(help="The capacity, so many times.")] = 2,
    workers: Annotated[int, typer.Option(help="Of the server.")] = 2,
    calibrate: Annotated[float, typer.Option(help="Seconds to measure the capacity.")] = 60,
    port: Annotated[int, typer.Option(help="0 is any that is free.")] = 0,
    out: Annotated[Path, typer.Option(help="A file of results.")] = RESULTS,
) -> None:
    """Offer a server more than it can do."""
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
    """Measure the capacity, offer more, and write down each minute what was seen."""
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
    """Clients at times of their own, whatever became of those before them."""
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
    """The result on a page."""
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
