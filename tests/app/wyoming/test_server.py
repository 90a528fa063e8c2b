import asyncio
import socket
import threading
import time
import tracemalloc
import warnings
from contextlib import asynccontextmanager
from functools import partial
from time import sleep

import numpy as np
import pytest

with warnings.catch_warnings():
    # up to Python 3.12 the package takes this one while there is one
    warnings.filterwarnings("ignore", "'audioop' is deprecated", DeprecationWarning)
    import wyoming.audio  # noqa: F401

from tts.app.network.sockets import bind_uri, close_on_exit
from tts.app.wyoming.events import MAX_EVENT_BYTES, EventReader
from tts.app.wyoming.server import serve
from wyoming.audio import AudioChunk, AudioStart
from wyoming.client import AsyncTcpClient, AsyncUnixClient
from wyoming.error import Error
from wyoming.event import Event
from wyoming.info import Describe, Info
from wyoming.tts import (
    Synthesize,
    SynthesizeChunk,
    SynthesizeStart,
    SynthesizeStop,
    SynthesizeVoice,
)

from tests.learned import with_learned_voices
from tts.audio import pcm16
from tts.delivery import Delivery
from tts.serving.engine import Engine
from tts.synthesis import Synthesizer
from tts.text.incremental import IncrementalText

LONG = "And so it was that they went on and on, for nobody had told them to stop. " * 100


@pytest.fixture
def engine(tiny_synthesizer):
    with Engine(tiny_synthesizer, concurrency=1, waiting=0) as engine:
        yield engine


@asynccontextmanager
async def serving(engine, sockets, voice=None):
    task = asyncio.create_task(serve(engine, sockets, voice=voice))
    try:
        await until(lambda: all(listens(one) for one in sockets))
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def visiting(engine, voice=None):
    """A client of a server that is there for it alone."""
    with close_on_exit(bind_uri("tcp://127.0.0.1:0")) as sockets:
        port = sockets[0].getsockname()[1]
        async with serving(engine, sockets, voice):
            client = AsyncTcpClient("127.0.0.1", port, read_timeout=20)
            await client.connect()
            try:
                yield client
            finally:
                await client.disconnect()


def listens(sock):
    return sock.fileno() != -1 and sock.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)


async def until(condition):
    for _ in range(1000):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("waited in vain")


async def tell(client, *said):
    for one in said:
        await client.write_event(one if isinstance(one, Event) else one.event())


async def listen(client, last):
    """All events up to the last of them, or until there are no more."""
    events = []
    while event := await client.read_event():
        events.append(event)
        if event.type == last:
            break
    return events


def ask(engine, *said, last):
    async def visit():
        async with visiting(engine) as client:
            await tell(client, *said)
            return await listen(client, last)

    return asyncio.run(visit())


def kinds(events):
    """The types of events in order, of several alike in a row only one."""
    types = [event.type for event in events]
    return [one for one, before in zip(types, [None, *types], strict=False) if one != before]


def sound(events):
    chunks = [AudioChunk.from_event(event) for event in events if AudioChunk.is_type(event.type)]
    assert {(chunk.rate, chunk.width, chunk.channels) for chunk in chunks} <= {(24000, 2, 1)}
    return np.frombuffer(b"".join(chunk.audio for chunk in chunks), "<i2")


def spoken(engine, text, **manner):
    pieces = engine.stream(text, Delivery(**manner))
    return np.concatenate([pcm16(piece.audio) for piece in pieces])


SOUND = ["audio-start", "audio-chunk", "audio-stop"]


def test_tells_of_its_voices(engine):
    (event,) = ask(engine, Describe(), last="info")
    (program,) = Info.from_event(event).tts
    assert program.supports_synthesize_streaming
    assert program.version
    assert [voice.name for voice in program.voices] == ["heart", "michael"]
    assert all(voice.installed and voice.languages == ["en-US"] for voice in program.voices)


@pytest.fixture
def learned_engine(tiny_synthesizer):
    with Engine(with_learned_voices(tiny_synthesizer)) as engine:
        yield engine


def test_tells_of_learned_voices_but_not_of_their_files(learned_engine):
    (event,) = ask(learned_engine, Describe(), last="info")
    (program,) = Info.from_event(event).tts
    assert [voice.description for voice in program.voices] == [
        "heart",
        "michael",
        "anna (female, learned from 12.5 minutes, CC0-1.0)",
        "bea (learned)",
    ]
    assert "secret" not in str(event.data)


