"""Our own speech is aligned with its text, and its own durations are the truth."""

from functools import cache

import numpy as np
import pytest
import torch
from tts.training.voices.align import (
    align,
    phonemes_of,
)
from tts.training.voices.states import is_silence

from tts.acoustic.model import AcousticModel
from tts.checkpoint import shipped_checkpoint
from tts.delivery import Delivery
from tts.synthesis import load
from tts.text.pronounce.symbols import END, START, STRESS
from tts.torch_checkpoint import load_checkpoint
from tts.vocoder.mel import log_mel

RATE, HOP = 24_000, 256
FRAME_MS = 1000 * HOP / RATE
TEXT = "When the sunlight strikes raindrops in the air, they act as a prism and form a rainbow."
OTHER = "Please call Stella, and ask her to bring these things with her from the store."


@cache
def shipped():
    return load_checkpoint(shipped_checkpoint("acoustic"), AcousticModel)


@cache
def spoken(text, voice="heart"):
    """Speech, and the start of each of its phones in seconds."""
    speech = load().speak(text, Delivery(voice=voice))
    return speech.audio, [(phone.symbol, phone.start) for phone in speech.phones]


def mel_of(audio):
    return log_mel(torch.from_numpy(np.ascontiguousarray(audio))[None], shipped().config.mel)[
        0
    ].numpy()


def mean_of_others(voice):
    table = shipped().voices.weight.detach().numpy()
    return table[[name != voice for name in shipped().config.voices]].mean(axis=0)


def aligned(audio, text, voice="heart"):
    symbols = START + phonemes_of(text, shipped().config.convention) + END
    return symbols, align(shipped(), mel_of(audio), symbols, mean_of_others(voice))


@pytest.mark.parametrize("voice", ["heart", "michael"])
def test_starts_of_phones_are_those_of_the_speech(voice):
    audio, phones = spoken(TEXT, voice)
    symbols, found = aligned(audio, TEXT, voice)
    assert found.durations.sum() == len(audio) // HOP
    starts = found.durations.cumsum() - found.durations
    sounds = [place for place, symbol in enumerate(symbols) if not is_silence(symbol)[0]]
    ours = {place: starts[place] * HOP / RATE for place in sounds if symbols[place] not in STRESS}
    truth = [
        start for symbol, start in phones if not is_silence(symbol)[0] and symbol not in STRESS
    ]
    errors = 1000 * np.abs(np.array(list(ours.values())) - truth)
    assert (errors < 20 + FRAME_MS).mean() >= 0.9
    assert (errors < 50).mean() >= 0.97
