"""`Synthesizer.astream`: the pieces of `stream`, made while other tasks of asyncio run."""

import asyncio
import threading

import numpy as np
import pytest

from tts.delivery import Delivery
from tts.synthesis import Synthesizer

TEXT = "One is here. Two is here. Three is here."


@pytest.fixture
def made(monkeypatch):
    """The tasks that were rendered so far, in order."""
    done, render = [], Synthesizer.render

    def counted(self, tasks):
        render(self, tasks)
        done.extend(tasks)

    monkeypatch.setattr(Synthesizer, "render", counted)
    return done


def test_gives_the_pieces_of_stream(tiny_synthesizer):
    async def listen():
        return [piece async for piece in tiny_synthesizer.astream(TEXT, delivery, 1)]

    delivery = Delivery(voice="michael", pace=1.2)
    heard, wanted = asyncio.run(listen()), [*tiny_synthesizer.stream(TEXT, delivery, 1)]
    assert [piece.words for piece in heard] == [piece.words for piece in wanted]
    for one, other in zip(heard, wanted, strict=True):
        np.testing.assert_array_equal(one.audio, other.audio)


def test_other_tasks_run_while_a_piece_is_made(tiny_synthesizer, monkeypatch):
    release, render = threading.Event(), Synthesizer.render

    def wait(self, tasks):
        assert release.wait(20), "nobody ran while it was made"
        render(self, tasks)

    async def listen():
        asyncio.get_running_loop().call_soon(release.set)
        return [piece async for piece in tiny_synthesizer.astream("One.")]

    monkeypatch.setattr(Synthesizer, "render", wait)
    assert asyncio.run(listen())


def test_a_break_stops_the_work(tiny_synthesizer, made):
    async def listen():
        async for _ in tiny_synthesizer.astream(TEXT):
            break
        count = len(made)
        await asyncio.sleep(0.05)
        return count

    assert asyncio.run(listen()) == len(made) == 1


def test_a_cancellation_stops_the_work_after_the_piece_that_is_being_made(
    tiny_synthesizer, monkeypatch
):
    begun, release, done, render = threading.Event(), threading.Event(), [], Synthesizer.render

    def wait(self, tasks):
        begun.set()
        assert release.wait(20), "it was never released"
        render(self, tasks)
        done.extend(tasks)

    async def listen():
        async for _ in tiny_synthesizer.astream(TEXT):
            pass

    async def leave():
        task = asyncio.create_task(listen())
        await asyncio.to_thread(begun.wait)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert not done, "the loop is left before the piece is made"
        release.set()

    monkeypatch.setattr(Synthesizer, "render", wait)
    asyncio.run(leave())  # its end waits for the thread
    assert len(done) == 1


@pytest.mark.parametrize(
    ("text", "options", "sentence"),
    [
        ("!", {}, "no words to speak"),
        (TEXT, {"delivery": Delivery(voice="nobody")}, "unknown voice 'nobody'"),
        (TEXT, {"utterance": -1}, "utterance must be at least 0"),
    ],
)
def test_an_error_comes_with_the_first_piece(text, options, sentence, tiny_synthesizer, made):
    async def listen():
        await anext(tiny_synthesizer.astream(text, **options))

    with pytest.raises(ValueError, match=sentence):
        asyncio.run(listen())
    assert not made
