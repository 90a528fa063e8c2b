"""What must hold of the whole system, as it is shipped."""

from copy import deepcopy
from functools import cache

import numpy as np
import pytest
import torch
from tts.training.data.prepare import log_pitch

from tts import Delivery
from tts.torch_checkpoint import load_vocoder, save_checkpoint
from tts.vocoder.mel import log_mel

TEXT = "The colonies are willing to assent to a Continental Congress."


@pytest.fixture(scope="module")
def speech(synthesizer):
    return synthesizer.speak(TEXT)


@pytest.mark.parametrize("voice", ["heart", "michael"])
@pytest.mark.parametrize("steps", [1, 2])
def test_every_shipped_voice_speaks_a_sentence_of_plausible_length(synthesizer, voice, steps):
    speech = synthesizer.speak(TEXT, Delivery(voice=voice, steps=steps))
    assert 2.5 < speech.seconds < 5.5
    assert np.isfinite(speech.audio).all()
    loud = np.sqrt(np.mean(speech.audio**2))
    assert 0.03 < loud < 0.12


def test_the_first_chunk_is_long_enough_and_sounds_at_once(synthesizer):
    for voice in ("heart", "michael"):
        first = next(synthesizer.stream(TEXT, Delivery(voice=voice)))
        assert first.seconds >= 0.15
        peak = np.abs(first.audio).max()
        onset = np.flatnonzero(np.abs(first.audio) > 0.1 * peak)[0] / first.sample_rate
        assert onset < 0.08


@torch.inference_mode()
def test_silence_in_is_silence_out(torch_synthesizer):
    mel = torch.full((1, 100, 100), torch_synthesizer.runtime.config.mel.floor)
    assert torch_synthesizer.runtime.vocoder(mel).abs().max() < 1e-4


@pytest.mark.parametrize("gain", [0.1, 0.3, 1.0, 1.4])
@torch.inference_mode()
def test_the_vocoder_copies_speech_at_any_loudness(torch_synthesizer, speech, gain):
    sound = gain * torch.from_numpy(speech.audio)[None]
    config = torch_synthesizer.runtime.config.mel
    mel = log_mel(sound, config)
    copy = torch_synthesizer.runtime.vocoder(mel)
    whole = sound[:, : copy.shape[1]]
    assert copy.square().mean().sqrt().item() == pytest.approx(
        whole.square().mean().sqrt().item(), rel=0.06
    )
    assert (log_mel(copy, config) - mel).abs().mean() < 0.4


def test_to_be_stored_in_half_precision_is_not_heard(torch_synthesizer, speech, tmp_path):
    """Weights near ours that use all of their digits, and the same from a file."""
    sound = torch.from_numpy(speech.audio)[None]
    mel = log_mel(sound, torch_synthesizer.runtime.config.mel)
    vocoder, chance = deepcopy(torch_synthesizer.runtime.vocoder), torch.Generator().manual_seed(0)
    with torch.no_grad():
        for weight in vocoder.parameters():
            weight.mul_(1 + 1e-3 * torch.randn(weight.shape, generator=chance))
    save_checkpoint(vocoder, tmp_path / "vocoder.safetensors", {})
    with torch.inference_mode():
        whole = vocoder(mel)
        stored = load_vocoder(tmp_path / "vocoder.safetensors")(mel)
    assert (stored - whole).square().mean() < 1e-6 * whole.square().mean()


def test_one_and_many_steps_agree_on_the_words(synthesizer, speech):
    many = synthesizer.speak(TEXT, Delivery(steps=4))
    assert [p.symbol for p in speech.phones if p.symbol.isalpha()] == [
        p.symbol for p in many.phones if p.symbol.isalpha()
    ]


def test_the_pitch_of_the_voices_is_theirs(synthesizer):
    """The male voice has more of its energy below the female one's fundamental."""
    low = {}
    for voice in ("heart", "michael"):
        audio = synthesizer.speak(TEXT, Delivery(voice=voice)).audio
        power = np.abs(np.fft.rfft(audio)) ** 2
        frequency = np.fft.rfftfreq(len(audio), 1 / 24_000)
        low[voice] = power[(frequency > 80) & (frequency < 140)].sum() / power.sum()
    assert low["michael"] > 3 * low["heart"]


@pytest.mark.parametrize("voice", ["heart", "michael"])
def test_the_voices_obey_tags(synthesizer, voice):
    """Four semitones are four in the median, half the pace is half, and more energy is louder."""
    mel = synthesizer.runtime.config.mel

    @cache
    def spoken(text):
        return synthesizer.speak(text, Delivery(voice=voice))

    def pitch(text):
        audio = spoken(text).audio
        return 12 / np.log(2) * np.nanmedian(log_pitch(audio, len(audio) // mel.hop, mel))

    def level(text):
        return 10 * np.log10(np.mean(spoken(text).audio ** 2))

    assert 3 < pitch(f"[pitch:+4]{TEXT}[/pitch]") - pitch(TEXT) < 5
    assert -4 < pitch(f"[pitch:-3]{TEXT}[/pitch]") - pitch(TEXT) < -1.5
    assert 2.5 < level(f"[energy:+6]{TEXT}[/energy]") - level(TEXT) < 7
    assert -7 < level(f"[energy:-6]{TEXT}[/energy]") - level(TEXT) < -2.5
    slow = spoken(f"[pace:0.5]{TEXT}[/pace]").seconds
    assert slow / spoken(TEXT).seconds == pytest.approx(2, rel=0.05)
