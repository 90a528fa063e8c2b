"""The routes of the page's player: what is spoken, kept and refused."""

import asyncio
import io
import json
import threading
import time
from base64 import b64decode
from contextlib import contextmanager

import httpx
import numpy as np
import pytest
import soundfile
from gradio_client import Client
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient
from tts.app.demo.handlers import DemoHandlers
from tts.app.demo.html import word_times
from tts.app.demo.limits import DemoLimits
from tts.app.demo.page import serve_page
from tts.app.demo.player.messages import speak_line, speak_text
from tts.app.demo.player.routes import player_routes
from tts.app.demo.player.spectrogram import TALLER
from tts.app.demo.player.take import Take
from tts.app.demo.player.take_store import MOST, TakeStore
from tts.app.demo.request import DemoRequest
from tts.app.network.hosts import Hosts

from tests.app.demo.conftest import LEFT, LONG, TEXT
from tts import Delivery
from tts.audio import pcm16
from tts.serving.engine import Engine
from tts.speech import Speech

pytestmark = pytest.mark.filterwarnings(f"{LEFT}:pytest.PytestUnraisableExceptionWarning")


@pytest.fixture
def takes():
    return TakeStore(600)


@contextmanager
def player(studio):
    """The routes without the page."""
    with TestClient(Starlette(routes=player_routes(studio))) as client:
        yield client


def collect(messages):
    """All messages."""

    async def collected():
        return [message async for message in messages]

    return asyncio.run(collected())


def samples_of(messages):
    """The sound of all pieces."""
    pieces = [
        np.frombuffer(b64decode(each["sound"]), "<i2") for each in messages if "sound" in each
    ]
    return np.concatenate(pieces)


def words_of(messages):
    """The words of all pieces, as the player gets them."""
    return [word for each in messages for word in each.get("words", ())]


def wait_until(condition):
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


@pytest.mark.parametrize(
    ("asked", "delivery"),
    [
        ({"text": TEXT}, Delivery()),
        (
            {"text": "Hi.", "voice": "michael", "steps": 2, "pace": 1.2, "seed": 7, "pauses": 1.5},
            Delivery(voice="michael", steps=2, pace=1.2, seed=7, pauses=1.5),
        ),
        ({"text": TEXT, "best_of": 3}, Delivery(best_of=3)),
        (
            {"text": "A blend.", "voice": "heart", "other": "michael", "share": 30},
            Delivery(voice="heart(7)+michael(3)"),
        ),
    ],
)
def test_streams_what_it_speaks(engine, studio, takes, asked, delivery):
    *messages, end = collect(speak_text(studio, takes, DemoRequest.parse(asked)))
    samples, speech = samples_of(messages), engine.synthesizer.speak(asked["text"], delivery)
    # what is made beside others is within 1e-5 of what is made alone
    np.testing.assert_allclose(samples, pcm16(speech.audio), rtol=0, atol=1)
    np.testing.assert_array_equal(samples, pcm16(takes.get(end["take"]).speech().audio))
    words = words_of(messages)
    assert [tuple(word[:2]) for word in words] == [word.span for word in speech.words]
    assert [word[2] for word in words] == pytest.approx([w.start for w in speech.words], abs=1e-3)


def test_pieces_are_numbered_without_a_gap_and_all_arrive(tiny_synthesizer):
    text = "So they do. " * 6
    with Engine(tiny_synthesizer) as fast, player(DemoHandlers(fast, DemoLimits())) as client:
        lines = client.post("/player/speak", json={"text": text}).text.splitlines()
    *messages, end = map(json.loads, lines)
    pieces = [each["piece"] for each in messages if "sound" in each]
    assert pieces == list(range(end["pieces"]))
    assert len(pieces) >= 6
    made = tiny_synthesizer.speak(text).audio
    np.testing.assert_allclose(samples_of(messages), pcm16(made), rtol=0, atol=4)


def test_sound_comes_before_all_else_and_the_text_once(studio, takes):
    first, second, *rest, end = collect(
        speak_text(studio, takes, DemoRequest.parse({"text": TEXT}))
    )
    assert first["piece"] == 0
    assert "She" in second["sheet"]
    assert not [one for one in rest if "sheet" in one]
    assert {one["utterance"] for one in (first, *rest)} == {0, 1, 2}
    assert "real-time factor" in end["stats"]
    assert "warning" not in end["stats"]


def test_warns_of_what_is_left_out(studio, takes):
    asked = DemoRequest.parse({"text": "He said <i>да</i> to me."})
    *_, end = collect(speak_text(studio, takes, asked))
    assert "Cyrillic letters (д, а) are left out" in end["stats"]


