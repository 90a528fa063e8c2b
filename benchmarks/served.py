"""Runs a server in a process of its own, and measures it from outside."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx

ROOT = Path(__file__).parent.parent


@contextmanager
def serving(
    port: int, workers: int, log: Path, *arguments: str
) -> Iterator[subprocess.Popen[bytes]]:
    """A server process, from its first answer to the end of the context."""
    command = [
        sys.executable,
        "-m",
        "tts.app",
        "serve",
        "--port",
        str(port),
        "--workers",
        str(workers),
    ]
    command += arguments
    with log.open("wb") as errors:
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=errors)
        try:
            wait_until_well(f"http://127.0.0.1:{port}/health", process)
            yield process
        finally:
            process.terminate()
            process.wait(timeout=30)


def wait_until_well(address: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        with suppress(httpx.TransportError):
            if httpx.get(address).status_code == 200:
                return
        if process.poll() is not None:
            break
        time.sleep(0.1)
    raise RuntimeError(f"no server at {address}; read its log")


@dataclass
class Watch:
    """Measurements of the server's process, each with its time."""

    pid: int
    seen: list[dict[str, float]] = field(default_factory=list)

    def look(self, minutes: float) -> dict[str, float]:
        status = Path(f"/proc/{self.pid}/status").read_text()
        rows = dict(line.split(":", 1) for line in status.splitlines())
        files = len(list(Path(f"/proc/{self.pid}/fd").iterdir()))
        self.seen.append(
            {
                "minutes": round(minutes, 2),
                "rss_mib": round(int(rows["VmRSS"].split()[0]) / 1024, 1),
                "threads": int(rows["Threads"]),
                "files": files,
            }
        )
        return self.seen[-1]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return listening.getsockname()[1]
