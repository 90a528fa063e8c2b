"""The web demo as programs see it: its protocol, its client, its files and its refusals."""

import asyncio
import gc
import io
import json
import re
import socket
import threading
import time
import uuid
from contextlib import ExitStack
from pathlib import Path

import av
import gradio as gr
import httpx
import numpy as np
import pytest
import soundfile
from gradio_client import Client
from tts.app.demo.files import read_document, save
from tts.app.demo.handlers import DemoHandlers, DemoRequest, blend
from tts.app.demo.html import readings, sheet, word_times
from tts.app.demo.limits import DemoLimits
from tts.app.demo.page import serve_page
from tts.app.demo.spectrogram import STRETCH, TALLER, WIDEST, picture, stretches
from tts.app.demo.take import Take
from tts.app.network.hosts import Hosts

from tests.tts.text.files.test_epub import book
from tts import Delivery
from tts.audio import pcm16
from tts.cli.explain import explain
from tts.serving.engine import Engine
from tts.speech import Speech
from tts.text.files.epub.read import read_epub
from tts.text.options import TextOptions
from tts.vocoder.spectrogram import log_mel_spectrogram

# Gradio leaves loops and the pipes that wake them to the garbage
LEFT = r"ignore:Exception ignored in. <(socket|function BaseEventLoop)"
pytestmark = [
    pytest.mark.filterwarnings(f"{LEFT}:pytest.PytestUnraisableExceptionWarning"),
    # its figures of calls that failed are made by what pandas no longer likes
    pytest.mark.filterwarnings("ignore:'future.no_silent_downcasting' is deprecated"),
    pytest.mark.filterwarnings("ignore:The copy keyword is deprecated"),
]

TEXT = "It was cold. Was it late, or was it early? She had stopped asking."
LONG = "Nobody on the stairs looked up, and the clocks were striking thirteen. " * 60
USUAL = ("heart", "", 50, 1, 1.0, 0, 0, 1.0, 0)
DELIVERY = Delivery()


@pytest.fixture(scope="module")
def engine(synthesizer):
    with Engine(synthesizer, workers=1) as works:
        yield works


@pytest.fixture(scope="module")
def url(engine):
    with serve_page(engine, Hosts(), 0, DemoLimits(characters=5000)) as blocks:
        yield blocks.local_url.rstrip("/")
    gc.collect()


@pytest.fixture
def studio(engine):
    return DemoHandlers(engine, DemoLimits(characters=5000))


def collect(shown):
    """All that a handler shows."""

    async def collected():
        return [one async for one in shown]

    return asyncio.run(collected())


def chosen(line):
    """A click on a sentence."""
    return gr.EventData(None, {"line": line})


def spoken(studio, text=TEXT, *fields):
    """The sound, the times and the take that speaking shows."""
    shown = collect(studio.speak(text, *(fields or USUAL)))
    samples = np.concatenate([one[0][1] for one in shown if one[0]])
    times = [one[2] for one in shown if isinstance(one[2], str)][-1]
    return samples, times, shown[-1][4]


def test_warns_below_the_player_of_what_is_left_out(studio):
    shown = collect(studio.speak("He said <i>да</i> to me.", *USUAL))
    stats = [one[3] for one in shown if isinstance(one[3], str)][-1]
    assert "Cyrillic letters (д, а) are left out" in stats
    assert "warning" not in [one[3] for one in collect(studio.speak(TEXT, *USUAL))][-2]


@pytest.mark.parametrize(
    ("text", "fields", "delivery"),
    [
        (TEXT, USUAL, DELIVERY),
        ("Hi.", ("michael", "", 50, 2, 1.2, 1, 2, 1.5, 7), None),
        ("A blend.", ("heart", "michael", 30, *USUAL[3:]), Delivery(voice="heart(7)+michael(3)")),
    ],
)
def test_streams_what_it_speaks(engine, studio, text, fields, delivery):
    delivery = delivery or Delivery(
        voice="michael", steps=2, pace=1.2, pitch=1, energy=2, pauses=1.5, seed=7
    )
    samples, _, take = spoken(studio, text, *fields)
    speech = engine.synthesizer.speak(text, delivery)
    # what is made beside others is within 1e-5 of what is made alone
    np.testing.assert_allclose(samples, pcm16(speech.audio), rtol=0, atol=1)
    np.testing.assert_array_equal(samples, pcm16(take.speech().audio))


