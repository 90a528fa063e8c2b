"""A mel-spectrogram as a picture: time runs to the right, and pitch upwards."""

from collections.abc import Iterator

import numpy as np
import torch
from jaxtyping import Float, UInt8

from tts.config import MelConfig
from tts.vocoder.mel import log_mel

WIDEST = 1600  # pixels, and no more frames than these are told apart
STRETCH = 1024  # frames that are transformed at once, for that takes many times their memory
TALLER = 2  # pixels a band
QUIET = -8.0  # natural logarithm of a magnitude that is drawn as nothing
# From silence to what is loudest: deep sea to sand.
COLOURS = np.array(
    [(13, 22, 33), (16, 55, 72), (18, 104, 110), (70, 160, 132), (214, 196, 128), (255, 244, 214)]
)

Picture = UInt8[np.ndarray, "height width 3"]


def picture(audio: Float[np.ndarray, " samples"], config: MelConfig) -> Picture:
    """The log-mel of some sound, from quiet to its loudest."""
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
    """The log-mel, stretch by stretch, each made with what is around it."""
    around = config.n_fft // config.hop
    for start in range(0, len(audio) // config.hop, STRETCH):
        begin, stop = max(0, start - around), start + STRETCH
        sound = torch.from_numpy(audio[begin * config.hop : (stop + around) * config.hop])
        mel = log_mel(sound[None], config)[0].T.numpy()
        yield mel[:, start - begin : stop - begin]


def _narrowed(mel: Float[np.ndarray, "bands frames"]) -> Float[np.ndarray, "bands fewer"]:
    """As many frames side by side as there is room for, the loudest of each few."""
    few = -(-mel.shape[1] // WIDEST)
    padded = np.pad(mel, ((0, 0), (0, -mel.shape[1] % few)))
    return padded.reshape(len(mel), -1, few).max(axis=2)
