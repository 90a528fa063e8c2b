import asyncio

import pytest
from tts.app.incremental import IncrementalSpeaker, Request

from tts.delivery import Delivery
from tts.serving.engine import Engine, QueueFull
from tts.text.incremental import TextChunk

PARTS = (TextChunk("One came. ", 0), TextChunk("Two went.", 10))


class Listener:
    """Keeps the words that it is told; takes the only place of the engine after the first part."""

    def __init__(self, engine):
        self.engine, self.words_told, self.other, self.ended = engine, [], None, asyncio.Event()
        self.warnings = []

    async def start(self, sample_rate, after):
        pass

    async def warn(self, warning):
        self.warnings.append(warning)

    async def choose(self, choice):
        pass

    async def words(self, words):
        self.words_told += words

    async def play(self, audio):
        pass

    async def progress(self, stop, seconds):
        self.other = self.other or self.engine.stream("It goes on. [pause:60s] [pause:60s] And on.")

    async def done(self, seconds):
        self.ended.set()


@pytest.fixture
def engine(tiny_synthesizer):
    with Engine(tiny_synthesizer, concurrency=1, waiting=0) as engine:
        yield engine


def test_a_text_that_has_begun_waits_for_its_next_place(engine, monkeypatch):
    waited = []

    async def tell():
        listener = Listener(engine)

        async def sleep(seconds):
            waited.append(seconds)
            listener.other.close()

        monkeypatch.setattr("tts.app.incremental.asyncio.sleep", sleep)
        speaker = IncrementalSpeaker(listener, engine, "door")
        for part in PARTS:
            speaker.add(Request(part, Delivery()))
        speaker.add(None)
        telling = asyncio.create_task(speaker.go())
        ended = asyncio.create_task(listener.ended.wait())
        await asyncio.wait([telling, ended], return_when=asyncio.FIRST_COMPLETED)
        assert not telling.done(), telling.exception()
        telling.cancel()
        return listener.words_told

    words = asyncio.run(tell())
    assert [(word.text, word.span) for word in words] == [
        ("One", (0, 3)), ("came", (4, 8)), ("Two", (10, 13)), ("went", (14, 18)),
    ]  # fmt: skip
    assert len(waited) == 1
    assert waited[0] >= 1


def test_each_text_is_a_line_in_the_log_however_it_ends(tiny_synthesizer, caplog):
    async def tell(engine):
        listener = Listener(engine)
        speaker = IncrementalSpeaker(listener, engine, "door")
        telling = asyncio.create_task(speaker.go())
        for part in PARTS:
            speaker.add(Request(part, Delivery(voice="michael")))
        speaker.add(None)
        await listener.ended.wait()
        speaker.add(Request(PARTS[0], Delivery()))  # and no more
        while speaker.characters < 29:
            await asyncio.sleep(0.001)
        telling.cancel()

    with caplog.at_level("INFO"), Engine(tiny_synthesizer) as engine:
        asyncio.run(tell(engine))
    finished, stopped = (record.fields for record in caplog.records)
    assert {record.getMessage() for record in caplog.records} == {"door"}
    assert (finished["status"], finished["voice"], finished["characters"]) == (
        "finished",
        "michael",
        19,
    )
    assert 0 < finished["first_sound_seconds"] < finished["seconds"]
    assert finished["sound_seconds"] > stopped["sound_seconds"] > 0
    assert (stopped["status"], stopped["voice"], stopped["characters"]) == ("stopped", "heart", 10)


def test_a_text_that_has_not_begun_is_refused_where_there_is_no_place(engine, caplog):
    async def tell():
        speaker = IncrementalSpeaker(Listener(engine), engine, "door")
        speaker.add(Request(PARTS[0], Delivery()))
        with engine.stream("It goes on. [pause:60s] [pause:60s] And on."):
            await speaker.go()

    with caplog.at_level("INFO"), pytest.raises(QueueFull):
        asyncio.run(tell())
    (record,) = caplog.records
    assert (record.fields["status"], record.fields["error"]) == ("failed", "QueueFull")