def test_times_are_those_of_the_speech(engine, studio):
    _, times, take = spoken(studio)
    words = engine.synthesizer.speak(TEXT).words
    rows = [line.split() for line in times.splitlines()]
    assert [(int(row[1]), int(row[2])) for row in rows] == [word.span for word in words]
    assert [float(row[3]) for row in rows] == pytest.approx([w.start for w in words], abs=1e-3)
    assert word_times(take.timed()) == times
    assert sorted({int(row[0]) for row in rows}) == [0, 1, 2]


def test_one_sentence_is_made_anew_and_the_rest_is_kept(engine, studio):
    _, _, take = spoken(studio)
    before = engine.stats.spoken_seconds
    shown = collect(studio.again(take, chosen(1)))
    made = engine.stats.spoken_seconds - before
    other = shown[-1][4]
    assert made == pytest.approx(other.lines[1].seconds)
    for line in (0, 2):
        assert other.lines[line] is take.lines[line]
    assert not np.array_equal(other.lines[1].audio, take.lines[1].audio)
    assert other.delivery == Delivery(other_seeds=((1, 1),))
    whole = engine.synthesizer.speak(TEXT, other.delivery)
    np.testing.assert_allclose(other.speech().audio, whole.audio, rtol=0, atol=2e-5)
    assert [w.start for w in other.speech().words] == pytest.approx([w.start for w in whole.words])
    third = collect(studio.again(other, chosen(1)))[-1][4]
    assert third.delivery.seed_of(1) == 2


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
        ("", "No words to speak in"),
        (None, "No words to speak in"),
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


def test_another_take_needs_a_sentence_that_was_spoken(studio):
    for take, line in ((None, 0), (Take.of(TEXT, DELIVERY, []), 5)):
        with pytest.raises(gr.Error, match="press Speak first"):
            collect(studio.again(take, chosen(line)))


def test_speech_ends_where_it_would_be_too_long(engine):
    short = DemoHandlers(engine, DemoLimits(seconds=3))
    shown = collect(short.speak(LONG[:1000], *USUAL))
    samples = np.concatenate([one[0][1] for one in shown if one[0]])
    assert 3 < len(samples) / 24_000 < 12
    assert engine.stats.running == 0
    told = [one[3] for one in shown if isinstance(one[3], str)]
    assert "Stopped at the limit of 3 s." in told[-1]
    assert "Stopped" not in told[0]


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


def test_panels_and_files_that_are_read_keep_nobody_else_waiting(studio, monkeypatch, tmp_path):
    path, may = tmp_path / "tale.txt", threading.Event()
    path.write_text("One.", encoding="utf-8")
    monkeypatch.setattr("tts.app.demo.handlers.explain", lambda *_: may.wait(20) and [])
    take = Take.of(TEXT, DELIVERY, studio.engine.stream(TEXT))

    async def go():
        panels = [asyncio.create_task(studio.read(take)) for _ in range(40)]
        opened = asyncio.create_task(studio.open(str(path)))
        await asyncio.sleep(0)
        assert [files async for files in studio.keep(take)]
        may.set()
        assert len(await asyncio.gather(*panels)) == 40
        assert (await opened)[2] == "One."

    asyncio.run(asyncio.wait_for(go(), 15))


def test_a_handler_that_is_closed_leaves_no_seat_taken(engine, studio):
    async def go():
        shown = studio.speak(LONG, *USUAL)
        for _ in range(3):
            await anext(shown)
        assert engine.stats.running == 1
        await shown.aclose()
        assert engine.stats.running == 0

    asyncio.run(go())


def test_a_sentence_of_a_text_that_was_stopped_can_be_said_another_way(studio):
    async def go():
        shown = studio.speak(LONG, *USUAL)
        seen = [await anext(shown) for _ in range(4)]
        await shown.aclose()
        return seen

    seen = asyncio.run(go())
    sheets = [place for place, one in enumerate(seen) if isinstance(one[1], str)]
    takes = {place: one[4] for place, one in enumerate(seen) if isinstance(one[4], Take)}
    assert sheets == [min(takes)], "what is seen is what is spoken again"
    assert takes[max(takes)].text == LONG
    again = collect(studio.again(takes[max(takes)], chosen(0)))[-1][4]
    assert again.delivery.seed_of(0) == 1
    assert again.lines[0].seconds > takes[min(takes)].lines[0].seconds / 2


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


