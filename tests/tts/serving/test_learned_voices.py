"""Learned voices in an engine: they are made on a thread of their own, once."""

import threading

import numpy as np
import pytest

from tests.learned import with_learned_voices
from tts.delivery import Delivery
from tts.learned_voices import LearnedVoices
from tts.runtime.base import Runtime, WeightDifferences
from tts.serving.engine import Engine

TEXT = "So they do."


@pytest.fixture
def synthesizer(tiny_synthesizer):
    return with_learned_voices(tiny_synthesizer)


@pytest.fixture
def engine(synthesizer):
    with Engine(synthesizer, workers=1) as engine:
        yield engine


@pytest.fixture
def gate(synthesizer, monkeypatch):
    """Lets a runtime be made each time it is released; and the threads that made one."""
    permits, begun, threads, adapt = (
        threading.Semaphore(0),
        threading.Semaphore(0),
        [],
        synthesizer.runtime.adapted,
    )

    def adapted(differences: WeightDifferences, voice: np.ndarray) -> Runtime:
        threads.append(threading.current_thread())
        begun.release()
        permits.acquire()
        return adapt(differences, voice)

    monkeypatch.setattr(synthesizer.runtime, "adapted", adapted)
    yield permits, begun, threads
    permits.release(1000)


def heard(stream):
    with stream:
        return np.concatenate([piece.audio for piece in stream])


@pytest.mark.parametrize("voice", ["anna", "heart", "anna(2)+heart(1)", "anna+bea"])
def test_it_gives_what_the_synthesizer_speaks(voice, engine, synthesizer):
    delivery = Delivery(voice=voice)
    streamed = np.concatenate([one.audio for one in synthesizer.stream(TEXT, delivery)])
    np.testing.assert_array_equal(heard(engine.stream(TEXT, delivery)), streamed)


def test_no_other_stream_waits_while_a_voice_is_made(engine, gate):
    permits, begun, threads = gate
    permits.release()
    heard(engine.stream(TEXT, Delivery(voice="anna")))
    assert begun.acquire(timeout=20)
    with engine.stream(TEXT, Delivery(voice="bea")) as waiting:
        assert begun.acquire(timeout=20)
        assert len(heard(engine.stream(TEXT, Delivery(voice="heart"))))
        assert len(heard(engine.stream(TEXT, Delivery(voice="anna"))))
        assert waiting.buffered_seconds == 0
        permits.release()
        assert len(heard(waiting))
    assert len(threads) == 2
    assert len(set(threads)) == 1, "they are made one after another"


def test_voices_in_use_are_made_once_however_many_there_are(engine, gate):
    permits, _, threads = gate
    permits.release(1000)
    blends = [f"anna({share})+bea" for share in range(1, 7)]
    streams = [engine.stream(" ".join([TEXT] * 3), Delivery(voice=blend)) for blend in blends]
    assert all(len(heard(stream)) for stream in streams)
    assert len(threads) == len(blends)


def test_a_text_that_cannot_be_read_makes_no_voice(engine, gate):
    _, _, threads = gate
    with (
        pytest.raises(ValueError, match="no words"),
        engine.stream("?", Delivery(voice="anna")) as one,
    ):
        next(one)
    assert not threads


def test_a_stream_that_was_closed_makes_no_voice(engine, gate):
    permits, begun, threads = gate
    with engine.stream(TEXT, Delivery(voice="anna")) as first:
        assert begun.acquire(timeout=20)
        engine.stream(TEXT, Delivery(voice="bea")).close()
        permits.release()
        assert len(heard(first))
    permits.release()
    assert len(heard(engine.stream(TEXT, Delivery(voice="anna(2)+heart"))))
    assert len(threads) == 2


def test_a_voice_that_cannot_be_made_ends_its_stream_alone(engine, monkeypatch):
    monkeypatch.setattr(
        LearnedVoices, "resolve", lambda *_: (_ for _ in ()).throw(ValueError("x.voice is damaged"))
    )
    stream = engine.stream(TEXT, Delivery(voice="anna"))
    with stream, pytest.raises(RuntimeError, match=r"x\.voice is damaged"):
        next(stream)
    monkeypatch.undo()
    assert len(heard(engine.stream(TEXT, Delivery(voice="anna"))))
    assert engine.stats.failed == 1


def test_an_engine_closes_while_a_voice_is_made(synthesizer, gate):
    permits, begun, _ = gate
    engine = Engine(synthesizer)
    engine.stream(TEXT, Delivery(voice="anna"))
    assert begun.acquire(timeout=20)
    permits.release()
    engine.close()
    assert engine.closed
