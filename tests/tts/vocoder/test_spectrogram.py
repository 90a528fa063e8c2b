import numpy as np
import pytest
import torch

from tts.config import MelConfig
from tts.vocoder.mel import log_mel
from tts.vocoder.spectrogram import log_mel_spectrogram


@pytest.mark.parametrize(
    "config",
    [MelConfig(), MelConfig(sample_rate=22_050, n_fft=512, hop=128, bands=40, floor=-12.0)],
    ids=["default", "other"],
)
@pytest.mark.parametrize("samples", [513, 600, 24_000])
def test_the_spectrogram_is_that_of_training(config, samples):
    audio = 0.1 * np.random.default_rng(0).standard_normal(samples).astype(np.float32)
    audio *= np.linspace(0, 1, samples, dtype=np.float32) ** 4
    ours, theirs = (
        log_mel_spectrogram(audio, config),
        log_mel(torch.from_numpy(audio)[None], config),
    )
    assert ours.dtype == np.float32
    np.testing.assert_allclose(ours, theirs[0].numpy(), atol=1e-4, rtol=0)


def test_silence_is_the_floor():
    assert (log_mel_spectrogram(np.zeros(2048, np.float32), MelConfig()) == -8).all()