def test_speaks_over_the_wire_what_it_speaks(engine, url):
    visitor = Visitor(url)
    assert visitor.ask("speak", TEXT, *USUAL).status_code == 200
    playlist, lists, done = None, [], False
    for event in visitor.events():
        if event["msg"] == "process_generating" and playlist is None:
            playlist = event["output"]["data"][0]["url"]
            lists.append(httpx.get(playlist).text)
        if event["msg"] == "process_completed":
            assert event["success"], event
            done = True
            break
    assert done
    assert lists[0].count("#EXTINF") >= 2, "a player begins with more than one segment"
    whole = httpx.get(playlist).text
    assert "#EXT-X-ENDLIST" in whole
    names = [line for line in whole.splitlines() if line.endswith(".aac")]
    data = b"".join(httpx.get(playlist.replace("playlist.m3u8", name)).content for name in names)
    lasting = sum(map(float, re.findall(r"#EXTINF:([\d.]+)", whole)))
    assert_is_coded(data, engine.synthesizer.speak(TEXT).audio, lasting)


def test_what_is_kept_can_be_fetched(url):
    visitor = Visitor(url)
    visitor.functions["keep"] = next(
        each["id"]
        for each in visitor.config["dependencies"]
        if each["trigger_after"] == visitor.functions["speak"] and len(each["outputs"]) == 7
    )
    for name, data in (("speak", (TEXT, *USUAL)), ("keep", (None,))):
        visitor.ask(name, *data)
        ends = [each for each in visitor.events() if each["msg"] == "process_completed"]
        assert ends[0]["success"], ends[0]
    told = [each for each in visitor.seen if each["msg"] == "process_generating"]
    files = [file["url"] for file in told[-1]["output"]["data"][3:6]]
    wav, mp3, srt = (visitor.http.get(file) for file in files)
    assert [answer.status_code for answer in (wav, mp3, srt)] == [200] * 3
    lasting = [soundfile.info(io.BytesIO(answer.content)).duration for answer in (wav, mp3)]
    assert lasting[0] == pytest.approx(lasting[1], abs=0.15)
    assert "It was cold." in srt.text
    assert [soundfile.info(io.BytesIO(one.content)).format for one in (wav, mp3)] == ["WAV", "MP3"]


def assert_is_coded(aac, audio, lasting):
    """The same sound, after the frame of silence that an encoder begins with."""
    with av.open(io.BytesIO(aac)) as container:
        frames = [frame.to_ndarray() for frame in container.decode(audio=0)]
    decoded = np.concatenate(frames, axis=1)[0]
    assert len(decoded) / 24_000 == pytest.approx(lasting, abs=1e-4)
    decoded = decoded[1024:][: len(audio)]
    assert len(decoded) == len(audio)
    assert np.corrcoef(decoded, audio)[0, 1] > 0.99


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


def test_model_stops_when_the_browser_goes_away(engine, url):
    cancelled = engine.stats.cancelled
    visitor = Visitor(url)
    here = threading.Event()

    def heart():
        with httpx.stream("GET", f"{url}/gradio_api/heartbeat/{visitor.session}") as beats:
            next(beats.iter_raw())
            here.set()
            gone.wait()

    gone = threading.Event()
    thread = threading.Thread(target=heart)
    thread.start()
    here.wait()
    visitor.ask("speak", LONG, *USUAL)
    for event in visitor.events():
        if event["msg"] == "process_generating":
            break
    gone.set()
    visitor.http.close()
    thread.join()
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
NUMBERS = [50, 1, 1, 0, 0, 1, 0]


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (("speak", []), VALUES),
        (("speak", [None] * 10), VALUES),
        (("speak", ["a"] * 10), VALUES),
        (("speak", [{}] * 12), VALUES),
        (("speak", ["Hi.", "nobody", "", *NUMBERS]), VALUES),
        (("speak", ["Hi.", ["heart"], "", *NUMBERS]), "Voice must be the name of a voice."),
        (("compare", [[]] * 11), VALUES),
        (("again", [None]), "There is no such sentence; press Speak first."),
        (("keep", [None]), "Nothing was spoken yet; press Speak first."),
        (("read", [None]), "Nothing was spoken yet; press Speak first."),
        (("open", [None]), "No file is chosen."),
        (("open", [{"path": "/etc/passwd"}]), VALUES),
        (("choose", [None, None]), "There is no such chapter; choose a file first."),
        (("load_example", [None]), VALUES),
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
    if function == "again":
        body["event_data"] = {"line": 0}
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


