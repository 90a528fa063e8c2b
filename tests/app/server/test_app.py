import asyncio
import io
import json
import logging
import socket
import threading
from base64 import b64decode
from concurrent.futures import ThreadPoolExecutor

import av
import httpx
import pytest
from openai import APIStatusError, AsyncOpenAI, OpenAI
from tts.app.server.app import create_app
from tts.app.server.response import MAX_CHOICES_LENGTH, choice_header
from tts.app.server.routes.speech import OpenAISpeechRequest
from tts.app.server.schemas import MODELS
from tts.app.server.settings import RESPONSE_FORMATS, ServerSettings

from tests.serving import SPEECH, assert_sounds_like, serving, wait_for
from tts.audio import wav_header
from tts.best_of.choice import Choice
from tts.delivery import Delivery
from tts.serving.engine import Engine
from tts.synthesis import Synthesizer
from tts.synthetic_tag import synthetic_comment
from tts.text.options import TextOptions
from tts.text.pronounce.lexicon import Lexicon

TEXT = "Flow maps speak in a single step. The others follow on 3/4/2025."
HEADER = wav_header(24_000, comment=synthetic_comment("heart"))
LONG = "It was a long and winding tale that nobody had asked for. " * 20


@pytest.fixture
def engine(tiny_synthesizer):
    with Engine(tiny_synthesizer, concurrency=4, waiting=1, workers=2) as engine:
        yield engine


@pytest.fixture
def at(engine):
    with serving(create_app(engine, ServerSettings())) as at:
        yield at


@pytest.fixture
def client(at):
    with OpenAI(base_url=f"{at}/v1", api_key="none", max_retries=0) as client:
        yield client


@pytest.fixture
def gate(engine, monkeypatch):
    """What lets a stretch of sound be made each time it is released."""
    permits, make = threading.Semaphore(0), Synthesizer.render

    def wait(self, tasks):
        permits.acquire()
        make(self, tasks)

    monkeypatch.setattr(Synthesizer, "render", wait)
    yield permits
    permits.release(10_000)


def asked(at, **wanted):
    return httpx.post(f"{at}{SPEECH}", json={"response_format": "pcm", **wanted}, timeout=30)


def test_openais_client_hears_what_is_spoken(client, tiny_synthesizer):
    given = client.audio.speech.create(
        model="tts-1", voice="alloy", input=TEXT, response_format="pcm", speed=1.5
    )
    assert_sounds_like(given.content, tiny_synthesizer.speak(TEXT, Delivery(pace=1.5)))
    assert given.response.headers["content-type"] == "audio/pcm"


def test_openais_asynchronous_client_hears_it_while_it_is_made(at, engine, gate, tiny_synthesizer):
    async def listen():
        async with AsyncOpenAI(base_url=f"{at}/v1", api_key="none") as client:
            create = client.audio.speech.with_streaming_response.create
            wanted = {"input": TEXT, "response_format": "pcm", "voice": {"id": "michael"}}
            gate.release()
            async with create(model="gpt-4o-mini-tts", **wanted) as given:
                pieces = given.iter_bytes()
                heard = await anext(pieces)
                assert (engine.stats.running, engine.stats.finished) == (1, 0)
                gate.release(10_000)
                async for piece in pieces:
                    heard += piece
        return heard

    heard = asyncio.run(listen())
    assert engine.stats.finished == 1
    assert_sounds_like(heard, tiny_synthesizer.speak(TEXT, Delivery(voice="michael")))


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        (TEXT, None),
        ("He said да.", r"Cyrillic letters (\u0434, \u0430) are left out; the voices speak"),
        ("Je ne sais pas ce que tu veux.", "the text seems to be French; it is read as English"),
    ],
)
def test_a_header_warns_of_what_cannot_be_read(at, text, warning):
    given = asked(at, input=text)
    assert given.status_code == 200
    assert given.headers.get("tts-warning", "None").startswith(str(warning))


def test_events_hold_the_sound_and_what_was_used(client, tiny_synthesizer):
    create = client.audio.speech.with_streaming_response.create
    wanted = {"input": TEXT, "response_format": "pcm", "stream_format": "sse"}
    with create(model="tts-1", voice="heart", **wanted) as given:
        assert given.headers["content-type"].startswith("text/event-stream")
        lines = [line for line in given.iter_lines() if line]
    names = [line.removeprefix("event: ") for line in lines[::2]]
    *deltas, done = [json.loads(line.removeprefix("data: ")) for line in lines[1::2]]
    assert names == [event["type"] for event in (*deltas, done)]
    assert {event["type"] for event in deltas} == {"speech.audio.delta"}
    assert done["type"] == "speech.audio.done"
    speech = tiny_synthesizer.speak(TEXT)
    assert_sounds_like(b"".join(b64decode(event["audio"]) for event in deltas), speech)
    used = (len(TEXT), len(speech.phones))
    assert tuple(done["usage"].values()) == (*used, sum(used))


