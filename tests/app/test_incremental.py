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
        speaker = IncrementalSpeaker(listener, engine)
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


def test_a_text_that_has_not_begun_is_refused_where_there_is_no_place(engine):
    async def tell():
        speaker = IncrementalSpeaker(Listener(engine), engine)
        speaker.add(Request(PARTS[0], Delivery()))
        with engine.stream("It goes on. [pause:60s] [pause:60s] And on."):
            await speaker.go()

    with pytest.raises(QueueFull):
        asyncio.run(tell())