def test_one_sentence_is_made_anew_and_the_rest_is_kept(engine, studio, takes):
    *_, end = collect(speak_text(studio, takes, DemoRequest.parse({"text": TEXT})))
    take, before = takes.get(end["take"]), engine.stats.spoken_seconds
    *messages, changed = collect(speak_line(studio, takes, take, 1))
    made, other = engine.stats.spoken_seconds - before, takes.get(changed["take"])
    assert made == pytest.approx(other.lines[1].seconds)
    assert {each["utterance"] for each in messages} == {1}
    np.testing.assert_array_equal(samples_of(messages), pcm16(other.lines[1].audio))
    for line in (0, 2):
        assert other.lines[line] is take.lines[line]
    assert not np.array_equal(other.lines[1].audio, take.lines[1].audio)
    assert other.delivery == Delivery(other_seeds=((1, 1),))
    whole = engine.synthesizer.speak(TEXT, other.delivery)
    np.testing.assert_allclose(other.speech().audio, whole.audio, rtol=0, atol=2e-5)
    starts = [word.start for word in other.speech().words]
    assert starts == pytest.approx([word.start for word in whole.words])
    *_, third = collect(speak_line(studio, takes, other, 1))
    assert takes.get(third["take"]).delivery.seed_of(1) == 2
    assert takes.get(end["take"]) is take, "the first is still there"


def test_speech_ends_where_it_would_be_too_long(engine, takes):
    short = DemoHandlers(engine, DemoLimits(seconds=3))
    *messages, end = collect(speak_text(short, takes, DemoRequest.parse({"text": LONG[:1000]})))
    assert 3 < len(samples_of(messages)) / 24_000 < 12
    assert engine.stats.running == 0
    assert "Stopped at the limit of 3 s." in end["stats"]


def test_what_was_made_of_a_text_that_was_stopped_is_kept(engine, studio, takes):
    async def begin():
        messages = speak_text(studio, takes, DemoRequest.parse({"text": LONG}))
        seen = [await anext(messages) for _ in range(4)]
        assert engine.stats.running == 1
        await messages.aclose()
        assert engine.stats.running == 0
        return seen

    seen = asyncio.run(begin())
    take = takes.get(seen[0]["take"])
    np.testing.assert_array_equal(samples_of(seen), pcm16(take.speech().audio))
    *_, end = collect(speak_line(studio, takes, take, 0))
    assert takes.get(end["take"]).delivery.seed_of(0) == 1


def test_takes_are_kept_until_there_are_too_many_seconds():
    def take(seconds):
        audio = np.zeros(round(24_000 * seconds), np.float32)
        line = Speech(audio=audio, sample_rate=24_000, phones=(), delivery=Delivery())
        return Take(text="", delivery=Delivery(), lines=(line,))

    takes = TakeStore(10)
    first, second = takes.put(take(4)), takes.put(take(4))
    assert takes.put(take(5), second) == second
    assert takes.get(first).seconds == 4
    third = takes.put(take(5))
    assert [bool(takes.get(name)) for name in (first, second, third)] == [True, False, True]
    assert takes.get(takes.put(take(50))), "the newest is kept, however long"
    assert takes.get(None) is takes.get("no such") is None
    for _ in range(MOST):
        takes.put(take(0.001))
    assert takes.get(third) is None, "short takes keep their texts, too"