@pytest.mark.parametrize(
    ("wanted", "delivery"),
    [
        ({"model": "tts-1-hd"}, Delivery(steps=4)),
        ({"model": "tts-1-hd", "steps": 2}, Delivery(steps=2)),
        ({"voice": "onyx"}, Delivery(voice="michael")),
        ({"voice": "heart(2)+michael(1)"}, Delivery(voice="heart(2)+michael(1)")),
        ({"voice": "af_heart + am_michael(3)"}, Delivery(voice="heart+michael(3)")),
        ({"instructions": "Whisper.", "unknown": 1}, Delivery()),
        ({"seed": 7}, Delivery(seed=7)),
        ({"best_of": 3, "judge": "ensemble"}, Delivery(best_of=3)),
        ({"pitch": 2, "energy": -3}, Delivery(pitch=2, energy=-3)),
        ({"pauses": 2}, Delivery(pauses=2)),
        ({"sentence_pause": 1, "volume": -6}, Delivery(sentence_pause=1, volume=-6)),
        (
            {"temperature": 0, "prosody_temperature": 1},
            Delivery(temperature=0, prosody_temperature=1),
        ),
        ({"day_first": True}, Delivery(reading=TextOptions(day_first=True))),
        (
            {"lexicon": {"maps": "plans"}, "links": "name", "emoji": "say"},
            Delivery(lexicon=Lexicon.of({"maps": "plans"})),
        ),
    ],
    ids=lambda told: "+".join(told) if isinstance(told, dict) else "",
)
def test_whatever_a_delivery_has_can_be_asked_for(at, tiny_synthesizer, wanted, delivery):
    given = asked(at, input=TEXT, **wanted)
    assert given.status_code == 200, given.text
    assert_sounds_like(given.content, tiny_synthesizer.speak(TEXT, delivery))


def test_a_header_tells_which_candidates_were_kept(at, tiny_synthesizer):
    """Those before the first byte: all of them, where the response is not streamed."""
    wanted = {"input": TEXT, "best_of": 3}
    whole = json.loads(asked(at, **wanted, stream=False).headers["tts-choice"])
    speech = tiny_synthesizer.speak(TEXT, Delivery(best_of=3))
    assert [choice["seed"] for choice in whole] == [choice.seed for choice in speech.choices]
    assert [choice["utterance"] for choice in whole] == [0, 1]
    assert whole[0]["why"].startswith(f"candidate {whole[0]['chosen'] + 1} of 3 (seed ")
    assert json.loads(asked(at, **wanted).headers["tts-choice"])[0] == whole[0]
    assert "tts-choice" not in asked(at, input=TEXT).headers


def test_a_header_of_choices_has_the_first_that_fit():
    scores = ({"fit": 0.0}, {"fit": 1.0})
    choices = [
        Choice(utterance=number, judge="ensemble", seeds=(0, 2**63 - 1), scores=scores, chosen=1)
        for number in range(100)
    ]
    written = choice_header(choices)["TTS-Choice"]
    assert 3500 < len(written) <= MAX_CHOICES_LENGTH
    assert [each["utterance"] for each in json.loads(written)] == [*range(written.count('seed"'))]
    assert choice_header([]) == {}


def test_the_last_event_tells_all_choices(at):
    given = asked(at, input=TEXT, best_of=2, stream_format="sse").text
    done = json.loads(given.rpartition("data: ")[2])
    assert [len(choice["scores"]) for choice in done["choices"]] == [2, 2]


def test_a_request_with_candidates_takes_as_many_places(at, engine, gate):
    """Four are made at once, and one may wait."""
    with ThreadPoolExecutor() as pool:
        first = pool.submit(asked, at, input="One.", best_of=3)
        wait_for(lambda: engine.stats.running == 1)
        refused = asked(at, input="Two.", best_of=3)
        second = [pool.submit(asked, at, input="Three.") for _ in range(2)]
        wait_for(lambda: engine.stats.running + engine.stats.waiting == 3)
        gate.release(1000)
        assert refused.status_code == 429
        assert [each.result().status_code for each in (first, *second)] == [200] * 3


