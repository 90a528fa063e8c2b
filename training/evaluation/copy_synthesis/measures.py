"""Measures of a copy against its recording: mel, spectra, F0, voicing, tonal lines, PESQ.

Both are audio at the vocoder's sample rate, of the same length and aligned.
"""

from collections.abc import Callable
from importlib.util import find_spec
from math import log

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from tts.audio import Audio
from tts.config import MelConfig
from tts.metrics import METRICS_SAMPLE_RATE, audible, require, to_judge_audio
from tts.vocoder.mel import log_mel

from ...data.prepare import log_pitch

MEL = MelConfig()
Found = dict[str, float]

RESOLUTIONS = ((512, 240, 50), (1024, 600, 120), (2048, 1200, 240))  # n_fft, window, hop
FAINTEST = 1e-7**0.5

LINE_N_FFT, LINE_HOP = 2048, 512
LINE_FLOOR = 1e-5  # of a full-scale sine, -100 dB: inaudible
LINE_LOWEST = 6  # bins, 70 Hz: a constant offset is inaudible
NEIGHBOURS = 21  # bins to either side, 250 Hz


def compare(recording: Audio, copy: Audio) -> Found:
    """All measures of a copy against its recording; those that are undefined are absent."""
    return {name: value for measure in MEASURES for name, value in measure(recording, copy).items()}


def mel_distance(recording: Audio, copy: Audio) -> Found:
    """The mean absolute difference of the two log-mels, natural and floored."""
    first, second = (log_mel(torch.from_numpy(audio)[None], MEL) for audio in (recording, copy))
    return {"mel_distance": float((first - second).abs().mean())}


def stft_distance(recording: Audio, copy: Audio) -> Found:
    """The multi-resolution STFT distance of Parallel WaveGAN (arXiv 1910.11480), in its two parts.

    With R and C the magnitudes of recording and copy, clamped at the root of 1e-7, convergence is
    |R - C| / |R| in Frobenius norms over the whole clip, and log-magnitude distance is the mean of
    |ln R - ln C| over all bins and frames. Each is the mean over the paper's three resolutions at
    24 kHz, Hann windows of 240, 600 and 1200 samples under transforms of 512, 1024 and 2048.
    """
    parts = []
    for n_fft, window, hop in RESOLUTIONS:
        first, second = (
            magnitudes(audio, n_fft, hop, window).clamp(min=FAINTEST) for audio in (recording, copy)
        )
        convergence = (first - second).norm() / first.norm()
        parts.append((float(convergence), float((first.log() - second.log()).abs().mean())))
    convergences, distances = zip(*parts, strict=True)
    return {
        "spectral_convergence": float(np.mean(convergences)),
        "log_magnitude_distance": float(np.mean(distances)),
    }


def pitch_error(recording: Audio, copy: Audio) -> Found:
    """The RMSE of F0 in cents over frames where both are voiced, and the frames where one is.

    F0 is pyworld's, with the settings of `prepare`.
    """
    frames = len(recording) // MEL.hop
    first, second = (log_pitch(audio, frames, MEL) for audio in (recording, copy))
    voiced, copied = np.isfinite(first), np.isfinite(second)
    found: Found = {"frames": frames, "voicing_errors": int((voiced != copied).sum())}
    both = voiced & copied
    if both.any():
        cents = 1200 / log(2) * (first - second)[both]
        found["pitch_error"] = float(np.sqrt(np.square(cents).mean()))
    return found


def line_excess(recording: Audio, copy: Audio) -> Found:
    """The level of the strongest tone of constant frequency that the recording does not have.

    It is the largest value above 70 Hz, in dB, of the copy's mean spectrum minus the recording's,
    minus the median of that difference over the 250 Hz to either side; and its frequency in Hz.
    Bins are 11.7 Hz wide; levels below -100 dB of a full-scale sine are raised to it.
    """
    first, second = (spectrum(audio) for audio in (recording, copy))
    more = second - first
    around = torch.nn.functional.pad(more[None, None], (NEIGHBOURS, NEIGHBOURS), mode="reflect")
    excess = more - around[0, 0].unfold(0, 2 * NEIGHBOURS + 1, 1).median(dim=1).values
    at = LINE_LOWEST + int(excess[LINE_LOWEST:].argmax())
    return {"line_excess": float(excess[at]), "line_hertz": at * MEL.sample_rate / LINE_N_FFT}


def pesq(recording: Audio, copy: Audio) -> Found:
    """Wide-band PESQ (ITU-T P.862.2) at 16 kHz, if its package is installed and finds speech."""
    first, second = (to_judge_audio(audio, MEL.sample_rate) for audio in (recording, copy))
    if not (has_pesq() and audible(first) and audible(second)):
        return {}
    judge = require("pesq")
    try:
        return {"pesq": float(judge.pesq(METRICS_SAMPLE_RATE, first, second, "wb"))}
    except (judge.NoUtterancesError, judge.BufferTooShortError):
        return {}


MEASURES: tuple[Callable[[Audio, Audio], Found], ...] = (
    mel_distance,
    stft_distance,
    pitch_error,
    line_excess,
    pesq,
)


def has_pesq() -> bool:
    """Whether the package pesq, which needs a compiler, is installed."""
    return find_spec("pesq") is not None


def spectrum(audio: Audio) -> Float[Tensor, " bins"]:
    """The mean level of each bin over time, in dB of a full-scale sine."""
    full = LINE_N_FFT / 4  # half of the sum of a Hann window
    levels = magnitudes(audio, LINE_N_FFT, LINE_HOP, LINE_N_FFT) / full
    return 20 * levels.clamp(min=LINE_FLOOR).log10().mean(dim=1)


def magnitudes(audio: Audio, n_fft: int, hop: int, window: int) -> Float[Tensor, "bins frames"]:
    """Magnitudes of a centred transform with a Hann window."""
    shape = torch.hann_window(window)
    return torch.stft(torch.from_numpy(audio), n_fft, hop, window, shape, return_complex=True).abs()
