"""Voices that a checkpoint has and does not offer: in no list, and spoken by whoever names them."""

import json
import re
from dataclasses import asdict, replace
from pathlib import Path

import gradio
import httpx
import numpy as np
import pytest
import safetensors
from tts.app.batch.inputs.read import InputOptions, read_input
from tts.app.demo.form.controls import composer
from tts.app.server.app import create_app
from tts.app.server.schemas import aliases, voice_of
from tts.app.server.session import Message
from tts.app.server.settings import ServerSettings
from wyoming.info import Describe, Info
from wyoming.tts import Synthesize, SynthesizeVoice

from tests.app.wyoming.test_server import ask, sound
from tests.serving import SPEECH, assert_sounds_like, serving
from tts.checkpoint import read_metadata
from tts.cli.doctor import voices
from tts.cli.main import main
from tts.delivery import Delivery
from tts.serving.engine import Engine
from tts.synthesis import load
from tts.torch_checkpoint import add_metadata, save_checkpoint
from tts.voices import VoiceInfo, offered_voices

ROOT = Path(__file__).parents[2]
TEXT = "So they do."
MICHAEL = VoiceInfo(
    name="michael",
    sex="male",
    accent="US",
    word_errors=3.1,
    distillmos=4.07,
    similarity=0.91,
    lines=40,
)
UNOFFERED = "heart"


@pytest.fixture
def checkpoint(tiny_acoustic, tmp_path):
    """A model of heart and michael that offers michael alone."""
    path = tmp_path / "acoustic.safetensors"
    save_checkpoint(tiny_acoustic, path, {"recipe": "tiny"})
    add_metadata(path, path, {"voices": json.dumps([asdict(MICHAEL)])})
    return path


@pytest.fixture
def engine(checkpoint, tiny_vocoder, tmp_path):
    save_checkpoint(tiny_vocoder, tmp_path / "vocoder.safetensors", {})
    synthesizer = load(checkpoint, tmp_path / "vocoder.safetensors")
    with Engine(synthesizer, concurrency=1, waiting=4) as engine:
        yield engine


def test_weights_stay_to_the_bit_when_metadata_is_added(tiny_acoustic, checkpoint, tmp_path):
    save_checkpoint(tiny_acoustic, tmp_path / "before.safetensors", {"recipe": "tiny"})
    with (
        safetensors.safe_open(tmp_path / "before.safetensors", "pt") as before,
        safetensors.safe_open(checkpoint, "pt") as after,
    ):
        names = list(before.keys())
        assert list(after.keys()) == names
        for one, other in ((before.get_tensor(name), after.get_tensor(name)) for name in names):
            assert one.dtype == other.dtype
            assert one.numpy().tobytes() == other.numpy().tobytes()
        added = after.metadata()
        assert json.loads(added.pop("voices"))[0]["name"] == "michael"
        assert added == before.metadata()


def test_a_checkpoint_says_which_voices_it_offers(tiny_acoustic, checkpoint, tmp_path):
    assert offered_voices(read_metadata(checkpoint)) == (MICHAEL,)
    save_checkpoint(tiny_acoustic, tmp_path / "silent.safetensors", {})
    silent = offered_voices(read_metadata(tmp_path / "silent.safetensors"))
    assert silent == (VoiceInfo(name="heart"), VoiceInfo(name="michael"))


@pytest.mark.parametrize(
    ("offered", "sentence"),
    [
        ("[]", "must list some of its own voices once each, got none"),
        (json.dumps([asdict(MICHAEL) | {"name": "bob"}]), "once each, got bob"),
        (json.dumps([{"name": "michael"}]), "VoiceInfo needs the field accent"),
        (json.dumps([asdict(MICHAEL) | {"age": 9}]), "VoiceInfo has no field age"),
        (json.dumps([asdict(MICHAEL)] * 2), "once each, got michael, michael"),
        (json.dumps([asdict(MICHAEL) | {"distillmos": "4"}]), "distillmos must be a number"),
        ('["michael"]', "expected the fields of a VoiceInfo, got 'michael'"),
        ('"michael"', "voices must be a list"),
        ("michael", "expected JSON, got 'michael'"),
    ],
)
def test_metadata_that_offers_nothing_of_the_model_is_refused(
    offered, sentence, checkpoint, tiny_vocoder
):
    add_metadata(checkpoint, checkpoint, {"voices": offered})
    with pytest.raises(ValueError, match=sentence):
        load(checkpoint)


def test_a_vocoder_offers_no_voices(tiny_vocoder, tmp_path):
    save_checkpoint(tiny_vocoder, tmp_path / "vocoder.safetensors", {})
    with pytest.raises(ValueError, match="not an acoustic model"):
        offered_voices(read_metadata(tmp_path / "vocoder.safetensors"))


@pytest.mark.parametrize(
    "config", ["[]", "nothing", "{}", '{"voices": "heart"}', '{"voices": ["heart", ["michael"]]}']
)
def test_a_config_that_is_none_is_refused_in_a_sentence(config, checkpoint):
    add_metadata(checkpoint, checkpoint, {"config": config})
    with pytest.raises(ValueError, match="not an acoustic model"):
        offered_voices(read_metadata(checkpoint))
    with pytest.raises(ValueError, match=r"cannot read the config of .*: "):
        load(checkpoint)


