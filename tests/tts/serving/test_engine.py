import asyncio
import pickle
import threading
import time

import numpy as np
import pytest

from tts.delivery import Delivery
from tts.serving.admission import MAX_RETRY_AFTER_SECONDS
from tts.serving.engine import MAX_BUFFERED_SECONDS, Engine, EngineClosed, QueueFull
from tts.speech import Speech
from tts.synthesis import Synthesizer

TEXTS = ("Hello.", "Flow maps speak in a single step.", "One. Two, three? Four, five, six!")
LONG = "It was a long and winding tale that nobody had asked for. " * 200


@pytest.fixture
def engine(tiny_synthesizer):
    with Engine(tiny_synthesizer) as engine:
        yield engine


@pytest.fixture
def held(tiny_synthesizer, monkeypatch):
    """A lock without which nothing is made, and the sizes of what was made together."""
    lock, sizes, make = threading.Lock(), [], Synthesizer.render

    def wait(self, tasks):
        with lock:
            sizes.append(len(tasks))
            make(self, tasks)

    monkeypatch.setattr(Synthesizer, "render", wait)
    return lock, sizes


def wait_for(condition):
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.002)


def test_gives_what_the_synthesizer_streams(engine, tiny_synthesizer):
    for text in TEXTS:
        alone = list(tiny_synthesizer.stream(text, Delivery(seed=3)))
        served = list(engine.stream(text, Delivery(seed=3)))
        assert [piece.words for piece in served] == [piece.words for piece in alone]
        for one, other in zip(served, alone, strict=True):
            np.testing.assert_array_equal(one.audio, other.audio)


@pytest.mark.parametrize("low_latency", [True, False])
def test_pieces_are_cut_as_those_of_the_synthesizer(low_latency, engine, tiny_synthesizer):
    text, options = "It was a long and winding tale of no use. " * 3, {"low_latency": low_latency}
    wanted = list(tiny_synthesizer.stream(text, **options))
    found = list(engine.stream(text, **options))
    assert [len(piece.audio) for piece in found] == [len(piece.audio) for piece in wanted]
    np.testing.assert_allclose(Speech.join(found).audio, Speech.join(wanted).audio, atol=1e-5)


@pytest.mark.parametrize("workers", [1, 2])
def test_what_is_made_together_is_what_it_is_alone(workers, tiny_synthesizer, held):
    lock, sizes = held
    asked = [
        (text, Delivery(voice=voice, seed=seed, steps=steps))
        for text in TEXTS
        for voice, seed, steps in [("heart", 1, 1), ("michael", 2, 1), ("heart+michael", 3, 2)]
    ]
    with Engine(tiny_synthesizer, concurrency=len(asked), workers=workers) as engine:
        with lock:
            replies = [engine.stream(text, delivery) for text, delivery in asked]
            wait_for(lambda: engine.stats.running == len(asked))
        served = [Speech.join(reply) for reply in replies]
        load = engine.stats
    assert max(sizes) > 1
    assert sum(sizes) == load.tasks
    assert len(sizes) == load.batches
    for speech, (text, delivery) in zip(served, asked, strict=True):
        alone = tiny_synthesizer.speak(text, delivery)
        assert (speech.words, speech.phones) == (alone.words, alone.phones)
        np.testing.assert_allclose(speech.audio, alone.audio, atol=1e-5)


def test_the_shipped_voices_sound_alike_alone_and_together(synthesizer):
    asked = [(text, Delivery(voice=voice)) for text in TEXTS for voice in ("heart", "michael")]
    with Engine(synthesizer, concurrency=len(asked)) as engine:
        replies = [engine.stream(text, delivery) for text, delivery in asked]
        served = [Speech.join(reply) for reply in replies]
        assert engine.stats.batches < engine.stats.tasks
    for speech, (text, delivery) in zip(served, asked, strict=True):
        alone = synthesizer.speak(text, delivery).audio
        assert len(alone) == len(speech.audio)
        assert np.abs(alone - speech.audio).max() < 1e-3


def test_asyncio_may_listen_too(engine, tiny_synthesizer):
    async def listen(text):
        return Speech.join([piece async for piece in engine.stream(text)])

    async def all_of_them():
        return await asyncio.gather(*map(listen, TEXTS))

    for speech, text in zip(asyncio.run(all_of_them()), TEXTS, strict=True):
        np.testing.assert_allclose(speech.audio, tiny_synthesizer.speak(text).audio, atol=1e-5)


