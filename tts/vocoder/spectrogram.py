"""Log-mel-spectrograms without torch; `tts.vocoder.mel` has those of training."""

from functools import cache

import numpy as np
from jaxtyping import Float

from tts.config import MelConfig
from tts.matrix_product import matrix_product
from tts.network_constants import HTK_BREAK_HZ, MIN_MAGNITUDE
from tts.vocoder.fourier import hann_window, stft


def log_mel_spectrogram(
    audio: Float[np.ndarray, " samples"], config: MelConfig
) -> Float[np.ndarray, "frames mels"]:
    """The log-mel-spectrogram of a clip; the numbers of `tts.vocoder.mel.log_mel`, within 1e-4.

    Args:
        audio: samples from -1 to 1, at `config.sample_rate`; more than half a window (`n_fft / 2`),
            since the edges are mirrored.
        config: of the mel-spectrogram.

    Returns:
        Natural logarithms of the magnitudes of `config.bands` bands, at least `config.floor`, in
        single precision. L samples have L // hop frames.
    """
    mirrored = np.pad(audio.astype(np.float32), config.n_fft // 2, mode="reflect")
    window = hann_window(config.n_fft).astype(np.float32)
    magnitude = np.abs(stft(mirrored, window, config.hop)[: len(audio) // config.hop])
    mel = np.log(
        np.maximum(matrix_product(magnitude, _mel_filters(config)), np.float32(MIN_MAGNITUDE))
    )
    return np.maximum(mel, np.float32(config.floor))


@cache
def _mel_filters(config: MelConfig) -> Float[np.ndarray, "bins mels"]:
    """Triangles whose corners are equally far apart on HTK's mel scale, 1 in their centres."""
    nyquist = config.sample_rate // 2
    hertz = np.linspace(0, nyquist, config.n_fft // 2 + 1)[:, None]
    mels = np.linspace(0, np.log1p(nyquist / HTK_BREAK_HZ), config.bands + 2)
    corners = HTK_BREAK_HZ * np.expm1(mels)
    widths = np.diff(corners)
    rising = (hertz - corners[:-2]) / widths[:-1]
    falling = (corners[2:] - hertz) / widths[1:]
    return np.maximum(np.minimum(rising, falling), 0).astype(np.float32)