def test_null_for_whatever_may_be_left_out_means_that_it_is(at, tiny_synthesizer):
    optional = [name for name, field in OpenAISpeechRequest.model_fields.items() if name != "input"]
    assert len(optional) > 15
    given = asked(at, input=TEXT, **{**dict.fromkeys(optional), "response_format": "pcm"})
    assert given.status_code == 200, given.text
    assert_sounds_like(given.content, tiny_synthesizer.speak(TEXT))
    assert asked(at, input=TEXT, response_format=None).headers["content-type"] == "audio/mpeg"
    captions = {**dict.fromkeys(optional), "input": TEXT}
    given = httpx.post(f"{at}/v1/audio/captions", json=captions, timeout=30)
    assert given.text.startswith("1\n"), given.text
    refused = asked(at, input=None)
    assert refused.json()["error"]["message"] == "input is missing"


@pytest.mark.parametrize("stream", [True, None, False])
def test_a_wav_that_is_not_streamed_tells_how_long_it_is(at, stream, tiny_synthesizer):
    given = asked(at, input=TEXT, response_format="wav", stream=stream).content
    length = len(given) - len(HEADER) if stream is False else None
    assert given[: len(HEADER)] == wav_header(24_000, length, synthetic_comment("heart"))
    assert_sounds_like(given[len(HEADER) :], tiny_synthesizer.speak(TEXT))


@pytest.mark.parametrize("stream_format", ["audio", "sse"])
@pytest.mark.parametrize("name", RESPONSE_FORMATS)
def test_what_is_not_streamed_is_what_is(at, name, stream_format):
    wanted = {"input": TEXT, "response_format": name, "stream_format": stream_format}
    whole, pieces = (sound_in(asked(at, **wanted, stream=stream)) for stream in (False, True))
    if name == "opus":  # which has a number of its own on each page
        assert len(whole) == len(pieces)
    else:
        start = len(HEADER) if name == "wav" else 0
        assert whole[start:] == pieces[start:]


def test_a_stream_names_the_voice_that_speaks(at):
    for voice in ("heart", "heart(2)+michael(1)", "af_heart"):
        for stream in (True, False):
            wanted = {"response_format": "mp3", "stream": stream, "voice": voice}
            with av.open(io.BytesIO(asked(at, input="One.", **wanted).content)) as container:
                comment = container.metadata["comment"]
            assert comment == synthetic_comment(voice.removeprefix("af_"))


def sound_in(given):
    if not given.headers["content-type"].startswith("text/event-stream"):
        return given.content
    lines = [line.removeprefix("data: ") for line in given.text.splitlines()]
    events = [json.loads(line) for line in lines if line.startswith("{")]
    return b"".join(b64decode(event.get("audio", "")) for event in events)


def test_each_of_many_hears_what_one_alone_would(tiny_synthesizer):
    texts = [
        f"This is number {number}. {'And so it goes. ' * (number % 4)}" for number in range(12)
    ]
    with Engine(tiny_synthesizer, concurrency=8, workers=2) as engine:
        with (
            serving(create_app(engine, ServerSettings())) as at,
            ThreadPoolExecutor(len(texts)) as pool,
        ):
            given = list(pool.map(lambda text: asked(at, input=text), texts))
        assert engine.stats.batches < engine.stats.tasks
    for text, one in zip(texts, given, strict=True):
        assert_sounds_like(one.content, tiny_synthesizer.speak(text))


def begin(at, text):
    """A connection on which a request was just sent."""
    body = json.dumps({"input": text, "response_format": "pcm"}).encode()
    host, _, port = at.removeprefix("http://").partition(":")
    connection = socket.create_connection((host, int(port)), timeout=20)
    head = f"POST {SPEECH} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
    connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
    return connection


def test_whoever_goes_away_stops_the_model(at, engine, gate):
    with begin(at, LONG) as connection:
        gate.release()
        assert connection.recv(12) == b"HTTP/1.1 200"
        assert engine.stats.running == 1
    wait_for(lambda: engine.stats.cancelled)
    assert (engine.stats.running, engine.stats.finished) == (0, 0)


def test_whoever_goes_away_before_it_begins_stops_it_too(at, engine, gate):
    connections = [begin(at, LONG) for _ in range(5)]
    wait_for(lambda: engine.stats.waiting == 1)
    for connection in connections:
        connection.close()
    wait_for(lambda: engine.stats.cancelled == len(connections))
    assert (engine.stats.running, engine.stats.waiting) == (0, 0)