def test_who_gives_up_waiting_loses_no_piece(engine, held):
    lock, _ = held

    async def listen():
        reply = engine.stream(TEXTS[1])
        with lock:
            waiting = asyncio.ensure_future(anext(reply))
            await asyncio.sleep(0.02)
            waiting.cancel()
        return Speech.join([piece async for piece in reply])

    assert asyncio.run(listen()).words[0].text == "Flow"


def test_who_leaves_is_served_no_further(engine):
    with engine.stream(LONG) as reply:
        next(reply)
        assert engine.stats.running == 1
    load = engine.stats
    assert (load.running, load.cancelled, load.finished) == (0, 1, 0)
    assert list(reply) == []
    list(engine.stream(TEXTS[0]))
    assert engine.stats.tasks - load.tasks < 5


def test_who_leaves_in_line_is_forgotten(tiny_synthesizer, held):
    lock, _ = held
    with Engine(tiny_synthesizer, concurrency=1, waiting=2) as engine:
        with lock:
            first, second = engine.stream(TEXTS[0]), engine.stream(TEXTS[1])
            wait_for(lambda: engine.stats.running == 1)
            second.close()
            assert engine.stats.waiting == 0
        assert Speech.join(first).seconds > 0


def test_no_more_wait_than_may(tiny_synthesizer, held):
    lock, _ = held
    with Engine(tiny_synthesizer, concurrency=2, waiting=3) as engine:
        with lock:
            replies = [engine.stream(TEXTS[0]) for _ in range(5)]
            with pytest.raises(QueueFull, match="the queue is full; try again in") as no:
                engine.stream(TEXTS[0])
        assert no.value.retry_after >= 1
        assert engine.stats.refused == 1
        assert all(Speech.join(reply).seconds > 0 for reply in replies)
        list(engine.stream(TEXTS[0]))


def test_a_stream_of_candidates_takes_as_many_places_and_at_most_all(tiny_synthesizer, held):
    lock, _ = held
    three, many = Delivery(best_of=3), Delivery(best_of=8)
    with Engine(tiny_synthesizer, concurrency=4, waiting=3) as engine:
        with lock:
            replies = [engine.stream("One.", three), engine.stream("Two."), engine.stream("Three.")]
            wait_for(lambda: engine.stats.running == 2)
            assert engine.stats.waiting == 1
            with pytest.raises(QueueFull):
                engine.stream("Four.", three)
            replies.append(engine.stream("Five.", Delivery(best_of=2)))
        assert all(Speech.join(reply).seconds > 0 for reply in replies)
        assert len(Speech.join(engine.stream("Six.", many)).choices) == 1


def test_who_takes_nothing_is_not_served_for_ever(tiny_synthesizer):
    with Engine(tiny_synthesizer) as engine:
        reply = engine.stream(LONG)
        wait_for(lambda: reply.buffered_seconds >= MAX_BUFFERED_SECONDS)
        time.sleep(0.1)
        made = engine.stats.spoken_seconds
        assert made < MAX_BUFFERED_SECONDS + 20
        for _ in range(20):
            next(reply)
        wait_for(lambda: engine.stats.spoken_seconds > made)


def test_a_newcomer_is_heard_before_an_old_book_is_read(engine):
    book = engine.stream(LONG)
    next(book)
    before = engine.stats.spoken_seconds
    short = Speech.join(engine.stream(TEXTS[0]))
    assert engine.stats.spoken_seconds - before < 20
    assert short.seconds > 0
    assert engine.stats.running == 1
    book.close()


