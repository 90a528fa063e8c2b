"""Connections over HTTP that ask for nothing, or not at once."""

import json
import socket
import threading
import time
from contextlib import ExitStack, contextmanager, suppress

import pytest
import uvicorn
from tts.app.network.body_chunks import PIECES
from tts.app.network.connections import limited
from tts.app.network.websocket_frames import MAX_SMALL_FRAMES, STRETCH, CountedWebSocket
from tts.app.server.app import create_app
from tts.app.server.settings import ServerSettings

from tests.serving import QuickServer, wait_for
from tts.serving.engine import Engine

ARRIVAL = 0.3
HEAD = b"POST /v1/audio/speech HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
HEALTH = b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.fixture
def engine(tiny_synthesizer):
    with Engine(tiny_synthesizer) as engine:
        yield engine


@pytest.fixture
def running():
    return []


@contextmanager
def listening(app, running, **limits):
    """A port where an application answers within limits."""
    ours = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, http=limited(**limits), ws=CountedWebSocket, log_level="critical")
    running.append(QuickServer(config))
    thread = threading.Thread(target=running[-1].run, kwargs={"sockets": [ours]})
    thread.start()
    try:
        wait_for(lambda: running[-1].started)
        yield ours.getsockname()[1]
    finally:
        running[-1].should_exit = True
        thread.join()
        ours.close()


@pytest.fixture
def port(engine, running):
    with listening(
        create_app(engine, ServerSettings()), running, arrival=ARRIVAL, connections=6
    ) as port:
        yield port


def connection(port):
    return socket.create_connection(("127.0.0.1", port), timeout=20)


def rest(sock):
    """All that comes until the other side closes."""
    return until_closed(sock)[0]


def until_closed(sock):
    """All that comes until the other side closes, and whether it was cut off: then some is lost."""
    came = b""
    try:
        while part := sock.recv(65_536):
            came += part
    except ConnectionResetError:
        return came, True
    return came, False


def drip(sock, data, every=0.05):
    """Send byte by byte until nobody takes them any more; how long that was."""
    begun = time.monotonic()
    for byte in data:
        try:
            sock.sendall(bytes([byte]))
        except OSError:
            break
        sock.settimeout(every)
        try:
            if sock.recv(1, socket.MSG_PEEK) == b"":
                break
        except TimeoutError:
            continue
        except OSError:
            break
        else:
            break
    sock.settimeout(20)
    return time.monotonic() - begun


@pytest.mark.parametrize(
    ("at_once", "drops"),
    [
        (b"", HEAD * 3),
        (HEAD + b"Content-Length: 100\r\n\r\n", b" " * 100),
        (HEALTH.replace(b"\r\n\r\n", b"\r\nContent-Length: 100\r\n\r\n"), b""),
    ],
    ids=["head", "body", "body of a request that needs none"],
)
def test_a_request_that_comes_in_drops_has_to_come_in_time(port, at_once, drops):
    with connection(port) as slow:
        slow.sendall(at_once)
        assert drip(slow, drops) < 2
        answer = rest(slow)
    if drops:
        assert answer.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
        sentence = json.loads(answer.partition(b"\r\n\r\n")[2])["error"]["message"]
        assert sentence == "the request must arrive within 0.3 s"
    else:
        assert answer.startswith(b"HTTP/1.1 200 ")


def test_a_body_that_drips_after_its_answer_is_not_waited_for(port):
    with connection(port) as slow:
        slow.sendall(HEAD.replace(b"json", b"text") + b"Content-Length: 2000000\r\n\r\n")
        assert slow.recv(1000).startswith(b"HTTP/1.1 413 ")
        assert drip(slow, b" " * 100) < 2


def test_who_asks_for_nothing_is_not_waited_for(port, running):
    with connection(port) as idle, connection(port) as kept:
        kept.sendall(HEALTH)
        assert kept.recv(12) == b"HTTP/1.1 200"
        assert rest(idle) == b""
        rest(kept)
    wait_for(lambda: not running[0].server_state.connections)


def test_an_answer_may_take_longer_than_a_request_may(engine, running):
    """Its own limits hold for that, and a WebSocket is no request that has not come."""
    from websockets.sync.client import connect

    async def slow(scope, receive, send):
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.accept"})
            while (await receive())["type"] != "websocket.disconnect":
                await send({"type": "websocket.send", "text": "heard"})
            return
        if scope["type"] == "lifespan":
            return
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(5):
            time.sleep(0.1)
            await send({"type": "http.response.body", "body": b"x", "more_body": True})
        await send({"type": "http.response.body", "body": b"end"})

    with listening(slow, running, arrival=0.1, connections=6) as port:
        with connection(port) as patient:
            patient.sendall(HEALTH)
            wait = patient.makefile("rb")
            assert wait.readline() == b"HTTP/1.1 200 OK\r\n"
            assert b"end" in wait.read()
        with connect(f"ws://127.0.0.1:{port}/") as talk:
            time.sleep(0.3)
            talk.send("hello")
            assert talk.recv(timeout=20) == "heard"


