import asyncio
import json
import threading
from base64 import urlsafe_b64encode
from contextlib import asynccontextmanager, contextmanager
from itertools import pairwise
from urllib.parse import urlsplit

import httpx
import numpy as np
import pytest
from fastapi import FastAPI
from tts.app.server.routes.pages import pages_router
from tts.app.server.routes.websocket import websocket_router
from tts.app.server.settings import ServerSettings
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.serving import serving, wait_for
from tts.audio import pcm16
from tts.delivery import Delivery
from tts.serving.engine import Engine
from tts.text.incremental import IncrementalText, TextChunk
from tts.text.pauses import SENTENCE_PAUSE_SECONDS

# uvicorn's own, of the websockets package's older half
pytestmark = [
    pytest.mark.filterwarnings("ignore:websockets.*deprecated:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:remove second argument of ws_handler:DeprecationWarning"),
]
# nobody takes it, and of a silence so long the engine makes no more
HELD = "[pause:60s] One. [pause:60s] Two."
# one part, for its tag is open until its end
LONG = f"[pace:1]{'And so it was that they went on, and nobody told them to stop. ' * 12}[/pace]"


@contextmanager
def door(engine, **settings):
    app, chosen = FastAPI(), ServerSettings(**settings)
    app.include_router(websocket_router(engine, chosen))
    app.include_router(pages_router(engine, chosen))
    with serving(app) as address:
        yield urlsplit(address).netloc


@pytest.fixture
def engine(tiny_synthesizer):
    with Engine(tiny_synthesizer, concurrency=1, waiting=0) as engine:
        yield engine


class Heard:
    """What came, in its order: messages, and sound as numbers."""

    def __init__(self, came):
        self.messages = [message for message in came if isinstance(message, dict)]
        sound = [message for message in came if isinstance(message, bytes)]
        self.audio = np.frombuffer(b"".join(sound), "<i2")
        self.words = [word for one in self.messages for word in one.get("words", ())]
        self.kinds = [next(iter(one)) if isinstance(one, dict) else "sound" for one in came]


async def listen(socket, until=("done", "error")):
    came = []
    async for message in socket:
        came.append(message if isinstance(message, bytes) else json.loads(message))
        if isinstance(came[-1], dict) and came[-1].keys() & set(until):
            break
    return Heard(came)


@asynccontextmanager
async def talk(address, *messages, **options):
    async with connect(f"ws://{address}/v1/audio/stream", **options) as socket:
        await tell(socket, *messages)
        yield socket


async def tell(socket, *messages):
    for message in messages:
        await socket.send(message if isinstance(message, str | bytes) else json.dumps(message))


def hear(address, *messages, **options):
    async def conversation():
        async with talk(address, *messages, **options) as socket:
            return await listen(socket)

    return asyncio.run(conversation())


def test_says_what_the_library_says(engine):
    manner = {"voice": "michael", "steps": 2, "seed": 7, "pace": 1.5, "pitch": 2.0, "energy": 1.0}
    manner |= {
        "temperature": 0.2,
        "prosody_temperature": 1.0,
        "sentence_pause": 1.0,
        "volume": -6.0,
    }
    text = "One came. [pause:100ms] Two went."
    with door(engine) as address:
        heard = hear(address, manner, {"text": text}, {"end": True})
    delivery, parts = Delivery(**manner), (text[:24], text[24:])
    pieces = [piece for part in parts for piece in engine.stream(part, delivery)]
    wanted = np.concatenate([pcm16(piece.audio) for piece in pieces])
    np.testing.assert_array_equal(heard.audio, wanted)
    assert heard.messages[0]["sample_rate"] == 24000
    assert heard.messages[-1] == {"done": True, "seconds": len(wanted) / 24000}


def test_tells_which_candidate_was_kept_before_its_words(engine):
    with door(engine) as address:
        manner = {"best_of": 2, "judge": "ensemble"}
        heard = hear(address, manner, {"text": "One came."}, {"end": True})
    (chosen,) = engine.synthesizer.speak("One came.", Delivery(best_of=2)).choices
    (choice,) = [one["choice"] for one in heard.messages if "choice" in one]
    assert (choice["seed"], choice["seeds"]) == (chosen.seed, list(chosen.seeds))
    assert heard.kinds[:3] == ["start", "choice", "words"]


