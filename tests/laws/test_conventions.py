import json
from dataclasses import replace

import pytest
import safetensors.torch

from tests.phonemes import phonemise
from tts.acoustic.model import AcousticModel
from tts.checkpoint import read_metadata
from tts.text.pronounce.conventions import ESPEAK, MISAKI
from tts.text.pronounce.symbols import PhonemeTokenizer
from tts.torch_checkpoint import load_checkpoint, save_checkpoint


@pytest.mark.parametrize(
    ("text", "misaki", "espeak"),
    [
        ("He saw you.", "hˌi sˈɔ ju.", "hi sˈɔ ju."),
        ("You saw us.", "jˌu sˈɔ ˌʌs.", "ju sˈɔ ˌʌs."),
        ("I saw it.", "ˌI sˈɔ ɪt.", "ˌI sˈɔ ɪt."),
        ("I'm late.", "ˌIm lˈAt.", "ˌIm lˈAt."),
        ("Why him?", "wˌI hˌɪm?", "wˌI hˌɪm?"),
        ("We'll go.", "wˌil ɡˌO.", "wil ɡˌO."),
        ("IT IS.", "ˈɪt ˈɪz.", "ˈɪt ˈɪz."),
        ("Paris fell.", "pˈɛɹəs fˈɛl.", "pˈɛɹəs fˈɛl."),
    ],
)
def test_a_voice_gets_the_stress_that_it_has_learnt(text, misaki, espeak):
    assert phonemise(text) == phonemise(text, convention=MISAKI) == misaki
    assert phonemise(text, convention=ESPEAK) == espeak


@pytest.mark.parametrize(("convention", "stress"), [(MISAKI, True), (ESPEAK, False)])
def test_a_voice_is_spoken_to_in_its_convention(tiny_synthesizer, convention, stress, monkeypatch):
    acoustic = tiny_synthesizer.runtime.acoustic
    acoustic.config = replace(acoustic.config, convention=convention)
    heard = []
    monkeypatch.setattr(
        PhonemeTokenizer, "encode", lambda self, said: heard.append(said) or [1] * len(said)
    )
    tiny_synthesizer.speak("He saw you.")
    assert ["ˌ" in said for said in heard] == [stress]


def test_a_checkpoint_that_names_no_convention_was_trained_on_espeak(tiny_acoustic, tmp_path):
    path = tmp_path / "model.safetensors"
    save_checkpoint(tiny_acoustic, path, {})
    assert load_checkpoint(path, AcousticModel).config.convention == MISAKI
    metadata = read_metadata(path)
    config = json.loads(metadata["config"])
    del config["convention"]
    weights = safetensors.torch.load_file(path)
    safetensors.torch.save_file(weights, path, metadata={**metadata, "config": json.dumps(config)})
    assert load_checkpoint(path, AcousticModel).config.convention == ESPEAK


def test_the_shipped_voices_were_trained_on_espeak(synthesizer):
    assert synthesizer.runtime.config.convention == ESPEAK


def test_an_unknown_convention_is_refused(tiny_config):
    with pytest.raises(ValueError, match="convention must be one of misaki, espeak; got 'ipa'"):
        replace(tiny_config, convention="ipa")
