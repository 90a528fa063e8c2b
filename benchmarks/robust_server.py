"""python -m benchmarks.robust_server: whether any request harms a server.

A server that it starts gets random requests, most of them malformed, and then many of the texts
that take longest to read at once. It must keep answering /health, and stop on SIGTERM.
"""

import json
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.odd_requests import Request, random_request, worst_texts
from benchmarks.served import Watch, free_port, serving

CLIENTS = 8  # concurrent clients that send random requests
TIMEOUT = 120.0  # seconds for an answer
WELL = (503, 504)  # answers above 499 that a server may give
HEALTH, END = 1.0, 10.0  # seconds: the longest answer of /health, and from SIGTERM to the end
SPEECH = "/v1/audio/speech"


def main(
    requests: Annotated[int, typer.Option(help="Number of random requests.")] = 2000,
    seed: Annotated[int, typer.Option(help="Seed of the requests; equal seeds repeat them.")] = 0,
    worst: Annotated[
        int, typer.Option(help="Number of worst-case texts, sent at the same time.")
    ] = 50,
    seconds: Annotated[
        float, typer.Option(help="Seconds for which /health is watched meanwhile.")
    ] = 20,
    workers: Annotated[int, typer.Option(help="Workers of the server, at least 1.")] = 2,
) -> None:
    """Send malformed and worst-case requests to a server that it starts.

    Needs Linux and the serve extra. Prints a table and every fault; exit
    code 1 if there is one. It writes to a temporary folder alone.

    \b
    Examples:
      python -m benchmarks.robust_server
      python -m benchmarks.robust_server --requests 100 --worst 8 --seconds 5
    """
    told = robustness(requests, seed, worst=worst, seconds=seconds, workers=workers)
    sys.stdout.write(table(told))
    if faults := faults_of(told):
        sys.stdout.write("".join(f"FAULT: {fault}\n" for fault in faults))
        raise typer.Exit(1)


def robustness(  # noqa: PLR0913 - each is an option of the command
    requests: int,
    seed: int,
    *,
    worst: int = 50,
    seconds: float = 20,
    workers: int = 2,
    arguments: Sequence[str] = (),
) -> dict[str, object]:
    """The outcomes of all requests to a server, by name; `arguments` are added to its command."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        with serving(port, workers, log, *arguments) as process:
            watch, told = Watch(process.pid), dict[str, object](requests=requests)
            told["rss_mib_before"] = watch.look(0)["rss_mib"]
            told["statuses"] = dict(sorted(send_random(port, requests, seed).items()))
            told["alive"] = process.poll() is None
            told["rss_mib_after"] = watch.look(0)["rss_mib"]
            told |= send_worst(port, process, worst, seconds)
        lines = log.read_text(errors="replace").splitlines()
    told["tracebacks_logged"] = sum("Traceback" in line for line in lines)
    return told


def send_random(port: int, count: int, seed: int) -> Counter[str]:
    """Counts of random requests by the status of their answer or other outcome."""

    def one(number: int) -> str:
        return send(port, random_request(random.Random(f"{seed}:{number}")))

    with ThreadPoolExecutor(CLIENTS) as pool:
        return Counter(pool.map(one, range(count)))


def send_worst(
    port: int, process: subprocess.Popen[bytes], count: int, seconds: float
) -> dict[str, object]:
    """The slowest answer of /health while worst-case texts are read, and how the server stops."""
    watch = Watch(process.pid)
    before = watch.look(0)["rss_mib"]
    connections = [connect(port, speak(text)) for text in worst_texts(count)]
    health = longest_health(port, seconds)
    for connection in connections:
        connection.close()
    health = max(health, longest_health(port, 1.0))
    after = watch.look(0)["rss_mib"]
    connections = [connect(port, speak(text)) for text in worst_texts(count)]
    time.sleep(0.5)
    begun = time.monotonic()
    process.send_signal(signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        process.wait(timeout=6 * END)
    ended, code = time.monotonic() - begun, process.poll()
    if code is None:
        process.kill()
    for connection in connections:
        connection.close()
    return {
        "worst_at_once": count,
        "worst_rss_mib_before": before,
        "worst_rss_mib_after": after,
        "longest_health_s": round(health, 3),
        "sigterm_to_end_s": round(ended, 2),
        "exit_code": code,
    }


def longest_health(port: int, seconds: float) -> float:
    """The slowest of repeated requests of /health."""
    longest, until = 0.0, time.monotonic() + seconds
    while time.monotonic() < until:
        begun = time.monotonic()
        answered = send(port, Request(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"))
        longest = max(longest, time.monotonic() - begun if answered == "200" else TIMEOUT)
        time.sleep(0.02)
    return longest


def speak(text: str) -> Request:
    body = json.dumps({"input": text, "response_format": "pcm"}).encode()
    head = f"POST {SPEECH} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    return Request(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)


def connect(port: int, request: Request) -> socket.socket:
    """A connection on which a request has been sent."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT)
    with suppress(ConnectionError):  # it may be refused before all of it was sent
        connection.sendall(request.data)
    return connection


def send(port: int, request: Request) -> str:
    """The status of the answer; or `left`, `closed` without one, `late`, or `refused`."""
    try:
        with connect(port, request) as connection:
            if request.leaves:
                return "left"
            if request.half_closes:
                connection.shutdown(socket.SHUT_WR)
            connection.settimeout(TIMEOUT)
            return _status(connection)
    except TimeoutError:
        return "late"
    except ConnectionRefusedError:
        return "refused"
    except OSError:
        return "closed"


def _status(connection: socket.socket) -> str:
    """The status, once the answer is complete or the connection is idle."""
    head = b""
    while b"\r\n\r\n" not in head:
        if not (part := connection.recv(65536)):
            break
        head += part
    fields, _, body = head.partition(b"\r\n\r\n")
    words = fields.split(b" ", 2)
    if len(words) < 2:
        return "closed"
    names = fields.lower().split(b"\r\n")
    chunked = b"transfer-encoding: chunked" in names
    while chunked and not body.endswith(b"0\r\n\r\n") and (part := connection.recv(65536)):
        body = (body + part)[-16:]
    return words[1].decode("ascii", "replace")


def faults_of(told: dict[str, object]) -> list[str]:
    """The faults, each as a sentence."""
    statuses = told["statuses"]
    assert isinstance(statuses, dict), "it counts"
    bad = {name: count for name, count in statuses.items() if is_bad(name)}
    return [
        *(f"{count} requests ended as {name}" for name, count in bad.items()),
        *(["the server died"] if not told["alive"] else []),
        *([f"/health took {told['longest_health_s']} s"] * (told["longest_health_s"] > HEALTH)),
        *([f"SIGTERM took {told['sigterm_to_end_s']} s"] * (told["sigterm_to_end_s"] > END)),
        *(["tracebacks are in the log"] if told["tracebacks_logged"] else []),
    ]


def is_bad(status: str) -> bool:
    if status.isdecimal():
        return int(status) >= 500 and int(status) not in WELL
    return status in ("late", "refused")


def table(told: dict[str, object]) -> str:
    rows = [f"| {name.replace('_', ' ')} | {value} |" for name, value in told.items()]
    return "\n".join(["| | |", "|---|---|", *rows]) + "\n"


if __name__ == "__main__":
    typer.run(main)