def test_where_too_many_ask_one_is_told_when_to_ask_again(client, at, engine, gate):
    connections = [begin(at, LONG) for _ in range(5)]
    wait_for(lambda: engine.stats.waiting == 1)
    with pytest.raises(APIStatusError) as refused:
        client.audio.speech.create(model="tts-1", voice="heart", input="Hello.")
    assert refused.value.status_code == 429
    assert int(refused.value.response.headers["retry-after"]) >= 1
    assert refused.value.type == "rate_limit_error"
    for connection in connections:
        connection.close()


def test_what_does_not_begin_in_time_is_refused(engine, gate):
    with serving(create_app(engine, ServerSettings(response_timeout_seconds=0.1))) as at:
        late = asked(at, input=TEXT)
    assert late.status_code == 504
    assert late.json()["error"]["code"] == "timeout"
    assert engine.stats.cancelled == 1


def test_what_lags_behind_its_own_sound_is_cut_short(engine, gate):
    gate.release()
    with (
        serving(create_app(engine, ServerSettings(response_timeout_seconds=0.1))) as at,
        httpx.stream("POST", f"{at}{SPEECH}", json={"input": LONG}, timeout=20) as given,
    ):
        assert given.status_code == 200
        with pytest.raises(httpx.RemoteProtocolError, match="incomplete"):
            given.read()
    assert engine.stats.cancelled == 1


def test_what_sounds_long_may_take_long(engine, gate, tiny_synthesizer):
    wanted = {"input": TEXT, "response_format": "pcm", "speed": 0.25}
    with serving(create_app(engine, ServerSettings(response_timeout_seconds=0.8))) as at:
        gate.release(3)
        with httpx.stream("POST", f"{at}{SPEECH}", json=wanted, timeout=20) as given:
            pieces = given.iter_raw()
            heard = b""
            while len(heard) < 2 * 1.5 * tiny_synthesizer.sample_rate:  # seconds of the three
                heard += next(pieces)
            threading.Event().wait(1.1)  # longer than the timeout, shorter than with the sound
            gate.release(10_000)
            heard += b"".join(pieces)
    assert_sounds_like(heard, tiny_synthesizer.speak(TEXT, Delivery(pace=0.25)))


def test_nothing_that_is_read_delays_health_and_metrics(at, engine, slow_reading):
    may, begun = slow_reading
    connections = [begin(at, "Slow. " * 100) for _ in range(50)]
    wait_for(lambda: begun and engine.stats.refused == 45)
    for path in ("/health", "/metrics", "/v1/voices", "/live"):
        assert httpx.get(f"{at}{path}", timeout=1).status_code == 200
    assert (engine.stats.running, engine.stats.waiting) == (4, 1)
    for connection in connections:
        connection.close()
    wait_for(lambda: engine.stats.cancelled == 5)
    may.set()
    assert asked(at, input=TEXT).status_code == 200


def test_a_text_that_is_not_read_in_time_is_refused(engine, slow_reading):
    with serving(create_app(engine, ServerSettings(response_timeout_seconds=0.1))) as at:
        late = asked(at, input="Slow.")
    assert (late.status_code, late.json()["error"]["code"]) == (504, "timeout")
    assert engine.stats.cancelled == 1


def test_whoever_goes_away_while_the_text_is_read_gives_the_place_away(at, engine, slow_reading):
    _, begun = slow_reading
    with begin(at, "Slow."):
        wait_for(lambda: begun)
    wait_for(lambda: engine.stats.cancelled == 1)
    assert engine.stats.running == 0
    assert asked(at, input=TEXT).status_code == 200


def test_a_lexicon_is_not_read_on_the_event_loop(engine, monkeypatch):
    may, of = threading.Event(), Lexicon.of
    monkeypatch.setattr(Lexicon, "of", lambda sayings: may.wait(20) and of(sayings))
    wanted = {"input": TEXT, "lexicon": {"maps": "plans"}}
    with (
        serving(create_app(engine, ServerSettings(response_timeout_seconds=0.5))) as at,
        ThreadPoolExecutor(1) as pool,
    ):
        late = pool.submit(asked, at, **wanted)
        assert httpx.get(f"{at}/health", timeout=1).status_code == 200
        assert late.result().status_code == 504
        may.set()
        assert asked(at, **wanted).status_code == 200