@pytest.mark.parametrize(
    ("asked", "field", "sentence"),
    [
        ({"text": " "}, "text", "The text is empty; type some text first."),
        ({"text": "Да"}, "text", "No words to speak in 'Да': Cyrillic letters (Д, а) cannot"),
        ({"text": "a" * 5001}, "text", "The text must be at most 5000 characters long, got 5001;"),
        ({"text": "Wait [pause:long]"}, "text", "[pause:long]"),
        ({"text": 5}, "text", "Text must be text, got 5."),
        ({"text": "Hi.", "pace": 9}, "pace", "Pace must be from 0.25 to 4, got 9."),
        ({"text": "Hi.", "seed": "a"}, "seed", "Seed must be a number, got 'a'."),
        ({"text": "Hi.", "steps": True}, "steps", "Steps must be a number, got True."),
        ({"text": "Hi.", "pitch": 10**400}, "pitch", "Pitch must be a number, got 1000"),
        ({"text": "Hi.", "steps": 33}, "steps", "Steps must be from 1 to 32, got 33."),
        ({"text": "Hi.", "share": -50}, "share", "Share must be from 0 to 100, got -50."),
        ({"text": "Hi.", "share": 1e308}, "share", "Share must be from 0 to 100, got 1e+308."),
        ({"text": "Hi.", "voice": "nobody"}, "voice", "Unknown voice 'nobody'; voices: heart,"),
        ({"text": "Hi.", "voice": ["heart"]}, "voice", "Voice must be the name of a voice."),
        ({"text": "Hi.", "colour": 1}, "text", "Unknown field 'colour'; fields: text, voice,"),
        ({"take": "none", "line": 0}, "text", "This take is no longer kept; press Speak to make"),
        ([], "text", "The body must be an object of JSON."),
    ],
)
def test_refuses_in_a_sentence_at_a_field(studio, asked, field, sentence):
    with player(studio) as client:
        answer = client.post("/player/speak", json=asked)
    assert answer.status_code == 400
    assert answer.json()["field"] == field
    assert sentence in answer.json()["error"]
    assert answer.json()["error"].endswith(".")


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[" * 100_000, b'{"text": "Hi.", "pace": NaN}', b"\xff"]
)
def test_refuses_what_is_no_json(studio, body):
    with player(studio) as client:
        answer = client.post(
            "/player/speak", content=body, headers={"Content-Type": "application/json"}
        )
        assert answer.status_code == 400
        assert answer.json()["error"] == "The body must be an object of JSON."
        plain = client.post("/player/speak", content=b'{"text": "Hi."}')
        assert plain.json()["error"] == "Content-type must be application/json."


def test_tells_when_it_is_busy_or_closed(tiny_synthesizer):
    with (
        Engine(tiny_synthesizer, concurrency=1, waiting=0) as works,
        works.stream(LONG),
        player(DemoHandlers(works, DemoLimits())) as client,
    ):
        busy = client.post("/player/speak", json={"text": TEXT})
    with player(DemoHandlers(works, DemoLimits())) as client:
        closed = client.post("/player/speak", json={"text": TEXT})
    assert [busy.status_code, closed.status_code] == [429, 503]
    assert "The queue is full" in busy.json()["error"]
    assert closed.json() == {"error": "The engine is closed.", "field": None}


def test_a_fault_of_ours_is_logged_and_told_without_details(studio, monkeypatch, caplog):
    def fail(self, *given):
        raise RuntimeError("a secret")

    monkeypatch.setattr(Engine, "stream", fail)
    with player(studio) as client:
        answer = client.post("/player/speak", json={"text": TEXT})
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert "a secret" in caplog.text


def test_an_error_amid_the_speech_is_its_last_message(studio, monkeypatch):
    def fail(*given):
        raise ValueError("it broke")

    monkeypatch.setattr("tts.app.demo.player.messages.sheet", fail)
    with player(studio) as client:
        lines = client.post("/player/speak", json={"text": TEXT}).text.splitlines()
    assert [json.loads(line).get("error") for line in lines] == [None, "It broke."]


def test_programs_get_the_figures_meanwhile_and_the_audio_at_the_end(url, engine):
    client = Client(url, verbose=False)
    job = client.submit(TEXT, "heart", "", 50, 1, 1.0, 0, 0, 1.0, 0, api_name="/speak")
    path, times, stats = job.result(20)
    samples = soundfile.read(path, dtype="int16")[0]
    np.testing.assert_allclose(samples, pcm16(engine.synthesizer.speak(TEXT).audio), rtol=0, atol=1)
    assert len(times.splitlines()) == len(engine.synthesizer.speak(TEXT).words)
    assert "real-time factor" in stats
    assert {path for path, *_ in job.outputs()[:-1]} == {None}


def test_model_stops_when_the_browser_goes_away(engine, url):
    cancelled = engine.stats.cancelled
    with httpx.stream("POST", f"{url}/player/speak", json={"text": LONG}) as answer:
        assert json.loads(next(answer.iter_lines()))["piece"] == 0
    wait_until(lambda: engine.stats.running == 0)
    assert engine.stats.cancelled == cancelled + 1


def test_whoever_goes_before_there_is_sound_leaves_no_seat_taken(tiny_synthesizer, monkeypatch):
    reading, may = threading.Event(), threading.Event()

    def wait(*_):
        reading.set()
        assert may.wait(20)
        return iter(())

    monkeypatch.setattr("tts.synthesis.prepare_utterances", wait)
    with (
        Engine(tiny_synthesizer) as works,
        serve_page(works, Hosts(), 0, DemoLimits()) as blocks,
    ):
        with pytest.raises(httpx.ReadTimeout):
            httpx.post(f"{blocks.local_url}player/speak", json={"text": TEXT}, timeout=0.3)
        assert reading.is_set()
        wait_until(lambda: works.stats.cancelled == 1)
        assert (works.stats.running, works.stats.waiting) == (0, 0)
        may.set()


