"""The commands of the app, each in a process of its own, as a user starts them."""

import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from tts.checkpoint import save

ROOT = Path(__file__).parent.parent


@pytest.fixture
def models(tiny_acoustic, tiny_vocoder, tmp_path):
    acoustic, vocoder = tmp_path / "acoustic.safetensors", tmp_path / "vocoder.safetensors"
    save(tiny_acoustic, acoustic, {})
    save(tiny_vocoder, vocoder, {})
    return ["--acoustic", str(acoustic), "--vocoder", str(vocoder), "--workers", "1"]


@pytest.fixture
def start(models, tmp_path):
    """A command, told to listen on a free port, and that port."""
    running = []

    def start(command, *arguments):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        where = (
            ["--uri", f"tcp://127.0.0.1:{port}"] if command == "wyoming" else ["--port", str(port)]
        )
        process = subprocess.Popen(
            [sys.executable, "-m", "app", command, *where, *models, *arguments],
            cwd=tmp_path,
            env={"PYTHONPATH": str(ROOT), "PATH": "/nowhere", "HOME": str(tmp_path)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        running.append(process)
        return process, port

    yield start
    for process in running:
        process.kill()
        process.communicate()


def reach(process, port):
    """Wait until somebody listens there."""
    end = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < end:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=5)
        except OSError:
            time.sleep(0.05)
    raise AssertionError(f"nobody listens: {process.stdout.read()}")


def stop(process):
    """As Ctrl-C does it."""
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=20)
    assert "Traceback" not in out, out
    return out


def test_each_front_door_opens_speaks_and_closes(start):
    doors = {command: start(command) for command in ("serve", "demo", "wyoming")}
    for process, port in doors.values():
        reach(process, port).close()
    for command, path in (("serve", "health"), ("demo", "config")):
        url = f"http://127.0.0.1:{doors[command][1]}/{path}"
        with urllib.request.urlopen(url, timeout=20) as answer:
            assert answer.status == 200
    for process, _ in doors.values():
        stop(process)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["serve", "--port", "70000"], "Invalid value for '--port'"),
        (["serve", "--workers", "0"], "Invalid value for '--workers'"),
        (["serve", "--key-file", "nowhere"], "expected a file with a key at nowhere, found none"),
        (["demo", "--device", "abacus"], "expected a device of this machine, not 'abacus'"),
        (["demo", "--acoustic", "nowhere"], "expected a checkpoint at nowhere"),
        (["wyoming", "--uri", "carrier://pigeon"], "expected"),
        (["shout"], "No such command 'shout'"),
    ],
)
def test_a_mistake_is_one_sentence(arguments, sentence, capsys, tmp_path, monkeypatch):
    from app.__main__ import app
    from tts.cli import run

    monkeypatch.chdir(tmp_path)
    assert run(app, arguments, "python -m app") == 2
    error = capsys.readouterr().err
    assert error.startswith(f"error: {sentence}")
    assert error.count("\n") == 1
