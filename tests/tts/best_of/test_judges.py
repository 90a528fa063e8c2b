"""Judges by name and as functions."""

from types import SimpleNamespace

import numpy as np
import pytest

import tts.metrics
from tts.best_of import judges
from tts.best_of.judges import JUDGES, find_judge, judge_name, score_audio
from tts.config import MelConfig
from tts.delivery import Delivery

PLAN = SimpleNamespace(runtime=SimpleNamespace(config=SimpleNamespace(mel=MelConfig())))


def test_a_judge_is_a_name_or_a_function():
    assert set(JUDGES) == {"ensemble", "distillmos", "dnsmos"}
    for name in JUDGES:
        assert Delivery(judge=name).judge == name
    assert Delivery(judge=max).judge is max
    assert (judge_name("dnsmos"), judge_name(max)) == ("dnsmos", "max")
    assert find_judge(max) is max


def test_an_unknown_name_is_refused():
    names = "ensemble, distillmos, dnsmos, or a function"
    with pytest.raises(ValueError, match=f"judge must be one of {names}, got 'whisper'"):
        Delivery(judge="whisper")


@pytest.mark.parametrize("judge", [3, None, ["ensemble"]])
def test_what_is_no_judge_is_refused_with_what_is_one(judge):
    delivery = Delivery()
    object.__setattr__(delivery, "judge", judge)  # the types of arguments are checked in tests
    with pytest.raises(ValueError, match=r"judge must be one of ensemble, .*, or a function, got"):
        delivery.__post_init__()


@pytest.mark.parametrize(
    "found", [None, "good", {}, {"pace": None}, {"a": np.inf, "b": -np.inf}, np.zeros(9), np.nan]
)
def test_a_judge_that_returns_no_finite_number_is_named(found):
    def broken(audio, plan):
        return found

    with pytest.raises(ValueError, match=r"^the judge broken must return finite numbers, got "):
        score_audio(broken, np.zeros(100, np.float32), PLAN)


def test_a_judge_cannot_change_the_sound():
    def normalise(audio, plan):
        audio /= np.abs(audio).max()
        return 1

    audio = np.full(100, 0.5, np.float32)
    assert score_audio(normalise, audio, PLAN) == {"normalise": 1.0}
    assert (audio == 0.5).all()


@pytest.fixture
def fresh(monkeypatch):
    judges._load.cache_clear()
    yield
    judges._load.cache_clear()


def test_a_judge_whose_package_is_missing_names_the_extra(monkeypatch, fresh, tiny_synthesizer):
    def missing(name):
        raise ModuleNotFoundError(name=name)

    monkeypatch.setattr(tts.metrics, "import_module", missing)
    for name in ("distillmos", "dnsmos"):
        with pytest.raises(ModuleNotFoundError, match=r"one-step-tts\[evaluate\]"):
            tiny_synthesizer.speak("Hello.", Delivery(best_of=2, judge=name))
    tiny_synthesizer.speak("Hello.", Delivery(judge="dnsmos"))  # there is nothing to judge


def test_an_estimator_hears_16_khz_and_gives_silence_the_lowest_score(monkeypatch, fresh):
    heard = []

    def loudness(audio):
        heard.append(len(audio))
        return float(np.abs(audio).max())

    monkeypatch.setattr(tts.metrics, "OPINIONS", {"dnsmos": lambda: loudness})
    judge = find_judge("dnsmos")
    assert find_judge("dnsmos") is judge
    tone = 0.5 * np.sin(np.arange(24_000) / 10).astype(np.float32)
    assert judge(tone, PLAN) == pytest.approx(0.5, abs=0.02)
    assert heard == [16_000]
    assert judge(np.zeros(24_000, np.float32), PLAN) == 1.0
    assert len(heard) == 1
