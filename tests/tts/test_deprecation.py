"""Old names of the library and its commands are understood until version 0.3, with a warning."""

import importlib
from dataclasses import replace

import pytest
from tts.app.__main__ import serve_command
from tts.training.__main__ import app as training
from typer.testing import CliRunner

import tts
from tts import Delivery, Lexicon, Synthesizer, TextOptions, checkpoint, torch_checkpoint
from tts.checkpoint import MOVED
from tts.serving.engine import Engine, EngineStats

GOES = "the old name works until version 0.3"


def test_the_old_name_of_the_text_options_is_understood():
    with pytest.warns(FutureWarning, match=f"tts.Reading is now tts.TextOptions; {GOES}"):
        assert tts.Reading is TextOptions


@pytest.mark.parametrize(
    ("old", "new"),
    [("offered", "offered_voices")],
)
def test_old_members_are_the_new_ones(old, new, tiny_synthesizer):
    with pytest.warns(FutureWarning, match=f"Synthesizer.{old} is now Synthesizer.{new}; {GOES}"):
        assert getattr(tiny_synthesizer, old) == getattr(tiny_synthesizer, new)


def test_old_methods_and_arguments_do_what_the_new_ones_do(tiny_synthesizer):
    text = "One came. Two went."
    wanted = tts.Speech.join(tiny_synthesizer.stream(text, utterance=1))
    with pytest.warns(FutureWarning, match=rf"stream\(only=...\) is now utterance=...; {GOES}"):
        pieces = tiny_synthesizer.stream(text, only=1)
    heard = tts.Speech.join(pieces)
    assert (heard.audio == wanted.audio).all()
    with pytest.warns(FutureWarning, match="Synthesizer.has is now Synthesizer.has_voice"):
        assert tiny_synthesizer.has("heart")
    with pytest.warns(FutureWarning, match="Delivery.silence is now Delivery.pause_seconds"):
        assert Delivery(pauses=2.0).silence(0.25) == Delivery(pauses=2.0).pause_seconds(0.25)
    with pytest.warns(FutureWarning, match="Speech.line is now Speech.utterance"):
        assert heard.line == heard.utterance


def test_old_names_of_fields_make_and_alter_what_they_did(tiny_synthesizer):
    runtime = tiny_synthesizer.runtime
    with pytest.warns(
        FutureWarning, match=rf"Synthesizer\(offered=...\) is now offered_voices=...; {GOES}"
    ):
        assert Synthesizer(runtime, offered=()).offered_voices == ()
    with pytest.warns(FutureWarning, match=r"Synthesizer\(offered=...\)"):
        assert replace(tiny_synthesizer, offered=()).offered_voices == ()
    with pytest.warns(FutureWarning, match=r"Speech\(line=...\) is now utterance=..."):
        assert replace(tiny_synthesizer.speak("One."), line=3).utterance == 3


def test_low_latency_is_now_of_each_stream():
    with pytest.warns(FutureWarning, match=r"load\(\w+=...\) has no effect; use stream") as found:
        assert tts.load(early=False, low_latency=False).voices
    assert {str(one.message).partition("=")[0] for one in found} == {
        "load(early",
        "load(low_latency",
    }


def test_the_engine_answers_to_its_old_names(tiny_synthesizer):
    old = importlib.import_module("tts.engine")
    for name, new in (("Engine", Engine), ("Load", EngineStats)):
        with pytest.warns(FutureWarning, match=f"tts.engine.{name} is now tts.serving.engine"):
            assert getattr(old, name) is new
    with pytest.warns(FutureWarning, match=r"Engine\(together=...\) is now concurrency=..."):
        engine = Engine(tiny_synthesizer, together=1)
    with engine:
        with pytest.warns(FutureWarning, match=r"stream\(only=...\) is now utterance=..."):
            pieces = engine.stream("One came. Two went.", only=1)
        assert list(pieces)
        with pytest.warns(FutureWarning, match="Engine.load is now Engine.stats"):
            assert isinstance(engine.load, EngineStats)


@pytest.mark.parametrize("name", MOVED)
def test_what_needs_torch_is_found_where_checkpoints_were(name):
    with pytest.warns(
        FutureWarning, match=f"tts.checkpoint.{name} is now tts.torch_checkpoint.{name}; {GOES}"
    ):
        assert getattr(checkpoint, name) is getattr(torch_checkpoint, name)
    with pytest.raises(AttributeError, match="has no attribute 'nonsense'"):
        _ = checkpoint.nonsense


def test_a_synthesizer_of_two_modules_is_refused(tiny_acoustic, tiny_vocoder):
    with pytest.raises(ValueError, match=r"runtime must be one such as TorchRuntime\(...\), got"):
        Synthesizer(tiny_acoustic, tiny_vocoder)


def test_a_lexicon_is_made_by_its_old_name():
    entries = Lexicon.of({"Anais": "anna"}).entries
    with pytest.warns(FutureWarning, match="Lexicon.checked is now Lexicon.from_entries"):
        assert Lexicon.checked(entries) == Lexicon.from_entries(entries)


def test_new_names_warn_of_nothing(tiny_synthesizer, recwarn):
    tiny_synthesizer.speak("One.")
    assert tiny_synthesizer.has_voice("heart")
    assert not [one for one in recwarn if issubclass(one.category, FutureWarning)]


def test_an_old_option_is_understood():
    done = CliRunner().invoke(serve_command, ["--together=0"])
    assert f"warning: --together is now --concurrency; {GOES}" in done.output
    assert done.exit_code == 2
    assert "Invalid value for '--concurrency'" in done.output


def test_what_comes_after_two_dashes_is_no_option():
    done = CliRunner().invoke(serve_command, ["--", "--together"])
    assert done.exit_code == 2
    assert "warning" not in done.output
    assert "--concurrency" not in done.output


def test_an_old_command_is_understood():
    done = CliRunner().invoke(training, ["copies", "--help"])
    assert done.exit_code == 0
    assert f"warning: copies is now copy-synthesis; {GOES}" in done.output