def test_speaks_in_a_learned_voice_or_a_blend_and_by_default_in_that_of_the_server(learned_engine):
    async def visit():
        async with visiting(learned_engine, "bea") as client:
            heard = []
            for name in ("anna", "anna+heart(2)", None):
                voice = SynthesizeVoice(name=name) if name else None
                await tell(client, Synthesize(text="So they do.", voice=voice))
                heard.append(sound(await listen(client, "audio-stop")))
            return heard

    for heard, voice in zip(asyncio.run(visit()), ("anna", "anna+heart(2)", "bea"), strict=True):
        np.testing.assert_array_equal(heard, spoken(learned_engine, "So they do.", voice=voice))


@pytest.mark.parametrize("path", ["../anna.voice", "/secret/voices/anna.voice", "anna.voice"])
def test_no_client_names_a_file(path, learned_engine):
    wanted = Synthesize(text="Hello.", voice=SynthesizeVoice(name=path))
    (event,) = ask(learned_engine, wanted, last="error")
    assert Error.from_event(event).text.startswith(f"unknown voice '{path}'; voices: heart")


@pytest.mark.parametrize(
    ("voice", "name"),
    [
        (None, "heart"),
        (SynthesizeVoice(name="michael"), "michael"),
        (SynthesizeVoice(name="heart", speaker="michael"), "michael"),
        (SynthesizeVoice(language="en-US"), "heart"),
    ],
)
def test_says_what_the_library_says(engine, voice, name):
    text = "One came. Two went."
    events = ask(engine, Synthesize(text=text, voice=voice), last="audio-stop")
    assert kinds(events) == SOUND
    assert AudioStart.from_event(events[0]).rate == 24000
    np.testing.assert_array_equal(sound(events), spoken(engine, text, voice=name))


def test_speaks_a_text_that_arrives_and_ignores_its_copy(engine):
    text = "One came. Two wandered off"
    events = ask(
        engine,
        SynthesizeStart(voice=SynthesizeVoice(name="michael")),
        *(SynthesizeChunk(text=one) for one in (text[:5], text[5:12], text[12:])),
        Synthesize(text=text),
        SynthesizeStop(),
        last="synthesize-stopped",
    )
    assert kinds(events) == [*SOUND, "synthesize-stopped"]
    first, last = (spoken(engine, one, voice="michael") for one in (text[:10], text[10:]))
    np.testing.assert_array_equal(sound(events)[: len(first)], first)
    np.testing.assert_array_equal(sound(events)[-len(last) :], last)
    assert len(sound(events)) == len(first) + 6000 + len(last)


def test_speaks_before_all_of_a_text_has_come(engine):
    async def visit():
        async with visiting(engine) as client:
            await tell(client, SynthesizeStart(), SynthesizeChunk(text="One came. Two went "))
            await listen(client, "audio-chunk")
            await tell(client, SynthesizeChunk(text="off."), SynthesizeStop())
            return await listen(client, "synthesize-stopped")

    assert kinds(asyncio.run(visit()))[-2:] == ["audio-stop", "synthesize-stopped"]


def test_one_answer_comes_after_another(engine):
    async def visit():
        async with visiting(engine) as client:
            await tell(client, SynthesizeStart(), SynthesizeStop(), Synthesize(text="One."))
            await tell(client, Event("nonsense"), Synthesize(text="Two."), Describe())
            return [await listen(client, "audio-stop") for _ in range(3)]

    empty, first, second = asyncio.run(visit())
    assert kinds(empty)[-1] == "audio-stop"
    np.testing.assert_array_equal(sound(first), spoken(engine, "One."))
    np.testing.assert_array_equal(sound(second), spoken(engine, "Two."))


def test_leaving_stops_the_model(engine):
    async def visit():
        async with visiting(engine) as client:
            await tell(client, Synthesize(text=LONG))
            await listen(client, "audio-chunk")
            await client.disconnect()
            await until(lambda: engine.stats.cancelled == 1)
            assert engine.stats.running == 0

    asyncio.run(visit())


