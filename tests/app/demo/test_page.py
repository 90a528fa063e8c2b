"""The web demo as programs see it: its protocol, its client, its files and its refusals."""

import asyncio
import json
import re
import socket
import threading
import time
import uuid
from contextlib import ExitStack
from unittest.mock import AsyncMock

import gradio as gr
import httpx
import numpy as np
import pytest
from gradio_client import Client
from tts.app.demo.handlers import DemoHandlers
from tts.app.demo.html import readings, sheet
from tts.app.demo.limits import DemoLimits
from tts.app.demo.page import serve_page
from tts.app.demo.player.spectrogram import STRETCH, TALLER, WIDEST, picture, stretches
from tts.app.demo.player.take import Take
from tts.app.demo.request import DemoRequest, blend
from tts.app.network.hosts import Hosts

from tests.app.demo.conftest import LEFT, LONG, TEXT
from tts import Delivery
from tts.audio import pcm16
from tts.cli.explain import explain
from tts.serving.engine import Engine
from tts.speech import Speech
from tts.text.options import TextOptions
from tts.vocoder.spectrogram import log_mel_spectrogram

pytestmark = [
    pytest.mark.filterwarnings(f"{LEFT}:pytest.PytestUnraisableExceptionWarning"),
    # its figures of calls that failed are made by what pandas no longer likes
    pytest.mark.filterwarnings("ignore:'future.no_silent_downcasting' is deprecated"),
    pytest.mark.filterwarnings("ignore:The copy keyword is deprecated"),
]

USUAL = ("heart", "", 50, 1, 1.0, 0, 0, 1.0, 0, 1)
DELIVERY = Delivery()


def collect(shown):
    """All that a handler shows."""

    async def collected():
        return [one async for one in shown]

    return asyncio.run(collected())


def test_one_step_and_many_start_from_the_same_noise(engine, studio):
    *_, (one, told, many, told_of_many) = collect(studio.compare(4, "Hello.", *USUAL))
    for (_, samples), steps in ((one, 1), (many, 4)):
        speech = engine.synthesizer.speak("Hello.", Delivery(steps=steps))
        np.testing.assert_allclose(samples, pcm16(speech.audio), rtol=0, atol=1)
    assert "One step" in told
    assert "4 steps" in told_of_many


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "The text is empty; type some text first."),
        (None, "The text is empty; type some text first."),
        ("...", "No words to speak in '...'."),
        ("Да", "No words to speak in 'Да': Cyrillic letters (Д, а) cannot be read"),
        ("a" * 5001, "The text must be at most 5000 characters long, got 5001; speak it in parts."),
        ("Wait [pause:long]", "pause"),
    ],
)
def test_refuses_in_a_sentence(studio, text, sentence):
    with pytest.raises(gr.Error, match=re.escape(sentence)) as refusal:
        collect(studio.speak(text, *USUAL))
    assert refusal.value.message[0].isupper()
    assert refusal.value.message.endswith(".")
    assert not refusal.value.print_exception


def test_what_is_refused_is_text_and_no_markup(studio):
    with pytest.raises(gr.Error) as refusal:
        collect(studio.speak("Wait [pause:<img src=x>]", *USUAL))
    assert "&lt;img src=x&gt;" in refusal.value.message
    assert "<" not in refusal.value.message


def test_a_closed_engine_is_told_in_a_sentence(tiny_synthesizer):
    with Engine(tiny_synthesizer) as works:
        pass
    with pytest.raises(gr.Error, match="The engine is closed"):
        collect(DemoHandlers(works, DemoLimits()).speak(TEXT, *USUAL))


def test_refuses_when_too_many_wait(synthesizer):
    refused = pytest.raises(gr.Error, match="The queue is full")
    with Engine(synthesizer, concurrency=1, waiting=0) as busy, busy.stream(LONG), refused:
        collect(DemoHandlers(busy, DemoLimits()).speak(TEXT, *USUAL))


def test_nothing_compared_is_longer_than_what_may_be_spoken(engine):
    short = DemoHandlers(engine, DemoLimits(seconds=3))
    shown = collect(short.compare(2, "Hm. [pause:2s] " * 20, *USUAL))
    for (rate, samples), told in zip(shown[-1][::2], shown[-1][1::2], strict=True):
        assert 3 < len(samples) / rate < 12
        assert "Stopped at the limit of 3 s." in told
    assert shown[0][2:] == (None, ""), "what was compared before is gone"
    assert engine.stats.running == 0