def test_what_goes_wrong_for_one_is_told_to_him_alone(engine, monkeypatch):
    plans = Synthesizer.plans

    def fail(self, line, delivery, index):
        if delivery.seed == 13:
            raise ZeroDivisionError("a fault")
        return plans(self, line, delivery, index)

    monkeypatch.setattr(Synthesizer, "plans", fail)
    with pytest.raises(ZeroDivisionError, match="a fault"):
        list(engine.stream(TEXTS[0], Delivery(seed=13)))
    assert engine.stats.failed == 1
    assert Speech.join(engine.stream(TEXTS[0])).seconds > 0


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "no words to speak in"),
        ("[pause:60s] [pause:60s]", "no words to speak in"),
        ("[pace:9]a[/pace]", "pace must be from 0.25 to 4, got 9"),
    ],
)
def test_a_text_that_cannot_be_read_is_refused_by_its_reply(text, sentence, engine):
    reply = engine.stream(text)
    with pytest.raises(ValueError, match=sentence):
        next(reply)
    load = engine.stats
    assert (load.running, load.waiting, load.invalid, load.failed) == (0, 0, 1, 0)
    assert Speech.join(engine.stream(TEXTS[0])).seconds > 0


def test_an_unknown_voice_is_refused_at_the_door(engine):
    with pytest.raises(ValueError, match="unknown voice"):
        engine.stream("Hello.", Delivery(voice="bob"))
    assert engine.stats.running == engine.stats.waiting == 0


def test_what_was_read_is_heard_before_what_cannot_be(engine, tiny_synthesizer, monkeypatch):
    lines = Synthesizer.lines

    def fail(self, text, delivery):
        yield next(lines(self, text, delivery))
        raise ValueError("a line that is too long")

    alone = [piece for piece in tiny_synthesizer.stream(TEXTS[2]) if piece.utterance == 0]
    monkeypatch.setattr(Synthesizer, "lines", fail)
    reply, heard = engine.stream(TEXTS[2]), []
    with pytest.raises(ValueError, match="too long"):
        heard += reply
    for one, other in zip(heard, alone, strict=True):
        np.testing.assert_array_equal(one.audio, other.audio)
    assert engine.stats.invalid == 1


def test_a_text_that_was_read_is_not_blamed_for_what_cannot_be_made(engine, monkeypatch):
    def fail(self, line, delivery, index):
        raise ValueError("a fault")

    monkeypatch.setattr(Synthesizer, "plans", fail)
    with pytest.raises(RuntimeError, match="failed to speak: a fault"):
        list(engine.stream(TEXTS[0]))
    assert (engine.stats.invalid, engine.stats.failed) == (0, 1)


def test_a_text_has_its_place_before_it_is_read(tiny_synthesizer, slow_reading):
    may, _ = slow_reading
    with Engine(tiny_synthesizer, concurrency=1, waiting=1) as engine:
        replies = [engine.stream("Slow. Very slow."), engine.stream("Slow.")]
        assert (engine.stats.running, engine.stats.waiting) == (1, 1)
        with pytest.raises(QueueFull):
            engine.stream("Slow.")
        may.set()
        assert [len(Speech.join(reply).words) for reply in replies] == [3, 1]


@pytest.mark.parametrize("workers", [1, 2])
def test_a_long_reading_holds_up_nobody_else(tiny_synthesizer, slow_reading, workers):
    _, begun = slow_reading
    with Engine(tiny_synthesizer, workers=workers) as engine:
        with engine.stream("Slow.") as reply:
            wait_for(lambda: begun)
            for text in TEXTS:
                assert Speech.join(engine.stream(text)).seconds > 0
            assert engine.submit(lambda: 5).result(20) == 5
            assert engine.stats.running == 1
            assert not reply.finished
        slow_reading[0].set()


def test_who_leaves_while_the_text_is_read_gives_the_place_away(tiny_synthesizer, slow_reading):
    may, begun = slow_reading
    with Engine(tiny_synthesizer, concurrency=1, waiting=1) as engine:
        gone = engine.stream("Slow. And on it goes.")
        second = engine.stream(TEXTS[0])
        wait_for(lambda: begun)
        gone.close()
        assert Speech.join(second).seconds > 0
        may.set()
        list(engine.stream(TEXTS[0]))
        chunks = len(list(tiny_synthesizer.stream(TEXTS[0])))
        assert (engine.stats.cancelled, engine.stats.finished) == (1, 2)
        assert engine.stats.tasks == 2 * chunks


def test_who_has_left_is_read_no_further(tiny_synthesizer, monkeypatch):
    count, lines = [], Synthesizer.lines

    def counted(self, text, delivery):
        for line in lines(self, text, delivery):
            count.append(line)
            yield line

    monkeypatch.setattr(Synthesizer, "lines", counted)
    with Engine(tiny_synthesizer) as engine:
        with engine.stream(LONG) as reply:
            next(reply)
        read = len(count)
        list(engine.stream(TEXTS[0]))
        assert len(count) <= read + 2 < 10


