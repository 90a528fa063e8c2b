"""The commands of the app, each in a process of its own, as a user starts them."""

import json
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from tts.torch_checkpoint import save_checkpoint

ROOT = Path(__file__).parents[2]
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGTERM)


@pytest.fixture
def models(tiny_acoustic, tiny_vocoder, tmp_path):
    acoustic, vocoder = tmp_path / "acoustic.safetensors", tmp_path / "vocoder.safetensors"
    save_checkpoint(tiny_acoustic, acoustic, {})
    save_checkpoint(tiny_vocoder, vocoder, {})
    return ["--acoustic", str(acoustic), "--vocoder", str(vocoder), "--workers", "1"]


@pytest.fixture
def start(models, tmp_path):
    """A command, told to listen on a free port, and that port."""
    running = []

    def start(command, *arguments, module=("tts.app",)):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        where = (
            ["--uri", f"tcp://127.0.0.1:{port}"] if command == "wyoming" else ["--port", str(port)]
        )
        process = subprocess.Popen(
            [sys.executable, "-m", *module, command, *where, *models, *arguments],
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
    """Wait until something is answered there; it listens before it is ready to."""
    end = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < end:
        try:
            connection = socket.create_connection(("127.0.0.1", port), timeout=60)
            connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert connection.recv(1)
            return connection
        except OSError:
            time.sleep(0.05)
    raise AssertionError(f"nobody listens: {process.stdout.read()}")


def stop(process, number):
    """Send a signal, and see that the process ends by it."""
    process.send_signal(number)
    out, _ = process.communicate(timeout=20)
    assert "Traceback" not in out, out
    assert process.returncode == 128 + number, out
    return out


@pytest.mark.command
def test_each_front_door_opens_speaks_and_closes(start):
    doors = {command: start(command) for command in ("serve", "demo", "wyoming")}
    for process, port in doors.values():
        reach(process, port).close()
    for command, path in (("serve", "health"), ("demo", "config")):
        url = f"http://127.0.0.1:{doors[command][1]}/{path}"
        with urllib.request.urlopen(url, timeout=20) as answer:
            assert answer.status == 200
    said = [stop(door[0], number) for door, number in zip(doors.values(), SIGNALS, strict=True)]
    assert "Shutting down" in said[0]
    assert "tts serve is ready" in said[0]
    assert f"http://127.0.0.1:{doors['demo'][1]}\n" in said[1]
    assert f"tcp://127.0.0.1:{doors['wyoming'][1]}, without a key\n" in said[2]
    assert "Finished server process" in said[0], "it ended by itself"


@pytest.mark.command
def test_one_process_opens_three_doors_and_logs_json(start, tmp_path):
    (tmp_path / "key.txt").write_text("sesame\n")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        other = free.getsockname()[1]
    options = "--wyoming", str(other), "--demo", "--key-file", "key.txt", "--log-json"
    process, port = start("serve", *options)
    reach(process, port).close()
    headers = {"Authorization": "Bearer sesame", "Content-Type": "application/json"}
    spoken = urllib.request.Request(
        f"http://127.0.0.1:{port}/v1/audio/speech", b'{"input": "A secret."}', headers
    )
    for asked in (spoken, urllib.request.Request(f"http://127.0.0.1:{port}/demo/", None, headers)):
        with urllib.request.urlopen(asked, timeout=20) as answer:
            assert answer.status == 200
    with ask("wyoming", other) as connection:
        assert b"audio-start" in connection.recv(4096)
    out = stop(process, signal.SIGTERM)
    assert "ecret" not in out
    assert "sesame" not in out
    told = [json.loads(line) for line in out.splitlines()]
    (ready,) = (line for line in told if line["message"] == "tts serve is ready")
    assert ready["demo"] == f"http://127.0.0.1:{port}/demo/"
    assert ready["Wyoming"].startswith(f"tcp://127.0.0.1:{other},")
    (line,) = (line for line in told if line["message"] == "POST /v1/audio/speech")
    assert (line["status"], line["characters"], line["voice"]) == (200, 9, "heart")


ASK = {
    "serve": (
        "/v1/audio/speech",
        {"input": "It is read for ever."},
    ),
    "demo": (
        "/gradio_api/call/speak",
        {"data": ["It is read for ever.", "heart", "", 50, 1, 1.0, 0, 0, 1.0, 0]},
    ),
}


def ask(command, port):
    """A connection on which a text was just sent that is never read to its end."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=20)
    if command == "wyoming":
        event = {"type": "synthesize", "data": {"text": "It is read for ever."}}
        connection.sendall(json.dumps(event).encode() + b"\n")
        return connection
    path, asked = ASK[command]
    body = json.dumps(asked).encode()
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
    return connection


def idle_websocket(port):
    """A WebSocket on which nothing is said."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=20)
    key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    upgrade = f"Host: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n{key}\r\n"
    connection.sendall(f"GET /v1/audio/stream HTTP/1.1\r\n{upgrade}".encode())
    assert connection.recv(12) == b"HTTP/1.1 101"
    return connection


def seconds_to_end(process, number):
    begun = time.monotonic()
    process.send_signal(number)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 128 + number, out
    return time.monotonic() - begun


@pytest.mark.command
def test_sigterm_ends_a_server_whose_readers_are_at_work_for_ever(start):
    process, port = start("serve", module=("tests.ending", "0.1"))
    reach(process, port).close()
    connections = [ask("serve", port) for _ in range(50)]
    connections.append(idle_websocket(port))
    begun = time.monotonic()
    for path in ("health", "metrics"):
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/{path}", timeout=20) as answer:
            assert answer.status == 200
    assert time.monotonic() - begun < 2
    assert seconds_to_end(process, signal.SIGTERM) < 4
    for connection in connections:
        connection.close()


@pytest.mark.command
def test_a_client_that_reads_nothing_leaves_no_traceback_when_a_server_ends(start):
    process, port = start("serve")
    reach(process, port).close()
    asked = json.dumps(
        {"input": "Nobody reads this. " * 200, "speed": 0.25, "response_format": "pcm"}
    ).encode()
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        head = "POST /v1/audio/speech HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json"
        connection.sendall(f"{head}\r\nContent-Length: {len(asked)}\r\n\r\n".encode() + asked)
        time.sleep(4)  # until the buffers are full
        process.send_signal(signal.SIGTERM)
        out, _ = process.communicate(timeout=60)
    assert process.returncode == 128 + signal.SIGTERM
    assert "running task(s), timeout graceful shutdown exceeded" in out
    assert "Traceback" not in out


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("command", ["serve", "demo", "wyoming"])
def test_a_signal_ends_any_front_door_within_ten_seconds(start, command, number):
    process, port = start(command, module=("tests.ending", "1"))
    reach(process, port).close()
    connections = [ask(command, port) for _ in range(20)]
    time.sleep(1)
    assert seconds_to_end(process, number) < 10
    for connection in connections:
        connection.close()


@pytest.mark.slow
def test_a_second_signal_ends_a_server_at_once(start):
    process, port = start("serve", module=("tests.ending", "9"))
    reach(process, port).close()
    connections = [ask("serve", port) for _ in range(2)]
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    time.sleep(1)
    assert process.poll() is None
    assert seconds_to_end(process, signal.SIGINT) < 2
    for connection in connections:
        connection.close()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["serve", "--port", "70000"], "port must be from 0 to 65535, got 70000"),
        (["serve", "--workers", "0"], "workers must be from 1 to 256, got 0"),
        (["serve", "--seconds", "inf"], "seconds must be a number, got inf"),
        (["serve", "--key-file", "nowhere"], "no such file: nowhere"),
        (
            ["demo", "--port", "0", "--device", "abacus"],
            "this machine has no device 'abacus'",
        ),
        (["demo", "--port", "0", "--acoustic", "nowhere"], "no such file: nowhere"),
        (["serve", "--port", "0", "--allow-host", "http://x"], "allow host must be a name such as"),
        (["serve", "--host", "nowhere.invalid"], "this machine has no address 'nowhere.invalid'"),
        (["serve", "--host", "192.0.2.1"], "this machine has no address '192.0.2.1'"),
        (
            ["wyoming", "--uri", "carrier://pigeon"],
            "uri must be tcp://HOST:PORT or unix:///PATH, got 'carrier://pigeon'",
        ),
        (["shout"], "unknown command 'shout'"),
    ],
)
def test_a_mistake_is_one_sentence(arguments, sentence, capsys, tmp_path, monkeypatch):
    from tts.app.__main__ import app

    from tts.cli.main import run_command

    monkeypatch.chdir(tmp_path)
    assert run_command(app, arguments, "python -m tts.app") == 2
    error = capsys.readouterr().err
    assert error.startswith(f"error: {sentence}")
    assert error.count("\n") == 1