def test_warns_once_of_what_cannot_be_read_and_goes_on(engine):
    with door(engine) as address:
        heard = hear(address, {"text": "One да came. Two да went.", "end": True})
        silent = hear(address, {"text": "Да.", "end": True})
    (warning,) = [one["warning"] for one in heard.messages if "warning" in one]
    assert warning.startswith("Cyrillic letters (д, а) are left out")
    assert [word["text"] for word in heard.words] == ["One", "came", "Two", "went"]
    assert heard.kinds[-1] == "done"
    assert silent.kinds == ["warning", "told", "done"]


def test_is_silent_between_sentences_by_its_pauses(engine):
    with door(engine) as address:
        once = hear(address, {"text": "One came. Two went.", "end": True})
        twice = hear(address, {"text": "One came. Two went.", "pauses": 2, "end": True})
    for heard, pauses in ((once, 1), (twice, 2)):
        said = sum(
            len(piece.audio) for piece in engine.stream("One came. ", Delivery(pauses=pauses))
        )
        silence = round(pauses * SENTENCE_PAUSE_SECONDS * 24000)
        assert not heard.audio[said : said + silence].any()
        assert heard.audio[said + silence :][:2400].any()


def test_words_come_before_their_sound_with_their_place_in_all_that_was_sent(engine):
    stretches = ("Hello th", "ere. Dr", ". Smith wa", "ves. 12 came")
    with door(engine) as address:
        heard = hear(address, *({"text": one} for one in stretches), {"end": True})
    text = "".join(stretches)
    written = [text[slice(*word["span"])] for word in heard.words]
    assert written == ["Hello", "there", "Dr.", "Smith", "waves", "12", "came"]
    assert [word["text"] for word in heard.words][2] == "Doctor"
    times = [time for word in heard.words for time in (word["start"], word["end"])]
    assert times == sorted(times)
    assert times[-1] <= heard.messages[-1]["seconds"]
    assert heard.kinds[0] == "start"
    told = [message["told"] for message in heard.messages if "told" in message]
    assert told == [text.index("Dr."), text.index("12"), len(text)]
    assert all(after == "sound" for kind, after in pairwise(heard.kinds) if kind == "words")


def test_speaks_a_sentence_once_it_is_over_and_a_flush_says_it_is(engine):
    async def conversation(address):
        async with talk(address, {"text": "Hello there. How "}) as socket:
            first = await listen(socket, until=["words"])
            await tell(socket, {"text": "are you", "flush": True})
            while [word["text"] for word in first.words][-1] != "you":
                first.words += (await listen(socket, until=["words"])).words
            await tell(socket, {"text": " now?", "end": True})
            return first, await listen(socket)

    with door(engine) as address:
        first, last = asyncio.run(conversation(address))
    assert [word["text"] for word in first.words] == ["Hello", "there", "How", "are", "you"]
    assert [word["span"] for word in last.words] == [[25, 28]]


def test_null_means_left_out(engine):
    fields = ("voice", "steps", "seed", "pace", "pitch", "energy", "pauses", "flush", "stop")
    with door(engine) as address:
        heard = hear(address, {**dict.fromkeys(fields), "text": "One.", "end": True})
    assert [word["text"] for word in heard.words] == ["One"]


def test_one_text_comes_after_another(engine):
    async def conversation(address):
        async with talk(
            address, {"text": "One.", "end": True}, {"text": "Two.", "end": True}
        ) as socket:
            return await listen(socket), await listen(socket)

    with door(engine) as address:
        first, second = asyncio.run(conversation(address))
    assert [word["text"] for word in first.words] == ["One"]
    assert second.words[0]["span"] == [0, 3]
    assert second.words[0]["start"] < 1
    assert second.kinds[0] == "start"