def test_closing_tells_at_once_who_waits_for_a_reading(tiny_synthesizer, slow_reading):
    may, begun = slow_reading
    engine = Engine(tiny_synthesizer)
    reply = engine.stream("Slow.")
    wait_for(lambda: begun)
    closing = threading.Thread(target=engine.close)
    closing.start()
    with pytest.raises(EngineClosed):
        next(reply)
    assert closing.is_alive()
    may.set()
    closing.join()


def test_functions_that_read_are_called_on_the_threads_that_read(engine, slow_reading):
    def fail():
        raise ZeroDivisionError("a fault")

    name = engine.submit(lambda: threading.current_thread().name).result(20)
    assert name == "engine calls"
    with pytest.raises(ZeroDivisionError, match="a fault"):
        engine.submit(fail).result(20)
    may, begun = slow_reading
    calls = [engine.submit(may.wait) for _ in range(5)]
    assert Speech.join(engine.stream(TEXTS[0])).seconds > 0, "they do not keep a text from sound"
    forgotten = engine.submit(lambda: begun.append("forgotten"))
    assert forgotten.cancel()
    may.set()
    assert [call.result(20) for call in calls] == [True] * 5
    assert not begun


def test_a_closed_engine_calls_nothing(tiny_synthesizer):
    may, begun = threading.Event(), threading.Event()
    engine = Engine(tiny_synthesizer)

    def wait():
        begun.set()
        may.wait(20)

    one, *rest = [engine.submit(wait) for _ in range(4)]
    begun.wait(20)
    closing = threading.Thread(target=engine.close)
    closing.start()
    with pytest.raises(EngineClosed):
        rest[-1].result(20)
    may.set()
    closing.join()
    assert one.result(0) is None
    with pytest.raises(EngineClosed):
        engine.submit(wait)


def test_once_closed_it_serves_nobody(tiny_synthesizer):
    engine = Engine(tiny_synthesizer)
    reply = engine.stream(LONG)
    next(reply)
    engine.close()
    with pytest.raises(EngineClosed, match="the engine is closed"):
        list(reply)
    with pytest.raises(EngineClosed, match="the engine is closed"):
        engine.stream(TEXTS[0])


def test_hours_of_silence_are_made_no_sooner_than_they_are_taken(engine):
    with engine.stream("Hello." + "[pause:60s]" * 300 + "And there.") as reply:
        next(reply)
        wait_for(lambda: reply.buffered_seconds >= MAX_BUFFERED_SECONDS)
        time.sleep(0.05)
        assert reply.buffered_seconds < MAX_BUFFERED_SECONDS + 20
        assert engine.stats.running == 1


def test_what_cannot_be_made_for_one_is_made_for_the_others(tiny_synthesizer, held, monkeypatch):
    lock, _ = held
    alone = {seed: tiny_synthesizer.speak(TEXTS[1], Delivery(seed=seed)) for seed in (12, 14)}
    make = Synthesizer.render

    def fail(self, tasks):
        if any(task.delivery.seed == 13 for task in tasks):
            raise ZeroDivisionError("a fault")
        make(self, tasks)

    monkeypatch.setattr(Synthesizer, "render", fail)
    with Engine(tiny_synthesizer) as engine:
        with lock:
            replies = {seed: engine.stream(TEXTS[1], Delivery(seed=seed)) for seed in (12, 13, 14)}
            wait_for(lambda: engine.stats.running == 3)
        with pytest.raises(ZeroDivisionError, match="a fault"):
            list(replies[13])
        for seed, speech in alone.items():
            served = Speech.join(replies[seed]).audio
            np.testing.assert_allclose(served, speech.audio, atol=1e-5)


def test_whoever_leaves_without_a_word_loses_his_place(tiny_synthesizer, monkeypatch):
    monkeypatch.setattr("tts.serving.engine.LISTENER_TIMEOUT_SECONDS", 0.1)
    with Engine(tiny_synthesizer, concurrency=1, waiting=1) as engine:
        gone = engine.stream(LONG)
        second = engine.stream(TEXTS[0])
        assert Speech.join(second).seconds > 0
        with pytest.raises(TimeoutError, match="nothing was taken for"):
            list(gone)