@pytest.mark.parametrize("command", ["serve", "demo", "wyoming"])
def test_a_port_that_is_taken_is_told_at_once(command, capsys, monkeypatch):
    from tts.app.__main__ import app

    from tts.cli.main import run_command

    def load(*given):
        raise AssertionError("nothing is loaded for a port that is taken")

    monkeypatch.setattr("tts.app.__main__.engine", load)
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        where, option = ["--port", str(port)], "--port"
        if command == "wyoming":
            where, option = ["--uri", f"tcp://127.0.0.1:{port}"], "--uri"
        assert run_command(app, [command, *where], "python -m tts.app") == 2
    assert capsys.readouterr().err == (
        f"error: port {port} of 127.0.0.1 is in use; stop the server on it, or choose another "
        f"port with {option}\n"
    )


@pytest.mark.parametrize(
    ("options", "extra"), [(["--demo"], "demo"), (["--wyoming", "0"], "wyoming")]
)
def test_an_extra_that_is_missing_is_named_before_anything_is_loaded(
    options, extra, capsys, monkeypatch
):
    from tts.app.__main__ import app

    from tts.cli.main import run_command

    def load(*given):
        raise AssertionError("nothing is loaded for a server that cannot be")

    module = {"demo": "gradio"}.get(extra, extra)
    monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.setattr("tts.app.__main__.engine", load)
    assert run_command(app, ["serve", "--port", "0", *options], "tts serve") == 2
    assert capsys.readouterr().err == (
        f"error: tts serve needs {module}; install it with pip install 'one-step-tts[{extra}]'\n"
    )