def test_stop_stops_the_model_and_another_text_may_begin(engine):
    async def conversation(address):
        async with talk(address, {"text": LONG, "end": True}) as socket:
            await listen(socket, until=["words"])
            await tell(socket, {"stop": True}, {"text": "Two.", "end": True})
            stopped = await listen(socket)
            assert engine.stats.cancelled == 1
            return stopped, await listen(socket)

    with door(engine) as address:
        stopped, after = asyncio.run(conversation(address))
    assert stopped.messages[-1]["stopped"]
    assert [word["text"] for word in after.words] == ["Two"]
    assert engine.stats.running == 0


def test_leaving_stops_the_model(engine):
    async def conversation(address):
        async with talk(address, {"text": LONG, "end": True}) as socket:
            await listen(socket, until=["words"])

    with door(engine) as address:
        asyncio.run(conversation(address))
        wait_for(lambda: engine.stats.cancelled == 1 and engine.stats.running == 0)


def test_leaving_while_one_waits_gives_the_place_away(tiny_synthesizer):
    async def conversation(address, engine):
        async with talk(address, {"text": "Hello.", "end": True}):
            await asyncio.to_thread(wait_for, lambda: engine.stats.waiting == 1)

    with (
        Engine(tiny_synthesizer, concurrency=1, waiting=1) as engine,
        door(engine) as address,
        engine.stream(HELD),
    ):
        asyncio.run(conversation(address, engine))
        wait_for(lambda: engine.stats.cancelled == 1)


def test_nothing_to_say_is_said_in_no_time(engine):
    with door(engine) as address:
        heard = hear(address, {"text": " 😊 "}, {"end": True})
    assert heard.messages == [{"told": 3, "seconds": 0.0}, {"done": True, "seconds": 0.0}]