def test_no_path_from_a_visitor_reaches_the_disk(url, tmp_path):
    (tmp_path / "secret.txt").write_text("Nobody is to read this.")
    visitor = Visitor(url)
    upload = next(
        each["id"]
        for each in visitor.config["dependencies"]
        if any(event == "upload" for _, event in each["targets"])
    )
    visitor.functions["open"] = upload
    for path in (str(tmp_path / "secret.txt"), "../README.md", __file__):
        file = {"path": path, "meta": {"_type": "gradio.FileData"}}
        visitor.ask("open", file)
        ends = [event for event in visitor.events() if event["msg"] == "process_completed"]
        assert ends[0]["success"] is False
        assert "Nobody" not in str(ends)


def test_files_are_the_take(studio, tmp_path):
    samples, _, take = spoken(studio)
    wav, mp3, srt = save(take.speech(), take.times(), tmp_path)
    np.testing.assert_array_equal(soundfile.read(wav, dtype="int16")[0], samples)
    decoded, rate = soundfile.read(mp3)
    assert rate == 24_000
    assert len(decoded) == pytest.approx(len(samples), abs=3000)
    assert "It was cold." in Path(srt).read_text(encoding="utf-8")


def test_a_take_is_kept_with_its_picture_and_files(studio):
    _, times, take = spoken(studio)
    ((whole, whole_times, drawn, wav, mp3, srt, shown),) = collect(studio.keep(take))
    assert whole == wav
    assert (wav[-4:], mp3[-4:], srt[-4:]) == (".wav", ".mp3", ".srt")
    assert whole_times == times
    assert drawn.dtype == np.uint8
    assert shown.visible


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
    assert "read as it is written" in readings(explain("Hello.", TextOptions()))


def test_a_file_is_cut_where_it_has_paragraphs(tmp_path):
    path = tmp_path / "tale.txt"
    path.write_text("\ufeffOne two.\n\nThree four.\n\n" + "x" * 50, encoding="utf-8")
    found = read_document(path, 30)
    assert found[0] == ("tale, part 1", "One two.\n\nThree four.")
    assert "".join(text for _, text in found[1:]) == "x" * 50
    assert all(len(text) <= 30 for _, text in found)
    assert read_document(path, 500)[0][0] == "tale"
    with pytest.raises(ValueError, match=r"expected a \.txt or an \.epub file, got 'tale\.pdf'"):
        read_document(tmp_path / "tale.pdf", 30)


def test_a_heading_is_no_part_of_its_own(tmp_path):
    path = tmp_path / "tale.txt"
    path.write_text("Chapter I\n\n" + "And so it went. " * 100, encoding="utf-8")
    found = read_document(path, 500)
    assert all(250 <= len(text) <= 500 for _, text in found[:-1])
    assert all(text.endswith(".") for _, text in found)
    assert found[0][1].startswith("Chapter I\n\nAnd so")


def test_a_book_is_its_chapters(studio, tmp_path):
    path = tmp_path / "tale.EPUB"
    path.write_bytes(book())
    wanted = [(chapter.title, chapter.text) for chapter in read_epub(book()).chapters[1:]]
    assert read_document(path, 5000) == wanted
    _, offered, text = asyncio.run(studio.open(str(path)))
    assert [name for name, _ in offered.choices] == [title for title, _ in wanted]
    assert text == wanted[0][1]
    path.write_bytes(b"no book")
    with pytest.raises(gr.Error, match="Not an EPUB file: "):
        asyncio.run(studio.open(str(path)))


def test_opening_a_file_offers_its_chapters(studio, tmp_path):
    path = tmp_path / "tale.txt"
    path.write_text("One. " * 2000, encoding="utf-8")
    found, chapters, text = asyncio.run(studio.open(str(path)))
    assert text == found[0][1]
    assert chapters.visible
    assert asyncio.run(studio.choose(found, 1)) == found[1][1]
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(gr.Error, match=r"Cannot read tale\.txt: not UTF-16, as"):
        asyncio.run(studio.open(str(path)))


@pytest.mark.parametrize(
    ("other", "share", "voice"),
    [("", 50, "heart"), ("heart", 50, "heart"), (None, 50, "heart"), ("michael", 0, "heart")],
)
def test_a_blend_takes_two(other, share, voice):
    assert blend("heart", other, share) == voice
    assert blend("heart", "michael", 30) == "heart(0.70)+michael(0.30)"


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
    wanted = DemoRequest.of("Hi.", "heart", "michael", 25, 2, 1.5, -1, 3, 2, 9)
    assert wanted.delivery == Delivery(
        voice="heart(0.75)+michael(0.25)", steps=2, pace=1.5, pitch=-1, energy=3, pauses=2, seed=9
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