def test_who_takes_no_answer_is_let_go(running):
    async def endless(scope, receive, send):
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 200, "headers": []})
            body = {"type": "http.response.body", "body": b"x" * 20_000_000, "more_body": True}
            await send(body)  # and leaves it without an end

    with (
        listening(endless, running, arrival=0.1, connections=6) as port,
        connection(port) as deaf,
    ):
        deaf.sendall(HEALTH)
        wait_for(lambda: running[0].server_state.connections)
        wait_for(lambda: not running[0].server_state.connections)


def test_who_waits_longest_makes_room(port, running):
    with ExitStack() as stack:
        idle = [stack.enter_context(connection(port)) for _ in range(12)]
        asks = stack.enter_context(connection(port))
        asks.sendall(HEALTH)
        assert asks.recv(12) == b"HTTP/1.1 200"
        assert rest(idle[0]) == b""
        assert len(running[0].server_state.connections) <= 6


def test_where_all_are_busy_one_is_told_to_come_later(engine, running):
    app = create_app(engine, ServerSettings())
    with (
        listening(app, running, arrival=20, connections=2) as port,
        ExitStack() as stack,
    ):
        body = json.dumps({"input": "[pause:60s] One. [pause:60s] Two. " * 9}).encode()
        for _ in range(2):
            busy = stack.enter_context(connection(port))
            busy.sendall(HEAD + f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
            assert busy.recv(12) == b"HTTP/1.1 200"
        refused = rest(stack.enter_context(connection(port)))
    assert refused.startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
    assert b"at most 2 connections are possible at once; try again later" in refused


UPGRADE = (
    b"GET /v1/audio/stream HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n"
    b"Upgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    b"Sec-WebSocket-Version: 13\r\n\r\n"
)


def test_websockets_that_say_nothing_leave_room_for_requests(engine, running):
    app = create_app(engine, ServerSettings())
    with (
        listening(app, running, arrival=20, connections=6) as port,
        ExitStack() as stack,
    ):
        silent, statuses = [], []
        for _ in range(9):
            silent.append(stack.enter_context(connection(port)))
            silent[-1].sendall(UPGRADE)
            statuses.append(int(silent[-1].recv(12)[9:]))
        assert statuses == [101] * 3 + [503] * 6
        told = rest(silent[-1])
        assert b"at most 3 WebSockets and other endless connections are possible at once" in told
        asks = stack.enter_context(connection(port))
        asks.sendall(HEALTH)
        assert asks.recv(12) == b"HTTP/1.1 200"
        silent[0].close()
        wait_for(lambda: len(running[0].server_state.connections) == 3)  # and the one that asks
        again = stack.enter_context(connection(port))
        again.sendall(UPGRADE)
        assert again.recv(12) == b"HTTP/1.1 101"


def chunked(pieces, piece=b" "):
    chunk = f"{len(piece):x}\r\n".encode() + piece + b"\r\n"
    return HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunk * pieces + b"0\r\n\r\n"


@pytest.mark.parametrize(
    ("pieces", "piece", "status"),
    [
        (PIECES + 1, b" ", b"413"),
        (PIECES - 10, b" ", b"400"),
        (PIECES + 1, b" " * 300, b"413"),
        (2000, b" " * 300, b"400"),
    ],
    ids=["a flood", "many", "many large ones, a body too large", "large ones"],
)
def test_a_body_has_a_limited_number_of_small_pieces(engine, running, pieces, piece, status):
    """The body is no JSON in the end, which is told where it is read."""
    with listening(
        create_app(engine, ServerSettings()), running, arrival=20, connections=6
    ) as port:
        with connection(port) as sends:
            with suppress(OSError):  # where it has answered it takes no more
                sends.sendall(chunked(pieces, piece))
            answer = sends.recv(65_536)
        assert answer.startswith(b"HTTP/1.1 " + status)
        told = b"a body may have at most 10000 chunks of fewer than 256 bytes"
        assert (told in answer) == (pieces > PIECES and piece == b" ")


def masked(opcode, data=b""):
    return bytes([opcode, 0x80 | len(data)]) + b"\0\0\0\0" + data


@pytest.mark.parametrize(
    "flood",
    [masked(0x89) * 20_000, masked(0x8A) * 20_000, masked(0x01) + masked(0x00) * 20_000],
    ids=["pings", "pongs", "continuations"],
)
def test_a_flood_of_frames_ends_a_websocket(engine, running, flood):
    with (
        listening(create_app(engine, ServerSettings()), running, arrival=20, connections=6) as port,
        connection(port) as floods,
    ):
        floods.sendall(UPGRADE)
        assert b"101" in floods.recv(1000)
        few = flood[: 6 * (MAX_SMALL_FRAMES // 2)]
        floods.sendall(few)
        wait_for(lambda: len(running[0].server_state.connections) == 1)
        with suppress(OSError):
            floods.sendall(flood[len(few) :])
        came, cut_off = until_closed(floods)
        assert came.count(b"\x8a\0") <= MAX_SMALL_FRAMES + STRETCH // len(masked(0x89))
        assert cut_off or b"at most 1000 small frames are allowed in 10 s" in came
        wait_for(lambda: not running[0].server_state.connections)


def test_pings_are_answered(port):
    from websockets.sync.client import connect

    with connect(f"ws://127.0.0.1:{port}/v1/audio/stream") as talk:
        for _ in range(20):
            assert talk.ping().wait(20)