def test_whoever_goes_while_the_text_is_read_leaves_no_seat_taken(tiny_synthesizer, monkeypatch):
    reading, may = threading.Event(), threading.Event()

    def wait(*_):
        reading.set()
        assert may.wait(20)
        return iter(())

    async def go(works):
        shown = DemoHandlers(works, DemoLimits()).speak(LONG, *USUAL)
        asked = asyncio.ensure_future(anext(shown))
        await asyncio.to_thread(reading.wait, 10)
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
        assert (works.stats.cancelled, works.stats.running, works.stats.waiting) == (1, 0, 0)

    monkeypatch.setattr("tts.synthesis.prepare_utterances", wait)
    with Engine(tiny_synthesizer) as works:
        asyncio.run(asyncio.wait_for(go(works), 10))
        may.set()


def test_a_handler_that_is_closed_leaves_no_seat_taken(engine, studio):
    async def go():
        shown = studio.speak(LONG, *USUAL)
        for _ in range(3):
            await anext(shown)
        assert engine.stats.running == 1
        await shown.aclose()
        assert engine.stats.running == 0

    asyncio.run(go())


class Visitor:
    """A page without a browser: what its script asks for."""

    def __init__(self, url):
        self.http = httpx.Client(base_url=url, timeout=30)
        config = self.http.get("/config").json()
        self.functions = {each["api_name"]: each["id"] for each in config["dependencies"]}
        self.config, self.session, self.seen = config, uuid.uuid4().hex[:10], []

    def ask(self, name, *data):
        body = {"data": data, "fn_index": self.functions[name], "session_hash": self.session}
        return self.http.post("/gradio_api/queue/join", json=body)

    def events(self):
        params = {"session_hash": self.session}
        with self.http.stream("GET", "/gradio_api/queue/data", params=params) as answer:
            for line in answer.iter_lines():
                if line.startswith("data: "):
                    self.seen.append(json.loads(line.removeprefix("data: ")))
                    yield self.seen[-1]


def test_page_brings_nothing_from_elsewhere_and_tells_nobody(url):
    visitor = Visitor(url)
    assert visitor.config["analytics_enabled"] is False
    assert url.startswith("http://127.0.0.1:")
    page = visitor.http.get("/").text
    fetched = re.findall(r"""(?:src|href)=["'](https?:[^"']+)""", page)
    assert [one for one in fetched if not one.startswith(url)] == []


def wait_until(condition):
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


def test_stop_stops_the_model(engine, url):
    cancelled = engine.stats.cancelled
    client = Client(url, verbose=False)
    job = client.submit(LONG, *USUAL, api_name="/speak")
    wait_until(lambda: len(job.outputs()) > 2)
    assert engine.stats.running == 1
    job.cancel()
    wait_until(lambda: engine.stats.running == 0)
    assert engine.stats.cancelled == cancelled + 1


def test_a_refusal_is_told_over_the_wire(url):
    visitor = Visitor(url)
    visitor.ask("speak", "a" * 5001, *USUAL)
    ends = [event for event in visitor.events() if event["msg"] == "process_completed"]
    assert ends[0]["success"] is False
    assert "at most 5000 characters long" in ends[0]["output"]["error"]


def test_a_page_that_rebinds_its_name_is_refused(url):
    for path in ("/", "/config", "/gradio_api/info"):
        refused = httpx.get(f"{url}{path}", headers={"Host": "evil.example"})
        assert refused.status_code == 421
        assert "unknown host 'evil.example'" in refused.text
    assert httpx.get(f"{url}/config", headers={"Host": "localhost"}).status_code == 200


def test_a_page_of_another_site_is_refused(url):
    # Gradio itself allows every origin where the host is not localhost
    host = "127.0.0.5:7860"
    for origin, status in (("https://evil.example", 403), ("null", 403), (f"http://{host}", 200)):
        headers = {"Host": host, "Origin": origin}
        assert httpx.get(f"{url}/config", headers=headers).status_code == status


def call(url, body, name="queue/join"):
    """The answer to a call, or else the sentence that it ends with."""
    session = uuid.uuid4().hex
    asked = httpx.post(f"{url}/gradio_api/{name}", json={"session_hash": session, **body})
    if asked.status_code != 200:
        return asked.json()["detail"]
    with httpx.stream(
        "GET", f"{url}/gradio_api/queue/data", params={"session_hash": session}, timeout=20
    ) as events:
        for line in events.iter_lines():
            if "process_completed" in line:
                return json.loads(line.removeprefix("data: "))["output"]["error"]
    raise AssertionError("it never ends")