def test_a_voice_that_is_not_offered_speaks_as_it_did(engine, tiny_synthesizer):
    synthesizer = engine.synthesizer
    assert synthesizer.voices == ("michael",)
    known = replace(synthesizer, offered_voices=())
    assert known.voices == ("heart", "michael")
    for voice in (UNOFFERED, "heart+michael"):
        spoken = [one.speak(TEXT, Delivery(voice=voice)).audio for one in (synthesizer, known)]
        np.testing.assert_array_equal(*spoken)
    with pytest.raises(
        ValueError, match="unknown voice 'bob'; voices: michael, or a blend such as michael"
    ):
        synthesizer.speak(TEXT, Delivery(voice="bob"))


def test_the_server_lists_the_offered_and_speaks_with_all(engine):
    with serving(create_app(engine, ServerSettings())) as at:
        listed = httpx.get(f"{at}/v1/voices").json()
        told = {"languages": ["en-US"], "learned": False, "description": "male, US accent"}
        assert listed["voices"] == [{"id": "michael", **asdict(MICHAEL), **told}]
        assert set(listed["aliases"].values()) == {"michael"}
        asked = {"input": TEXT, "voice": UNOFFERED, "response_format": "pcm"}
        answer = httpx.post(at + SPEECH, json=asked)
        refused = httpx.post(at + SPEECH, json=asked | {"voice": "bob"})
    assert_sounds_like(answer.content, engine.synthesizer.speak(TEXT, Delivery(voice=UNOFFERED)))
    assert "unknown voice 'bob'; voices: michael, or" in refused.json()["error"]["message"]


@pytest.mark.parametrize(
    ("name", "voice"),
    [
        ("heart", "heart"),
        ("af_heart", "heart"),
        ("alloy", "michael"),
        ("heart(2)+michael(1)", "heart(2)+michael(1)"),
    ],
)
def test_a_request_may_name_all(name, voice, engine):
    assert voice_of(name, engine) == voice


@pytest.mark.parametrize("name", ["heart", "heart(2)+michael(1)"])
def test_a_conversation_may_name_all(name, engine):
    delivery = Message(voice=name).delivery(Delivery(voice="michael"), engine, ServerSettings())
    assert delivery.voice == name


def test_a_voice_of_the_model_is_nobodys_other_name(engine, tiny_synthesizer):
    """Not even if it is not offered."""
    runtime = engine.synthesizer.runtime
    runtime.config = replace(runtime.config, voices=("alloy", "michael"))
    assert "alloy" not in aliases(engine)
    assert voice_of("alloy", engine) == "alloy"


def test_home_assistant_is_shown_the_offered_and_may_name_all(engine):
    (event,) = ask(engine, Describe(), last="info")
    (program,) = Info.from_event(event).tts
    assert [voice.name for voice in program.voices] == ["michael"]
    named = Synthesize(TEXT, voice=SynthesizeVoice(name=UNOFFERED))
    heard = sound(ask(engine, named, last="audio-stop"))
    spoken = engine.synthesizer.speak(TEXT, Delivery(voice=UNOFFERED)).audio
    np.testing.assert_allclose(heard / 32767, spoken.clip(-1, 1), atol=1e-3)


def test_the_demo_lets_one_choose_of_the_offered(engine):
    with gradio.Blocks():
        picker = composer(engine).picker
    assert re.findall('value="([^"]*)"', picker.voice.props["cards"]) == ["michael"]
    assert re.findall('value="([^"]*)"', picker.other.props["options"]) == ["", "michael"]


def test_a_list_may_name_all(tmp_path):
    reader = InputOptions(
        delivery=Delivery(voice=UNOFFERED), voices=("heart", "michael"), offered=("michael",)
    )
    path = tmp_path / "list.csv"
    path.write_text("text,voice\nOne.,heart\nTwo.,bob\n", encoding="utf-8")
    listing = read_input(path, reader)
    assert [item.text for item in listing.items] == ["One."]
    assert "unknown voice 'bob'; voices: michael, or a blend" in listing.errors[0].message


def test_a_batch_speaks_with_all(checkpoint, tiny_vocoder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    save_checkpoint(tiny_vocoder, tmp_path / "vocoder.safetensors", {})
    (tmp_path / "list.txt").write_text(TEXT, encoding="utf-8")
    options = {"acoustic": checkpoint, "vocoder": "vocoder.safetensors", "voice": UNOFFERED}
    options |= {"workers": 1, "rolls": 0, "mos": 0}
    named = [str(part) for name, value in options.items() for part in (f"--{name}", value)]
    with pytest.raises(SystemExit) as ended:
        main(["batch", "list.txt", "out", *named])
    assert not ended.value.code
    (row,) = (tmp_path / "out" / "manifest.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(row)["voice"] == UNOFFERED


def test_the_doctor_names_the_offered(checkpoint):
    assert voices(checkpoint) == f"michael, in {checkpoint}"


def test_the_shipped_voices_are_offered_as_they_were_measured(synthesizer):
    """With another model in its place, its voices have to be measured again."""
    path = ROOT / "benchmarks" / "results" / "voices.json"
    found = json.loads(path.read_text(encoding="utf-8"))
    assert [asdict(voice) for voice in synthesizer.offered_voices] == found["offered"]
    measured = {row["voice"]: row for row in found["summary"]}
    known = synthesizer.runtime.config.voices
    assert set(measured) == {name for name in known if not name.startswith("blend")}
    for voice in synthesizer.offered_voices:
        figures, limits = measured[voice.name], found["limits"]
        assert voice.lines == figures["lines"] == 40
        assert voice.word_errors == pytest.approx(100 * figures["wer"]["value"], abs=0.051)
        assert figures["distillmos"]["value"] >= limits["distillmos"]
        assert 100 * figures["wer"]["value"] <= limits["word_errors"]
    assert Delivery().voice in synthesizer.voices