@pytest.mark.parametrize("command", ["serve", "wyoming"])
def test_of_two_that_start_at_once_the_second_is_refused(command, capsys, monkeypatch):
    from tts.app.__main__ import app

    from tts.cli.main import run_command

    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    arguments, option = ["serve", "--port", str(port)], "--port"
    if command == "wyoming":
        arguments, option = ["wyoming", "--uri", f"tcp://127.0.0.1:{port}"], "--uri"
    sentence = (
        f"error: port {port} of 127.0.0.1 is in use; stop the server on it, or choose another "
        f"port with {option}\n"
    )
    second = []

    def load(*given, **places):
        if not second:  # the first, which loads while the second starts and somebody connects
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
            second.append(None)
            second.append(run_command(app, arguments, "python -m tts.app"))
            assert capsys.readouterr().err == sentence
        raise ValueError("the first has loaded")

    monkeypatch.setattr("tts.app.__main__.engine", load)
    run_command(app, arguments, "python -m tts.app")
    assert second == [None, 2]


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["serve", "--host", "0.0.0.0", "--port", "0"], "there is no key; --key-file sets one"),
        (["demo", "--host", "0.0.0.0", "--port", "0"], "the page has no key"),
        (["wyoming", "--uri", "tcp://0.0.0.0:0"], "the protocol has no key"),
        (["serve", "--host", "0.0.0.0", "--port", "0", "--key-file", "key"], None),
        (
            ["serve", "--host", "0.0.0.0", "--port", "0", "--key-file", "key", "--wyoming", "0"],
            "Wyoming has no key",
        ),
        (["serve", "--host", "localhost", "--port", "0"], None),
        (["demo", "--host", "127.0.0.1", "--port", "0"], None),
        (["wyoming", "--uri", "tcp://localhost:0"], None),
        (["wyoming", "--uri", "unix://{}/socket"], None),
    ],
)
def test_who_lets_others_in_without_a_key_is_warned(arguments, why, capsys, tmp_path, monkeypatch):
    from tts.app.__main__ import app

    from tts.cli.main import run_command

    monkeypatch.chdir(tmp_path)
    Path("key").write_text("secret")
    given = [one.format(tmp_path) for one in (*arguments, "--acoustic", "nowhere")]
    assert run_command(app, given, "python -m tts.app") == 2
    *warnings, error = capsys.readouterr().err.splitlines()
    assert error.startswith("error: no such file: nowhere")
    if why:
        (warning,) = warnings
        assert warning.startswith("warning: anyone who reaches ")
        assert warning.endswith(f" may use it: {why}")
    else:
        assert not warnings


def test_the_address_of_a_socket_is_its_uri(tmp_path):
    from tts.app.network.sockets import bind_uri, close_on_exit, uri_of

    for uri in ("tcp://127.0.0.1:0", f"unix://{tmp_path}/socket"):
        with close_on_exit(bind_uri(uri)) as (listening,):
            port = listening.getsockname()[1] if uri.startswith("tcp") else 0
            assert uri_of(listening) == uri.replace(":0", f":{port}")


@pytest.mark.parametrize("command", ["demo", "serve", "wyoming"])
def test_a_voice_is_checked_before_a_model_is_loaded(command, monkeypatch, capsys):
    from tts.app.__main__ import app

    from tts.cli.main import run_command

    monkeypatch.setattr("tts.synthesis.load", lambda *_, **__: pytest.fail("a model is loaded"))
    free = ["--uri", "tcp://127.0.0.1:0"] if command == "wyoming" else ["--port", "0"]
    assert run_command(app, [command, *free, "--voice", "heart+bob"], "python -m tts.app") == 2
    assert "error: unknown voice 'bob' in 'heart+bob'; voices: heart, " in capsys.readouterr().err