VALUES = "The values do not fit this function"
NAMES = "Unknown function or wrong values"
NUMBERS = [50, 1, 1, 0, 0, 1, 0, 1]


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (("speak", []), VALUES),
        (("speak", [None] * 11), VALUES),
        (("speak", ["a"] * 11), VALUES),
        (("speak", [{}] * 13), VALUES),
        (("speak", ["Hi.", "nobody", "", *NUMBERS]), "Unknown voice 'nobody'; voices: heart, "),
        (("speak", ["Hi.", ["heart"], "", *NUMBERS]), "Voice must be the name of a voice."),
        (("compare", [[]] * 12), VALUES),
        (("open", [None]), "No file is chosen."),
        (("open", [{"path": "/etc/passwd"}]), VALUES),
        (("choose", [None, None]), "There is no such chapter; choose a file first."),
        (("choose", [None, [[]]]), "There is no such chapter; choose a file first."),
        (("js_fn", [None]), VALUES),
        ((None, []), NAMES),
    ],
)
def test_a_wrong_call_is_a_sentence_and_a_line(url, asked, sentence, capfd, caplog):
    function, data = asked
    numbers = {
        one["api_name"]: one["id"] for one in httpx.get(f"{url}/config").json()["dependencies"]
    }
    body = {"data": data, "fn_index": numbers.get(function, 999)}
    assert call(url, body).startswith(sentence)
    assert "Traceback" not in "".join(capfd.readouterr())
    told = [one for one in caplog.records if one.name == "tts.app.demo.call_errors"]
    assert len(told) == (sentence in (VALUES, NAMES))
    assert not [one for one in told if one.exc_info]


@pytest.mark.parametrize("name", ["call/nobody", "call/v2/nobody", "call/v2/speak", "run/nobody"])
def test_a_function_that_is_unknown_is_told(url, name, capfd, caplog):
    assert call(url, {"data": []}, name).startswith(NAMES)
    assert "Traceback" not in "".join(capfd.readouterr())
    assert [one.name for one in caplog.records if one.levelname == "WARNING"] == [
        "tts.app.demo.call_errors"
    ]


def test_a_fault_of_ours_is_still_told_in_full(url, capfd, monkeypatch):
    def fail(self, *given):
        raise RuntimeError("a fault")

    monkeypatch.setattr(Engine, "stream", fail)
    functions = httpx.get(f"{url}/config").json()["dependencies"]
    (speak,) = [one["id"] for one in functions if one["api_name"] == "speak"]
    assert call(url, {"data": [TEXT, "heart", "", *NUMBERS], "fn_index": speak}) is None
    assert "RuntimeError: a fault" in capfd.readouterr().err


def test_a_request_has_to_come_in_time_here_too(engine):
    with serve_page(engine, Hosts(), 0, DemoLimits(arrival=1)) as blocks:
        port = int(blocks.local_url.rstrip("/").rpartition(":")[2])
        assert port not in range(7860, 7960), "0 is any free port, not one that Gradio prefers"
        with socket.create_connection(("127.0.0.1", port), timeout=20) as slow:
            slow.sendall(b"GET / HT")
            assert slow.recv(100).startswith(b"HTTP/1.1 408 ")


def test_no_path_from_a_visitor_reaches_the_disk(url, tmp_path, monkeypatch):
    fetched = AsyncMock(side_effect=ValueError)
    monkeypatch.setattr("gradio.processing_utils.async_ssrf_protected_download", fetched)
    (tmp_path / "secret.txt").write_text("Nobody is to read this.")
    visitor = Visitor(url)
    upload = next(
        each["id"]
        for each in visitor.config["dependencies"]
        if any(event == "upload" for _, event in each["targets"])
    )
    visitor.functions["open"] = upload
    address = "http://example.invalid/a.txt"
    for path in (str(tmp_path / "secret.txt"), "../README.md", __file__, address):
        file = {"path": path, "meta": {"_type": "gradio.FileData"}}
        visitor.ask("open", file)
        ends = [event for event in visitor.events() if event["msg"] == "process_completed"]
        assert ends[0]["success"] is False
        assert "Nobody" not in str(ends)
    assert not fetched.called


