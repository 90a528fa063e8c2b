"""Draw a log-mel spectrogram: time to the right, frequency upwards."""

from collections.abc import Iterator

import numpy as np
from jaxtyping import Float, UInt8

from tts.config import MelConfig
from tts.vocoder.spectrogram import log_mel_spectrogram

# Chosen by eye
WIDEST = 1600  # pixels; longer audio shows the loudest of several frames in each column
STRETCH = 1024  # frames transformed at once, to bound the memory
TALLER = 2  # pixels a mel band
QUIET = -8.0  # natural logarithm of the magnitude that gets the first colour
# From silence to the loudest frame
COLOURS = np.array(
    [(13, 22, 33), (16, 55, 72), (18, 104, 110), (70, 160, 132), (214, 196, 128), (255, 244, 214)]
)

Picture = UInt8[np.ndarray, "height width 3"]


def picture(audio: Float[np.ndarray, " samples"], config: MelConfig) -> Picture:
    """Draw audio, scaled from `QUIET` to its loudest value.

    Args:
        audio: samples in [-1, 1].
        config: the mel-spectrogram.

    Returns:
        RGB pixels, two rows a band and at most 1600 columns.
    """
    padded = np.pad(audio, (0, max(0, config.n_fft - len(audio))))
    mel = np.concatenate(list(stretches(padded, config)), axis=1)
    loudness = _narrowed(np.clip((mel - QUIET) / max(float(mel.max()) - QUIET, 1), 0, 1))
    places = np.linspace(0, 1, len(COLOURS))
    channels = [np.interp(loudness, places, COLOURS[:, channel]) for channel in range(3)]
    drawn = np.stack(channels, axis=-1)[::-1].round().astype(np.uint8)
    return np.repeat(drawn, TALLER, axis=0)


def stretches(
    audio: Float[np.ndarray, " samples"], config: MelConfig
) -> Iterator[Float[np.ndarray, "bands frames"]]:
    """The log-mel in chunks; each is computed with the samples around it, so that they join."""
    around = config.n_fft // config.hop
    for start in range(0, len(audio) // config.hop, STRETCH):
        begin, stop = max(0, start - around), start + STRETCH
        sound = audio[begin * config.hop : (stop + around) * config.hop]
        mel = log_mel_spectrogram(sound, config).T
        yield mel[:, start - begin : stop - begin]


def _narrowed(mel: Float[np.ndarray, "bands frames"]) -> Float[np.ndarray, "bands fewer"]:
    """At most `WIDEST` frames: the maximum of several neighbours where there are more."""
    few = -(-mel.shape[1] // WIDEST)
    padded = np.pad(mel, ((0, 0), (0, -mel.shape[1] % few)))
    return padded.reshape(len(mel), -1, few).max(axis=2)