def test_what_cannot_be_read_to_its_end_is_cut_short(at, engine, monkeypatch, caplog):
    lines = Synthesizer.lines

    def fail(self, text, delivery):
        yield next(lines(self, text, delivery))
        raise ValueError("a line that is too long")

    monkeypatch.setattr(Synthesizer, "lines", fail)
    with httpx.stream("POST", f"{at}{SPEECH}", json={"input": TEXT}, timeout=20) as given:
        assert given.status_code == 200
        with pytest.raises(httpx.RemoteProtocolError, match="incomplete"):
            given.read()
    assert engine.stats.invalid == 1
    assert not [record for record in caplog.records if record.exc_info]


def test_a_failure_is_told_without_its_details(at, monkeypatch):
    def fail(self, tasks):
        raise RuntimeError("a secret")

    monkeypatch.setattr(Synthesizer, "render", fail)
    failed = asked(at, input=TEXT)
    assert failed.status_code == 500
    assert failed.json()["error"]["type"] == "server_error"
    assert "secret" not in failed.text
    assert "Traceback" not in failed.text


def test_an_engine_that_was_closed_is_not_well(at, engine):
    assert httpx.get(f"{at}/health").json() == {"status": "ok"}
    engine.close()
    assert httpx.get(f"{at}/health").status_code == 503
    assert asked(at, input=TEXT).status_code == 503


def test_models_and_voices_are_listed(client, at, engine):
    assert [model.id for model in client.models.list()] == list(MODELS)
    assert client.models.retrieve("tts-1-hd").steps == 4
    webui = httpx.get(f"{at}/v1/audio/models").json()["models"]
    assert [model["id"] for model in webui] == list(MODELS)
    listed = httpx.get(f"{at}/v1/voices").json()
    assert [voice["id"] for voice in listed["voices"]] == list(engine.synthesizer.voices)
    assert listed["aliases"]["alloy"] == "heart"
    assert httpx.get(f"{at}/v1/audio/voices").json() == listed
    assert httpx.head(at).status_code == 200
    landed = httpx.get(at).json()
    assert SPEECH in landed["routes"]
    assert httpx.get(f"{at}{landed['page']}").status_code == 200


def test_each_request_is_a_line_in_the_log_without_its_text(at, caplog):
    with caplog.at_level(logging.INFO, logger="tts"):
        assert asked(at, input="Xylophones sing.", voice="onyx").status_code == 200
        assert asked(at, input="!", voice="heart").status_code == 400
        assert asked(at, input="Hi.", voice="nobody").status_code == 400
        assert httpx.get(f"{at}/no%0Awhere%20status=200").status_code == 404
        assert httpx.get(f"{at}/health").status_code == 200
        wait_for(lambda: len(caplog.records) == 4)
    assert "ylophones" not in caplog.text
    spoken, unread, unknown, nowhere = (record.fields for record in caplog.records)
    assert (spoken["status"], spoken["voice"], spoken["characters"]) == (200, "michael", 16)
    assert spoken["client"] == "127.0.0.1"
    assert 0 < spoken["first_sound_seconds"] <= spoken["seconds"]
    assert spoken["sound_seconds"] > 0.1
    assert unread | {"seconds": 0} == {
        "status": 400,
        "voice": "heart",
        "characters": 1,
        "sound_seconds": 0,
        "seconds": 0,
        "client": "127.0.0.1",
    }
    assert set(unknown) == set(nowhere) == {"status", "seconds", "client"}
    assert [record.getMessage() for record in caplog.records] == [
        *[f"POST {SPEECH}"] * 3,
        "GET /no%0Awhere%20status%3D200",
    ]


def test_figures_tell_what_was_done(at):
    assert asked(at, input=TEXT).status_code == 200
    assert asked(at, input="").status_code == 400
    figures = httpx.get(f"{at}/metrics").text.splitlines()
    for line in (
        f'tts_requests_total{{route="{SPEECH}",status="200"}} 1.0',
        f'tts_requests_total{{route="{SPEECH}",status="400"}} 1.0',
        'tts_replies_total{end="finished"} 1.0',
        'tts_replies_total{end="invalid"} 1.0',
        "tts_running 0.0",
        "tts_waiting 0.0",
    ):
        assert line in figures
    told = dict(line.rsplit(" ", 1) for line in figures if not line.startswith("#"))
    assert float(told["tts_spoken_seconds_total"]) > 1
    first = float(told[f'tts_first_byte_seconds_sum{{route="{SPEECH}"}}'])
    assert 0 < first < float(told[f'tts_request_seconds_sum{{route="{SPEECH}"}}'])