def test_picture_is_bright_where_there_is_sound(engine):
    config = engine.synthesizer.runtime.config.mel
    rate = config.sample_rate
    tone = 0.3 * np.sin(2 * np.pi * 440 * np.arange(rate) / rate).astype(np.float32)
    drawn = picture(np.concatenate([tone, 0 * tone]), config)
    assert drawn.shape == (TALLER * config.bands, 2 * rate // config.hop, 3)
    half = drawn.shape[1] // 2
    assert drawn[:, :half].mean() > 2 * drawn[:, half + 4 :].mean()
    rows = drawn[:, half // 2].sum(axis=1, dtype=int)
    assert rows.argmax() > drawn.shape[0] // 2, "low pitch is below"
    assert picture(np.tile(tone, 40), config).shape[1] <= WIDEST
    glide = np.sin(np.linspace(0, 60, 3 * STRETCH * config.hop // 2) ** 2).astype(np.float32)
    whole = log_mel_spectrogram(glide, config).T
    in_stretches = np.concatenate(list(stretches(glide, config)), axis=1)
    np.testing.assert_allclose(in_stretches, whole, atol=1e-4)
    assert picture(tone[:10], config).shape[0] == TALLER * config.bands


def test_sheet_shows_the_text_without_its_markup():
    text = "Say <b>&</b> [pitch:+2]this[/pitch]  one."
    shown = sheet(text)
    assert "<b>" not in shown
    assert "&lt;b&gt;&amp;&lt;/b&gt;" in shown
    assert "pitch" not in shown
    places = re.findall(r'data-from="(\d+)" data-to="(\d+)">([^<]*)<', shown)
    assert tuple(word for *_, word in places)[-2:] == ("this", "one.")
    assert text[int(places[-1][0]) : int(places[-1][1])] == "one."


def test_readings_mark_what_changed():
    shown = readings(explain("It cost $5 <today>.", TextOptions()))
    assert '<mark title="$5">five dollars</mark>' in shown
    assert "say money" in shown
    assert "<today>" not in shown
    assert "<span>fˈaɪv</span> <span>dˈɑləɹz</span>" in shown, "IPA, whole words"
    assert "read as it is written" in readings(explain("Hello.", TextOptions()))


@pytest.mark.parametrize(
    ("other", "share", "voice"),
    [("", 50, "heart"), ("heart", 50, "heart"), (None, 50, "heart"), ("michael", 0, "heart")],
)
def test_a_blend_takes_two(other, share, voice):
    assert blend("heart", other, share) == voice
    assert blend("heart", "michael", 30) == "heart(0.70)+michael(0.30)"


def test_which_candidates_were_kept_is_told_below_the_figures(studio):
    *_, (made, _, told) = collect(studio.speak("One sentence.", *USUAL[:-1], 3))
    assert made
    assert re.search(r"<p class='told choice'>Sentence 1: candidate [123] of 3 \(seed ", told)
    *_, (_, _, told) = collect(studio.speak("One came. Two went.", *USUAL[:-1], 2))
    assert re.search(r"<summary>Of 2 sentences, [012] kept another candidate than the first", told)
    assert told.count("<li>Sentence ") == 2
    assert "choice" not in collect(studio.speak("One sentence.", *USUAL))[-1][-1]


@pytest.mark.parametrize(
    ("steps", "best_of", "sentence"),
    [
        (1, 9, "Best_of must be from 1 to 8, got 9."),
        (33, 1, "Steps must be from 1 to 32, got 33."),
        (5, 8, "Steps times best_of must be at most 32, got 40."),
    ],
)
def test_the_work_of_a_request_is_limited(studio, steps, best_of, sentence):
    fields = ("heart", "", 50, steps, *USUAL[4:-1], best_of)
    with pytest.raises(gr.Error, match=re.escape(sentence)):
        collect(studio.speak("Hello.", *fields))


def test_takes_are_put_together_again(engine):
    pieces = list(engine.stream(TEXT))
    take = Take.of(TEXT, DELIVERY, pieces)
    np.testing.assert_array_equal(take.speech().audio, Speech.join(pieces).audio)
    starts = [word.start for word in Speech.join(pieces).words]
    assert [word.start for word in take.times().words] == pytest.approx(starts)


def test_limits_are_more_than_nothing():
    for name in ("characters", "seconds", "file_bytes", "visitors", "waiting"):
        with pytest.raises(ValueError, match=f"{name} must be at least 1, got 0"):
            DemoLimits(**{name: 0})


def test_fields_come_in_their_order():
    wanted = DemoRequest.of("Hi.", "heart", "michael", 25, 2, 1.5, -1, 3, 2, 9, 4)
    assert wanted.delivery == Delivery(
        voice="heart(0.75)+michael(0.25)",
        steps=2,
        pace=1.5,
        pitch=-1,
        energy=3,
        pauses=2,
        seed=9,
        best_of=4,
    )


def test_a_port_that_is_taken_while_models_load_is_told(tiny_synthesizer):
    with Engine(tiny_synthesizer) as engine, socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        sentence = f"port {port} of 127.0.0.1 is in use; stop the server on it, or choose"
        with (
            pytest.raises(OSError, match=re.escape(sentence)),
            serve_page(engine, Hosts(), port, DemoLimits()),
        ):
            pass


def test_answers_without_an_end_leave_room_for_the_page(engine):
    with serve_page(engine, Hosts(), 0, DemoLimits(connections=6)) as blocks, ExitStack() as stack:
        url = blocks.local_url.rstrip("/")
        asks = [f"heartbeat/{number}" for number in range(8)]
        asks += [f"upload_progress?upload_id={number}" for number in range(2)]
        statuses = []
        for each in asks:
            client = stack.enter_context(httpx.Client())
            answer = client.stream("GET", f"{url}/gradio_api/{each}", timeout=20)
            statuses.append(stack.enter_context(answer).status_code)
        assert statuses == [200] * 3 + [503] * 7
        assert httpx.get(f"{url}/config").status_code == 200