def test_nobody_is_told_to_come_back_tomorrow(tiny_synthesizer, held, monkeypatch):
    lock, _ = held
    with Engine(tiny_synthesizer, concurrency=1, waiting=0) as engine:
        list(engine.stream(TEXTS[0]))
        monkeypatch.setattr("tts.serving.engine.monotonic", lambda: time.monotonic() + 36_000)
        list(engine.stream(TEXTS[0]))
        with lock:
            engine.stream(TEXTS[0])
            with pytest.raises(QueueFull) as no:
                engine.stream(TEXTS[0])
        assert no.value.retry_after == MAX_RETRY_AFTER_SECONDS


def test_a_line_alone_is_what_it_is_in_the_whole(engine, tiny_synthesizer):
    whole = list(tiny_synthesizer.stream(TEXTS[2], Delivery(seed=5)))
    second = Speech.join(piece for piece in whole if piece.utterance == 1)
    alone = Speech.join(engine.stream(TEXTS[2], Delivery(seed=5), utterance=1))
    np.testing.assert_array_equal(alone.audio, second.audio)
    assert alone.words[0].start < second.words[0].start


def test_another_seed_for_a_line_is_heard_in_that_line_alone(tiny_synthesizer):
    def lines(delivery):
        pieces = list(tiny_synthesizer.stream(TEXTS[2], delivery))
        return [
            Speech.join(piece for piece in pieces if piece.utterance == number).audio
            for number in range(3)
        ]

    plain, other = lines(Delivery()), lines(Delivery(other_seeds=((1, 99),)))
    np.testing.assert_array_equal(plain[0], other[0])
    np.testing.assert_array_equal(plain[2], other[2])
    assert plain[1].shape != other[1].shape or not np.allclose(plain[1], other[1])
    np.testing.assert_array_equal(other[1], lines(Delivery(seed=99))[1])


def test_the_stream_whose_sound_ends_first_is_served_first(tiny_synthesizer, monkeypatch):
    """Of two that have no sound yet that is the older; streams of other steps share no batch."""
    lock, steps, make = threading.Lock(), [], Synthesizer.render

    def wait(self, tasks):
        steps.append({task.delivery.steps for task in tasks})
        with lock:
            make(self, tasks)

    monkeypatch.setattr(Synthesizer, "render", wait)
    with Engine(tiny_synthesizer) as engine:
        with lock:
            replies = [engine.stream(TEXTS[0], Delivery(steps=3))]
            wait_for(lambda: steps)
            replies += [engine.stream(TEXTS[0], Delivery(steps=count)) for count in (1, 2)]
            wait_for(lambda: not any(reply.needs_text for reply in replies))
        for reply in replies:
            list(reply)
    assert list(dict.fromkeys(min(batch) for batch in steps)) == [3, 1, 2]
    assert all(len(batch) == 1 for batch in steps)


def test_the_text_of_the_stream_whose_sound_ends_first_is_read_first(
    tiny_synthesizer, slow_reading, monkeypatch
):
    monkeypatch.setattr("tts.serving.engine.READER_THREADS", 1)
    may, begun = slow_reading
    with Engine(tiny_synthesizer) as engine:
        texts = ["Slow one.", "Slow two.", "Slow three."]
        replies = [engine.stream(texts[0])]
        wait_for(lambda: begun)
        replies += [engine.stream(text) for text in texts[1:]]
        may.set()
        for reply in replies:
            list(reply)
    assert begun == texts


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"workers": 0}, "workers must be from 1 to 256, got 0"),
        ({"workers": 10**6}, "workers must be from 1 to 256, got 1000000"),
        ({"concurrency": 0}, "concurrency must be from 1 to "),
        ({"waiting": -1}, "waiting must be from 0 to "),
    ],
)
def test_an_engine_that_cannot_be_starts_no_thread(tiny_synthesizer, options, message):
    threads = threading.active_count()
    with pytest.raises(ValueError, match=message):
        Engine(tiny_synthesizer, **options)
    assert threading.active_count() == threads


def test_a_full_queue_is_told_across_processes():
    error = pickle.loads(pickle.dumps(QueueFull(2.0)))
    assert (error.retry_after, str(error)) == (2.0, str(QueueFull(2.0)))
