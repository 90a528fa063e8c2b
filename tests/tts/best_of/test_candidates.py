"""Candidates of an utterance: what is made, in what groups, and which is kept."""

from itertools import count

import numpy as np
import pytest

from tts.best_of.candidates import MAX_STACKED_FRAMES, MIN_STACKED_FRAMES, candidate_seeds
from tts.delivery import Delivery
from tts.rendering import Jump, Progress, RenderTask
from tts.serving.batching import MAX_BATCH_FRAMES, select_batch
from tts.serving.engine import Engine
from tts.serving.stream import SpeechStream, UtteranceReader
from tts.speech import Speech
from tts.streaming import MAX_CHUNK_FRAMES

TEXT = "Flow maps speak in a single step. Two came, and three went."
LONG = "One two three four five six seven eight nine ten eleven twelve."


def longest(audio, plan):
    return float(plan.frames)


def first(audio, plan):
    return 0.0


def last():
    """A judge that prefers the last candidate."""
    order = count()
    return lambda audio, plan: next(order)


def events(synthesizer, text, delivery, **options):
    """Every event, each rendered before the next is taken."""
    for event in synthesizer.events(text, delivery, **options):
        if not isinstance(event, Speech):
            synthesizer.render([event] if isinstance(event, RenderTask) else event)
        yield event


def test_the_first_candidate_is_the_delivery_without_any(tiny_synthesizer):
    plain = tiny_synthesizer.speak(TEXT, Delivery(seed=5))
    speech = tiny_synthesizer.speak(TEXT, Delivery(seed=5, best_of=3, judge=first))
    np.testing.assert_allclose(speech.audio, plain.audio, atol=1e-5)
    assert speech.words == plain.words
    assert [choice.seed for choice in speech.choices] == [5, 5]
    assert plain.choices == ()


def test_the_chosen_seeds_give_the_same_speech_alone(tiny_synthesizer):
    speech = tiny_synthesizer.speak(TEXT, Delivery(best_of=4, judge=last()))
    seeds = tuple((choice.utterance, choice.seed) for choice in speech.choices)
    assert seeds == ((0, candidate_seeds(0, 4)[3]), (1, candidate_seeds(0, 4)[3]))
    again = tiny_synthesizer.speak(TEXT, Delivery(other_seeds=seeds))
    np.testing.assert_allclose(again.audio, speech.audio, atol=1e-5)
    assert (again.phones, again.words) == (speech.phones, speech.words)


def test_the_candidate_with_the_highest_score_is_kept(tiny_synthesizer):
    delivery = Delivery(best_of=6, judge=longest, prosody_temperature=2)
    speech = tiny_synthesizer.speak("Hello there.", delivery)
    (choice,) = speech.choices
    assert choice.totals[choice.chosen] == max(choice.totals)
    assert len(set(choice.totals)) > 1
    assert choice.judge == "longest"
    line = next(tiny_synthesizer.lines("Hello there.", delivery))
    plan = tiny_synthesizer.plans(line, delivery, 0)(choice.seed)
    assert plan.frames == max(choice.totals)


def test_each_utterance_is_chosen_before_its_first_piece(tiny_synthesizer):
    delivery = Delivery(best_of=4, judge=last())
    pieces = list(tiny_synthesizer.stream(TEXT, delivery))
    told = [piece.choices[0].utterance if piece.choices else None for piece in pieces]
    assert [number for number in told if number is not None] == [0, 1]
    for number in (0, 1):
        of_it = [piece for piece in pieces if piece.utterance == number]
        assert [bool(piece.choices) for piece in of_it] == [True] + [False] * (len(of_it) - 1)
    seed = pieces[0].choices[0].seed
    alone = list(tiny_synthesizer.stream(TEXT, Delivery(seed=seed)))
    assert [len(piece.audio) for piece in pieces] == [len(piece.audio) for piece in alone]


def test_candidates_of_a_short_utterance_are_rendered_in_one_call(tiny_synthesizer):
    delivery = Delivery(best_of=5, judge=first)
    asked = [
        each for each in events(tiny_synthesizer, "Hello.", delivery) if isinstance(each, tuple)
    ]
    (tasks,) = asked
    assert len({task.plan.seed for task in tasks}) == len(tasks) == 5


@pytest.mark.parametrize("low_latency", [True, False])
def test_no_call_renders_more_than_its_bound(tiny_synthesizer, low_latency):
    delivery = Delivery(best_of=3, judge=first, pace=0.25)
    most = MIN_STACKED_FRAMES if low_latency else MAX_STACKED_FRAMES
    made = list(events(tiny_synthesizer, LONG, delivery, low_latency=low_latency))
    calls = [each for each in made if isinstance(each, tuple)]
    frames = [sum(task.stop - task.start for task in tasks) for tasks in calls]
    assert max(frames) <= most
    if low_latency:  # a candidate that is longer than the bound is rendered in chunks
        assert sum(frames) > 2 * MIN_STACKED_FRAMES
        assert max(frames) < 2 * MAX_CHUNK_FRAMES


def test_seeds_of_candidates_differ_and_begin_with_their_own():
    for seed in (0, 7, 2**63 - 1):
        seeds = candidate_seeds(seed, 64)
        assert seeds[0] == seed
        assert len(set(seeds)) == len(seeds) == 64
        assert seeds[:8] == candidate_seeds(seed, 8)
        assert all(Delivery(seed=each).seed == each for each in seeds)
    assert not set(candidate_seeds(0, 64)) & set(candidate_seeds(1, 64))


def test_an_engine_gives_what_the_synthesizer_streams(tiny_synthesizer):
    delivery = Delivery(best_of=3, judge=longest, prosody_temperature=1)
    alone = Speech.join(tiny_synthesizer.stream(TEXT, delivery))
    with Engine(tiny_synthesizer) as engine:
        streams = [engine.stream(TEXT, delivery), engine.stream(TEXT)]
        served, plain = map(Speech.join, streams)
        assert engine.stats.tasks >= 6
    np.testing.assert_allclose(served.audio, alone.audio, atol=1e-5)
    assert served.choices == alone.choices
    np.testing.assert_allclose(plain.audio, tiny_synthesizer.speak(TEXT).audio, atol=1e-4)


def test_a_batch_of_streams_counts_all_candidates(tiny_synthesizer):
    line, delivery = next(tiny_synthesizer.lines("Hi.", Delivery())), Delivery()
    plan = tiny_synthesizer.plan(line, delivery)
    progress = Progress((Jump(),), np.zeros((0, 100), np.float32))

    def stream(*frames):
        made = SpeechStream(UtteranceReader(iter(())), iter(()), print, print, None)
        made.tasks = tuple(RenderTask(plan, delivery, 16, 16 + each, progress) for each in frames)
        return made

    many, others = stream(64, 60, *[50] * 6), [stream(64) for _ in range(12)]
    assert list(select_batch([many, *others])) == [many, *others[: MAX_BATCH_FRAMES // 64 - 8]]
    assert list(select_batch([*others, many])) == others
    unread = stream()
    assert list(select_batch([many, unread])) == [unread]