def test_leaving_while_one_waits_gives_the_place_away(tiny_synthesizer):
    async def visit(engine):
        async with visiting(engine) as client:
            await tell(client, Synthesize(text="Hello."))
            await until(lambda: engine.stats.waiting == 1)
            await client.disconnect()
            await until(lambda: engine.stats.cancelled == 1)

    # of a silence so long, which nobody takes, the engine makes no more
    with (
        Engine(tiny_synthesizer, concurrency=1, waiting=1) as engine,
        engine.stream("[pause:60s] One. [pause:60s] Two."),
    ):
        asyncio.run(visit(engine))


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (Synthesize(text=" 😊 "), "no words to speak in"),
        (Synthesize(text="Да."), "Cyrillic letters (Д, а) cannot be read"),
        (Synthesize(text="[pace:9]Hello.[/pace]"), "pace must be from 0.25 to 4, got 9"),
        (Synthesize(text="Hello.", voice=SynthesizeVoice(name="nobody")), "nobody"),
        (SynthesizeStart(voice=SynthesizeVoice(name="nobody")), "nobody"),
        (
            Synthesize(text="x" * 20_001),
            "at most 20000 characters may wait to be spoken, got 20001",
        ),
        (Event("synthesize"), "synthesize needs 'text'"),
        (Event("synthesize", {"text": 5}), "text must be text, got '5'"),
        (
            Event("synthesize", {"text": "Hello.", "voice": {"name": 5}}),
            "the voice must be text, got '5'",
        ),
        (Event("synthesize", {"text": "Hello.", "voice": 5}), "an object with a name, got '5'"),
        (Event("synthesize", {"text": "Hello.", "voice": []}), "an object with a name, got '[]'"),
        (Event("synthesize-start", {"voice": "x"}), "an object with a name, got 'x'"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence_and_ends_it(engine, said, why):
    (event,) = ask(engine, said, last=None)
    assert why in Error.from_event(event).text


def test_a_text_that_arrives_and_cannot_be_read_is_refused(engine):
    (event,) = ask(
        engine, SynthesizeStart(), SynthesizeChunk(text="你好。"), SynthesizeStop(), last=None
    )
    why = Error.from_event(event).text
    assert why.startswith("no words to speak: Chinese letters (你, 好) are left out")


def test_is_refused_while_too_many_speak(engine):
    with engine.stream(LONG):
        (event,) = ask(engine, Synthesize(text="Hello."), last=None)
    assert Error.from_event(event).text.startswith("the queue is full")


def test_what_arrives_is_not_looked_at_on_the_event_loop(engine, monkeypatch):
    looking, may = threading.Event(), threading.Event()

    def wait(*_):
        looking.set()
        assert may.wait(20)
        return []

    async def visit():
        async with visiting(engine) as client:
            await tell(client, SynthesizeStart(), SynthesizeChunk(text="Hello."))
            begun = time.monotonic()
            await asyncio.to_thread(looking.wait, 20)
            passed = time.monotonic() - begun
            may.set()
            await tell(client, Describe())
            return passed, (await client.read_event()).type

    monkeypatch.setattr(IncrementalText, "feed", wait)
    passed, kind = asyncio.run(asyncio.wait_for(visit(), 30))
    assert passed < 10
    assert kind == "info"


def test_null_means_unset(engine):
    asked = Event("synthesize", {"text": "Hello.", "voice": None})
    events = ask(engine, asked, last="audio-stop")
    assert events[0].type == "audio-start"


def test_a_closed_engine_is_told(engine):
    engine.close()
    (event,) = ask(engine, SynthesizeStart(), SynthesizeChunk(text="Hello."), last=None)
    assert Error.from_event(event).text == "the engine is closed"


def sent(engine, *parts):
    """What comes back for bytes as they are, until the other side closes."""

    async def visit():
        async with visiting(engine) as client:
            for part in parts:
                client._writer.write(part)
                await client._writer.drain()
            async with asyncio.timeout(20):
                return await listen(client, None)

    return asyncio.run(visit())


@pytest.mark.parametrize(
    "line",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"\n",
        b"\xff\xfe\n",
        b"[]\n",
        b"null\n",
        b"{}\n",
        b'{"type": 5}\n',
        b'{"type": null}\n',
        b'{"type": "describe", "data": []}\n',
        b'{"type": "describe", "data": 5, "data_length": 2}\n{}',
        b'{"type": "describe", "data_length": "2"}\n{}',
        b'{"type": "describe", "data_length": 3}\n[5]',
        b'{"type": "describe", "data_length": 2}\n{]',
        b"[" * 100_000 + b"\n",
        b'{"a":' * 40_000 + b"\n",
        b'{"type": "describe", "payload_length": 1' + b"0" * 5000 + b"}\n",
    ],
    ids=lambda line: line[:50].decode(errors="replace"),
)
def test_what_is_no_event_is_refused_in_a_sentence(engine, line, caplog):
    (event,) = sent(engine, line)
    assert Error.from_event(event).text.startswith("not a Wyoming event")
    assert not caplog.records


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b'{"type": "describe", "payload_length": 400000000}\n', "got '400000000'"),
        (b'{"type": "describe", "data_length": 400000000}\n', "got '400000000'"),
        (b'{"type": "describe", "payload_length": 1e999}\n', "got 'inf'"),
        (b'{"type": "describe", "payload_length": 2.5}\n', "got '2.5'"),
        (
            b'{"type": "' + b"x" * MAX_EVENT_BYTES + b'"}\n',
            f"a line must have at most {MAX_EVENT_BYTES} bytes",
        ),
        (b"x" * MAX_EVENT_BYTES * 3, f"a line must have at most {MAX_EVENT_BYTES} bytes"),
    ],
    ids=["payload", "data", "endless", "half", "line", "no line"],
)
def test_what_is_too_large_is_refused_before_it_comes(engine, line, why):
    (event,) = sent(engine, line)
    assert why in Error.from_event(event).text


