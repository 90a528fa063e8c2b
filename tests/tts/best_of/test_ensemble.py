"""The ensemble hears planted faults, each by its part."""

from dataclasses import replace

import numpy as np
import pytest

from tts.best_of.ensemble import PARTS, judge_by_ensemble, measure
from tts.delivery import Delivery
from tts.rendering import utterance_tasks
from tts.streaming import offline_chunks

TEXT = "The old keeper climbed the winding stairs every evening."
RATE = 24_000


@pytest.fixture(scope="module")
def take(synthesizer):
    """A plan, and its sound."""
    line = next(synthesizer.lines(TEXT, Delivery()))
    plan = synthesizer.plan(line, Delivery())
    return plan, render(synthesizer, plan)


def render(synthesizer, plan):
    (task,) = utterance_tasks(plan, Delivery(), offline_chunks)
    synthesizer.render([task])
    return task.audio


def scores(take, audio):
    return judge_by_ensemble(audio, take[0])


def test_a_usual_take_is_near_zero(take):
    found = scores(take, take[1])
    assert found.keys() == PARTS.keys()
    assert all(abs(value) < 8 for value in found.values())
    assert found["clipping"] == 0


def test_another_word_is_a_misfit(take, synthesizer):
    plan, audio = take
    hidden = plan.tokens.hidden.copy()
    hidden[20:28] = hidden[40:48]
    said = render(synthesizer, replace(plan, tokens=replace(plan.tokens, hidden=hidden)))
    for part in ("misfit", "worst phone"):
        assert scores(take, said)[part] < scores(take, audio)[part] - 3


@pytest.mark.parametrize(
    ("part", "plant"),
    [
        ("bursts", lambda audio, noise: np.concatenate([audio[:9000], noise[:480], audio[9480:]])),
        ("loud edges", lambda audio, noise: np.concatenate([audio[:-2400], audio[20000:22400]])),
        ("clipping", lambda audio, noise: (8 * audio).clip(-1, 1)),
        ("misfit", lambda audio, noise: np.concatenate([audio[3600:], audio[:3600]])),
        ("misfit", lambda audio, noise: np.zeros_like(audio)),
    ],
)
def test_a_planted_fault_is_heard_by_its_part(take, part, plant):
    noise = 0.1 * np.random.default_rng(0).standard_normal(RATE).astype(np.float32)
    faulty = scores(take, plant(take[1], noise))
    assert faulty[part] < scores(take, take[1])[part] - 3
    assert sum(faulty.values()) < sum(scores(take, take[1]).values())


def test_both_runtimes_expect_the_same_mel(take, tiny_synthesizer):
    pytest.importorskip("torch")
    from tts.runtime.expected_mel import ExpectedMel

    model = tiny_synthesizer.runtime.acoustic
    plan = tiny_synthesizer.plan(next(tiny_synthesizer.lines(TEXT, Delivery())), Delivery())
    weights = {key: value.numpy() for key, value in model.state_dict().items()}
    given = plan.tokens, plan.token, plan.position
    mel = ExpectedMel(weights)(*given) * weights["mel_deviation"] + weights["mel_mean"]
    expected = tiny_synthesizer.runtime.expected_mel(*given)
    np.testing.assert_allclose(np.maximum(mel, -8), expected, atol=1e-4)


def test_very_short_sound_is_measured(take):
    plan, audio = take
    short = replace(plan, token=plan.token[:1], position=plan.position[:1])
    measured = measure(audio[:256], short)
    assert measured.mel.shape == measured.expected.shape == (1, 100)