@pytest.mark.parametrize(
    ("message", "why"),
    [
        ({"text": "[pace:9]Hello.[/pace]", "end": True}, "pace must be from 0.25 to 4, got 9"),
        ({"voice": "nobody"}, "nobody"),
        ({"pace": 9}, "pace must be from 0.25 to 4, got 9"),
        ({"volume": 31}, "volume must be from -60 to 30, got 31"),
        ({"steps": 33}, "steps must be from 1 to 32, got 33"),
        ({"best_of": 9}, "best_of must be from 1 to 8, got 9"),
        ({"best_of": 5, "steps": 8}, "steps times best_of must be at most 32, got 40"),
        ({"judge": "distillmos"}, "judge must be one of ensemble; got 'distillmos'"),
        ({"nonsense": 1}, "unknown field 'nonsense'"),
        ({"x" * 100: 1}, f"unknown field '{'x' * 37}...'"),
        ({"voice": "x" * 100}, f"unknown voice '{'x' * 37}...'"),
        ({"text": 1}, "text must be text, got 1"),
        ("nonsense", "the message must be a JSON object"),
        ("[]", "the message must be a JSON object"),
        (b"nonsense", "the message must be text, a JSON object; got bytes"),
        ({"text": "x" * 101}, "at most 100 characters may wait to be spoken, got 101"),
        ({"text": "x" * 1000}, "a message must be at most 1000 characters long, got "),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence_and_ends_it(engine, message, why):
    async def conversation(address):
        async with talk(address, message) as socket:
            heard = await listen(socket)
            with pytest.raises(ConnectionClosed):
                await socket.recv()
            return heard, socket.close_code

    with door(engine, max_characters=100, max_body_bytes=1000) as address:
        heard, code = asyncio.run(conversation(address))
    assert why in heard.messages[-1]["error"]
    assert code == 1008


def test_only_so_much_may_wait_to_be_said(engine):
    async def conversation(address):
        async with talk(address) as socket:
            for _ in range(3):
                await tell(socket, {"text": "One is. ", "flush": True})
                await listen(socket, until=["told"])

    with door(engine, max_characters=10) as address:
        asyncio.run(conversation(address))
        heard = hear(address, {"text": "One is. "}, {"text": "Two is. "})
    assert "at most 10 characters may wait to be spoken, got 16" in heard.messages[-1]["error"]


def test_is_refused_while_too_many_speak(engine):
    with door(engine) as address, engine.stream(LONG):
        heard = hear(address, {"text": "Hello.", "end": True})
    assert heard.messages[-1]["error"].startswith("the queue is full")
    assert heard.messages[-1]["retry_after"] >= 1


def test_a_closed_engine_is_said_to_be(engine):
    with door(engine) as address:
        engine.close()
        heard = hear(address, {"text": "Hello.", "end": True})
    assert heard.messages[-1]["error"] == "the engine is closed"


@pytest.mark.parametrize("message", [{"text": "Hello. "}, {"text": "Hello", "flush": True}])
def test_what_arrives_is_not_looked_at_on_the_event_loop(engine, monkeypatch, message):
    looking, may, text = threading.Event(), threading.Event(), "Hello. "

    def wait(*_):
        looking.set()
        assert may.wait(20)
        return [TextChunk(text, 0)]

    async def conversation(address):
        async with talk(address, message) as socket, httpx.AsyncClient(timeout=2) as client:
            await asyncio.to_thread(looking.wait, 20)
            assert (await client.get(f"http://{address}/live/live.css")).status_code == 200
            may.set()
            return await listen(socket, until=["told"])

    monkeypatch.setattr(IncrementalText, "flush" if "flush" in message else "feed", wait)
    monkeypatch.setattr(IncrementalText, "feed" if "flush" in message else "flush", lambda *_: [])
    with door(engine) as address:
        assert asyncio.run(conversation(address)).words[0]["text"] == "Hello"


def test_who_says_nothing_is_not_waited_for(engine):
    with door(engine, response_timeout_seconds=0.1) as address:
        assert hear(address).messages == []


def test_who_takes_nothing_is_not_waited_for(engine):
    async def conversation(address):
        message = {"text": "[pause:60s]One. " * 30, "end": True}
        async with talk(address, message, max_queue=1, compression=None) as socket:
            made = None
            while made != (made := engine.stats.spoken_seconds):
                await asyncio.sleep(0.4)
            with pytest.raises(ConnectionClosed):
                await listen(socket)

    with door(engine, response_timeout_seconds=0.2) as address:
        asyncio.run(conversation(address))
    assert engine.stats.running == 0


@pytest.mark.parametrize("origin", ["http://elsewhere.example", "null", "http://127.0.0.1:1"])
def test_pages_from_elsewhere_are_refused(engine, origin):
    with door(engine) as address, pytest.raises(InvalidStatus):
        hear(address, {"end": True}, origin=origin)
    with door(engine, origins=(origin,)) as address:
        assert hear(address, {"end": True}, origin=origin).messages
    with door(engine, origins=("*",)) as address:
        assert hear(address, {"end": True}, origin=origin).messages


def test_pages_of_its_own_are_let_in(engine):
    with door(engine) as address:
        assert hear(address, {"end": True}, origin=f"http://{address}").messages


def protocols(key):
    return ["tts", "key." + urlsafe_b64encode(key.encode()).decode().rstrip("=")]


@pytest.mark.parametrize(
    ("options", "let_in"),
    [
        ({}, False),
        ({"subprotocols": protocols("another")}, False),
        ({"subprotocols": ["tts", "key.!"]}, False),
        ({"subprotocols": protocols("a s/cret?")}, True),
        ({"additional_headers": {"Authorization": "Bearer another"}}, False),
    ],
)
def test_asks_for_the_key(engine, options, let_in):
    with door(engine, key="a s/cret?") as address:
        heard = hear(address, *[{"end": True}] * let_in, **options)
    assert ("done" in heard.messages[-1]) is let_in


def test_takes_the_key_in_a_header(engine):
    with door(engine, key="secret") as address:
        header = {"Authorization": "Bearer secret"}
        heard = hear(address, {"end": True}, additional_headers=header)
    assert heard.messages[-1]["done"]


def test_what_waits_is_counted_in_characters_and_not_in_bytes(engine):
    with door(engine, max_characters=10) as address:
        heard = hear(address, {"text": "Né né né.", "end": True})
    assert heard.messages[-1].get("done"), heard.messages[-1]