def test_nothing_is_kept_of_what_is_too_large(engine):
    """Ten megabytes of 400 are sent, and nobody holds them."""
    part = b"x" * 2**16
    tracemalloc.start()
    try:
        head = b'{"type": "describe", "payload_length": 400000000}\n'
        (event,) = sent(engine, head, *[part] * 160)
        held_at_most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert "got '400000000'" in Error.from_event(event).text
    assert held_at_most < 4 * 2**20


def test_an_event_is_whole_within_its_time(engine, monkeypatch):
    monkeypatch.setattr("tts.app.wyoming.server.EventReader", partial(EventReader, seconds=0.1))
    for part in (b"{", b'{"type": "describe", "data_length": 9}\n{', b'{"type": "describe"}'):
        (event,) = sent(engine, part)
        assert "an event must arrive within 0.1 s" in Error.from_event(event).text


def test_who_says_nothing_is_not_waited_for(engine, monkeypatch):
    monkeypatch.setattr("tts.app.wyoming.server.CLIENT_TIMEOUT_SECONDS", 0.1)
    assert sent(engine) == []


def test_who_listens_is_waited_for(engine, monkeypatch):
    monkeypatch.setattr("tts.app.wyoming.server.CLIENT_TIMEOUT_SECONDS", 0.2)
    slow = Synthesizer.render
    monkeypatch.setattr(Synthesizer, "render", lambda *given: (sleep(0.5), slow(*given)))
    events = ask(engine, Synthesize(text="One came."), last="audio-stop")
    assert kinds(events) == SOUND


def test_only_so_many_connect(engine, monkeypatch):
    monkeypatch.setattr("tts.app.wyoming.server.CONNECTIONS", 2)

    async def visit():
        async with visiting(engine) as first:
            port = first._writer.get_extra_info("peername")[1]
            second, third, fourth = (AsyncTcpClient("127.0.0.1", port) for _ in range(3))
            await second.connect()
            await third.connect()
            refused = await listen(third, None)
            await second.disconnect()
            answer = []
            while kinds(answer) != ["info"]:  # until the server knows that the second has left
                await fourth.disconnect()
                await fourth.connect()
                await tell(fourth, Describe())
                answer = await listen(fourth, "info")
            for one in (third, fourth):
                await one.disconnect()
            return refused

    (refused,) = asyncio.run(visit())
    assert "at most 2 connections are possible at once" in Error.from_event(refused).text


def test_a_failure_is_told_without_its_details(engine, monkeypatch, caplog):
    def fail(self, tasks):
        raise RuntimeError("a secret")

    monkeypatch.setattr(Synthesizer, "render", fail)
    (event,) = ask(engine, Synthesize(text="Hello."), last=None)
    assert Error.from_event(event).text.startswith("internal error; try again")