def test_whoever_does_not_read_leaves_no_seat_taken(engine):
    studio = DemoHandlers(engine, DemoLimits(sending=1))
    app = Starlette(routes=player_routes(studio))
    body = json.dumps({"text": TEXT}).encode()
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/player/speak",
        "query_string": b"",
        "headers": [(b"content-type", b"application/json")],
    }
    requests = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive():
        return requests.pop() if requests else await asyncio.Event().wait()

    async def send(event):
        if event.get("body"):  # as of a connection whose buffers are full
            await asyncio.Event().wait()

    async def visit():
        async with asyncio.timeout(20):
            await app(scope, receive, send)

    cancelled = engine.stats.cancelled + engine.stats.finished
    asyncio.run(visit())
    assert engine.stats.running == 0
    assert engine.stats.cancelled + engine.stats.finished == cancelled + 1


def test_how_a_text_with_half_a_character_is_read_is_shown(studio):
    with player(studio) as client:
        body = json.dumps({"text": "Hello \ud800 there."})
        headers = {"Content-Type": "application/json"}
        lines = client.post("/player/speak", content=body, headers=headers).text
        take = json.loads(lines.splitlines()[-1])["take"]
        assert "Hello" in client.get(f"/player/takes/{take}/reading").text


def test_a_take_is_offered_as_files(studio):
    with player(studio) as client:
        lines = client.post("/player/speak", json={"text": TEXT}).text.splitlines()
        *messages, end = map(json.loads, lines)
        files = {
            name: client.get(f"/player/takes/{end['take']}/{name}")
            for name in ("speech.wav", "speech.mp3", "speech.srt", "spectrogram.png", "reading")
        }
        missing = [client.get(f"/player/takes/{name}").json() for name in ("x/speech.wav", "x/y")]
    samples = samples_of(messages)
    wav, mp3, srt, png, reading = files.values()
    np.testing.assert_array_equal(
        soundfile.read(io.BytesIO(wav.content), dtype="int16")[0], samples
    )
    assert soundfile.info(io.BytesIO(mp3.content)).format == "MP3"
    assert len(soundfile.read(io.BytesIO(mp3.content))[0]) == pytest.approx(len(samples), abs=3000)
    assert "It was cold." in srt.text
    bands = studio.engine.synthesizer.runtime.config.mel.bands
    assert Image.open(io.BytesIO(png.content)).height == TALLER * bands
    assert "Spoken words" in reading.text
    assert wav.headers["content-disposition"] == 'attachment; filename="speech.wav"'
    assert [one["error"] for one in missing] == [
        "This take is no longer kept; press Speak to make it again.",
        "No such file: y.",
    ]


def test_times_of_a_take_are_those_of_the_speech(engine, studio, takes):
    *_, end = collect(speak_text(studio, takes, DemoRequest.parse({"text": TEXT})))
    rows = [line.split() for line in word_times(takes.get(end["take"]).timed()).splitlines()]
    words = engine.synthesizer.speak(TEXT).words
    assert [(int(row[1]), int(row[2])) for row in rows] == [word.span for word in words]
    assert [float(row[3]) for row in rows] == pytest.approx([w.start for w in words], abs=1e-3)


def test_files_that_are_read_keep_nobody_else_waiting(studio, monkeypatch):
    may = threading.Event()
    monkeypatch.setattr("tts.app.demo.player.routes.explain", lambda *_: may.wait(20) and [])
    app = Starlette(routes=player_routes(studio))

    async def go():
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            made = await client.post("/player/speak", json={"text": "Hi."})
            take = json.loads(made.text.splitlines()[-1])["take"]
            panels = [
                asyncio.create_task(client.get(f"/player/takes/{take}/reading")) for _ in range(40)
            ]
            await asyncio.sleep(0)
            assert (await client.get(f"/player/takes/{take}/speech.wav")).status_code == 200
            may.set()
            assert len(await asyncio.gather(*panels)) == 40

    asyncio.run(asyncio.wait_for(go(), 15))


def test_scripts_are_served_and_fetch_nothing_from_elsewhere(studio):
    with player(studio) as client:
        for name in (
            "start.js",
            "player.js",
            "sheet.js",
            "sound.js",
            "speech.js",
            "take.js",
            "waveform.js",
        ):
            script = client.get(f"/player/static/{name}")
            assert "javascript" in script.headers["content-type"]
            assert "://" not in script.text
        assert "registerProcessor" in client.get("/player/static/worklet.js").text
        assert client.get("/player/static/player.html").status_code == 404
