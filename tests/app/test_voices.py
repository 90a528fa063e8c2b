"""Voices of the options of commands, and what is made of them for clients."""

from dataclasses import replace
from pathlib import Path

import pytest
from tts.app.__main__ import engine
from tts.app.voices import ServerVoices, describe_voices, is_own, name_voice, without_reasons

from tests.learned import with_learned_voices
from tests.tts.voices import card_for, voice_file
from tts.checkpoint import shipped_checkpoint
from tts.delivery import Delivery
from tts.learned_voices import LearnedVoices, LeftOutVoice
from tts.torch_checkpoint import save_checkpoint
from tts.voice_files import write_voice
from tts.voices import VoiceInfo


@pytest.fixture
def models(tiny_acoustic, tiny_vocoder, tmp_path):
    paths = tmp_path / "acoustic.safetensors", tmp_path / "vocoder.safetensors"
    save_checkpoint(tiny_acoustic, paths[0], {"family": "tiny"})
    save_checkpoint(tiny_vocoder, paths[1], {})
    return paths


@pytest.fixture
def folder(models, tiny_config, tmp_path):
    """Voice files whose names are not those of their voices."""
    folder = tmp_path / "voices"
    folder.mkdir()
    for seed, (file, name) in enumerate({"a": "anna", "my b": "bea", "c": "carla"}.items()):
        voice = voice_file(tiny_config, seed, card=card_for(*models, name))
        write_voice(voice, folder / f"{file}.voice")
    return folder


@pytest.mark.parametrize(
    ("voice", "name", "files"),
    [
        ("heart", "heart", ()),
        ("a.voice", "anna", ("a.voice",)),
        ("my b.voice", "bea", ("my b.voice",)),
        ("a.voice(2)+heart(1)", "anna(2)+heart(1)", ("a.voice",)),
        ("heart + ./a.voice", "heart + anna", ("a.voice",)),
        ("a.voice+c.voice(0.5)", "anna+carla(0.5)", ("a.voice", "c.voice")),
    ],
)
def test_paths_become_names(voice, name, files, folder):
    named = name_voice(voice, folder)
    assert named.name == name
    assert named.files == tuple(folder / file for file in files)


def test_a_voice_is_described_by_what_is_known_of_it(tiny_synthesizer):
    offered = VoiceInfo(name="heart", sex="female", accent="US", distillmos=4.1)
    (heart,) = describe_voices(replace(tiny_synthesizer, offered_voices=(offered,)))
    assert heart["description"] == "female, US accent"
    assert heart["languages"] == ["en-US"]
    assert heart["distillmos"] == 4.1
    assert "similarity" not in heart, "it was not measured"


def test_a_file_that_is_not_there_is_refused(folder):
    with pytest.raises(FileNotFoundError, match=r"no such file: .*x\.voice"):
        name_voice("x.voice", folder)


def test_the_first_voice_is_the_default_and_files_are_offered_once(folder):
    first, other = str(folder / "a.voice"), str(folder / "c.voice")
    voices = ServerVoices.of([f"{first}(2)+heart", other, first], Path("more"))
    assert voices == ServerVoices("anna(2)+heart", (Path(first), Path(other)), Path("more"))
    assert ServerVoices.of((), None) == ServerVoices()


def test_an_engine_has_its_default_voice_made_and_tells_clients_no_path(models, folder, capsys):
    (folder / "bad.voice").write_text("Hello.")
    voices = ServerVoices.of([str(folder / "a.voice")], folder)
    with engine(
        1, models[0], str(models[1]), voices, device="cpu", runtime=None, precision=None
    ) as works:
        offered = works.synthesizer
        assert offered.voices == ("heart", "michael", "anna", "carla", "bea")
        assert offered.learned_voices.made(offered.runtime, {"anna": 1.0})
        assert not offered.learned_voices.made(offered.runtime, {"bea": 1.0})
        with pytest.raises(ValueError, match=r"^unknown voice 'bad'; voices: heart"):
            works.stream("Hello.", Delivery(voice="bad"))
    assert f"warning: {folder / 'bad.voice'} is not a safetensors file" in capsys.readouterr().err


@pytest.mark.parametrize("default", ["nobody", "bad"])
def test_a_default_voice_that_is_not_there_is_refused(default, models, folder):
    (folder / "bad.voice").write_text("Hello.")
    reasons = {"nobody": "unknown voice 'nobody'", "bad": "bad.voice is not a safetensors file"}
    with pytest.raises(ValueError, match=reasons[default]):
        engine(
            1,
            models[0],
            str(models[1]),
            ServerVoices.of([default], folder),
            device="cpu",
            runtime=None,
            precision=None,
        )


def test_reasons_name_paths_to_no_client(tiny_synthesizer):
    left = LeftOutVoice(Path("/secret/x.voice"), "/secret/x.voice is damaged")
    learned = LearnedVoices(with_learned_voices(tiny_synthesizer).learned_voices, [left])
    told = replace(tiny_synthesizer, learned_voices=learned)
    with pytest.raises(ValueError, match="secret"):
        told.voice_weights("x")
    with pytest.raises(ValueError, match=r"^unknown voice 'x'; voices: heart, michael, anna, bea"):
        without_reasons(told).voice_weights("x")


def test_shipped_voices_are_not_ones_own(tiny_synthesizer):
    anna, _ = with_learned_voices(tiny_synthesizer).learned_voices
    assert is_own(anna)
    assert not is_own(replace(anna, path=shipped_checkpoint("acoustic").with_name("anna.voice")))