def test_only_so_many_parts_wait_to_be_said(engine, monkeypatch):
    monkeypatch.setattr("tts.app.incremental.MAX_QUEUED_PARTS", 10)
    make = Synthesizer.render
    monkeypatch.setattr(Synthesizer, "render", lambda *given: (sleep(0.5), make(*given)))
    texts = (SynthesizeStart(), SynthesizeStop()) * 20
    events = ask(engine, Synthesize(text="One."), *texts, last=None)
    assert "at most 10 parts of texts may wait" in Error.from_event(events[-1]).text


def test_a_voice_that_is_long_is_quoted_in_part(engine):
    (event,) = ask(engine, Synthesize(text="Hi.", voice=SynthesizeVoice(name="x" * 150)), last=None)
    assert f"unknown voice '{'x' * 37}...'" in Error.from_event(event).text


def test_answers_at_a_path(engine, tmp_path):
    path = tmp_path / "socket"

    async def visit():
        with close_on_exit(bind_uri(f"unix://{path}")) as sockets:
            async with serving(engine, sockets):
                client = AsyncUnixClient(path)
                await client.connect()
                await tell(client, Describe())
                assert (await client.read_event()).type == "info"
                await client.disconnect()
                with pytest.raises(OSError, match="is in use; stop the server on it"):
                    bind_uri(f"unix://{path}")

    asyncio.run(visit())
    assert not path.exists()


def test_a_path_that_nobody_listens_at_is_taken_over_and_a_file_is_left(tmp_path):
    path = tmp_path / "socket"
    (left,) = bind_uri(f"unix://{path}")
    left.close()
    with close_on_exit(bind_uri(f"unix://{path}")):
        assert path.is_socket()
    path.write_text("mine")
    with pytest.raises(OSError, match="exists and is not a socket; choose another path"):
        bind_uri(f"unix://{path}")
    assert path.read_text() == "mine"


def test_of_two_that_start_at_one_path_the_second_is_refused(tmp_path):
    path = tmp_path / "socket"
    with close_on_exit(bind_uri(f"unix://{path}")):  # its models are loaded now
        with pytest.raises(OSError, match="is in use; stop the server on it"):
            bind_uri(f"unix://{path}")
        with socket.socket(socket.AF_UNIX) as caller:
            assert caller.connect_ex(str(path)) == 0
    assert not path.exists()


def test_a_path_that_is_anothers_by_now_is_left_to_it(tmp_path):
    path = tmp_path / "socket"
    with close_on_exit(bind_uri(f"unix://{path}")):
        path.unlink()
        (other,) = bind_uri(f"unix://{path}")
    with other, socket.socket(socket.AF_UNIX) as caller:
        assert caller.connect_ex(str(path)) == 0


def test_a_path_may_be_relative(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in").mkdir()
    for path in ("w.sock", "in/W.sock"):
        with close_on_exit(bind_uri(f"unix://{path}")):
            assert (tmp_path / path).is_socket()
        assert not (tmp_path / path).exists()
    with pytest.raises(OSError, match=r"cannot listen on out/w\.sock: no such file or directory"):
        bind_uri("unix://out/w.sock")


@pytest.mark.parametrize(
    "uri",
    ["stdio://", "127.0.0.1:1", "", "tcp://h", "tcp://:1", "tcp://h:x", "tcp://h:70000", "unix://"],
)
def test_answers_nowhere_else(uri):
    with pytest.raises(ValueError, match="uri must be tcp://HOST:PORT or unix:///PATH, got"):
        bind_uri(uri)


def test_what_was_said_waits_no_more(engine, monkeypatch):
    """Many texts on one connection may be longer together than what may wait at once."""
    monkeypatch.setattr("tts.app.wyoming.server.CHARACTERS", 10)

    async def visit():
        async with visiting(engine) as client:
            for _ in range(3):
                await tell(client, Synthesize(text="One is."))
                events = await listen(client, "audio-stop")
            return events

    assert kinds(asyncio.run(visit())) == SOUND


def test_it_is_ready_once_it_accepts_connections(engine):
    async def answered():
        ready = asyncio.Event()
        with close_on_exit(bind_uri("tcp://127.0.0.1:0")) as sockets:
            task = asyncio.create_task(serve(engine, sockets, ready.set))
            await asyncio.wait_for(ready.wait(), 5)
            async with AsyncTcpClient(*sockets[0].getsockname()) as client:
                await tell(client, Describe())
                events = await asyncio.wait_for(listen(client, "info"), 5)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        return events

    assert kinds(asyncio.run(answered())) == ["info"]
