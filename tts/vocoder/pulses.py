"""Pulses at the F0 of a mel-spectrogram, streamed: F0 and phase of each frame are computed once.

The numpy counterpart of `F0Predictor.read`, `integrate_f0` and `pulse_train`.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

from tts.config import MelConfig
from tts.network_constants import (
    GAP,
    MAX_F0_HZ,
    MAX_HARMONIC_HZ,
    MEAN_LOG2_F0,
    MIN_ANGLE,
    MIN_F0_HZ,
    REFERENCE_F0_HZ,
)
from tts.vocoder.fourier import block_frames, blocks

TWO_PI, HALF = np.float32(2 * np.pi), np.float32(0.5)


@dataclass(frozen=True)
class PulseState:
    """What the pulses of later frames depend on.

    Args:
        f0: Hz, of the frames whose pulses are not made yet.
        logit: that a frame is voiced, of these frames and the `GAP / 2` before them.
        phase: turns at the first sample of these frames, unless voicing begins there.
        voiced: whether the frame before them is.
    """

    f0: Float[np.ndarray, " waiting"]
    logit: Float[np.ndarray, " logits"]
    phase: float
    voiced: bool


FIRST = PulseState(np.zeros(0), np.full(GAP // 2, -np.inf), 0.0, False)


def pulses(
    state: PulseState,
    octave: Float[np.ndarray, " frames"],
    logit: Float[np.ndarray, " frames"],
    last: bool,
    config: MelConfig,
) -> tuple[Float[np.ndarray, "made hop"], PulseState]:
    """Samples of the pulses, `GAP / 2` frames behind F0, and the state after them.

    Args:
        state: after the frames before these.
        octave: of F0, from the mean.
        logit: that a frame is voiced.
        last: whether the utterance ends with these frames.
        config: of the mel-spectrogram.
    """
    f0 = np.clip(np.exp2(MEAN_LOG2_F0 + octave.astype(np.float64)), MIN_F0_HZ, MAX_F0_HZ)
    f0 = np.concatenate([state.f0, f0])
    logit = np.concatenate([state.logit, logit, np.full(GAP // 2 if last else 0, -np.inf)])
    made = len(f0) if last else max(0, len(f0) - GAP // 2)
    if not made:
        return np.zeros((0, config.hop), np.float32), PulseState(
            f0, logit, state.phase, state.voiced
        )
    voiced = np.max([logit[shift : shift + made] for shift in range(GAP + 1)], axis=0) > 0
    slope = np.append(f0, f0[-1])[1 : made + 1] - f0[:made]
    phase = _phases(state, f0[:made], slope, voiced, config)
    after = PulseState(f0[made:], logit[made:], float(phase[-1]), bool(voiced[-1]))
    return _pulse_train(f0[:made], slope, phase[:-1], config), after


def _phases(
    state: PulseState,
    f0: Float[np.ndarray, " made"],
    slope: Float[np.ndarray, " made"],
    voiced: Bool[np.ndarray, " made"],
    config: MelConfig,
) -> Float[np.ndarray, " made_and_one"]:
    """Turns at the first sample of each frame and of the one after; 0 where voicing begins.

    `slope` is how much F0 rises until the next frame, in Hz. The sum of F0 over the samples after
    the first, up to the first of the next frame, is f0 hop + slope (hop + 1) / 2.
    """
    advance = (f0 * config.hop + slope * ((config.hop + 1) / 2)) / config.sample_rate
    turns = np.cumsum(np.append(state.phase, advance))
    begins = voiced & ~np.append(state.voiced, voiced[:-1])
    began = np.maximum.accumulate(np.where(begins, np.arange(len(f0)), -1))
    origin = np.where(began < 0, 0.0, turns[began])
    phase = turns - np.append(origin, origin[-1])
    return phase - np.rint(phase)


def _pulse_train(
    f0: Float[np.ndarray, " made"],
    slope: Float[np.ndarray, " made"],
    phase: Float[np.ndarray, " made"],
    config: MelConfig,
) -> Float[np.ndarray, "made hop"]:
    """Equally strong cosines at all harmonics up to `MAX_HARMONIC_HZ`."""
    sample = np.arange(config.hop)
    part = sample / config.hop
    risen = sample * (sample + 1) / (2 * config.hop * config.sample_rate)
    train = np.empty((len(f0), config.hop), np.float32)
    for start, stop in blocks(0, len(f0), block_frames(config.n_fft)):
        each = [values[start:stop, None] for values in (f0, slope, phase)]
        hertz = each[0] + each[1] * part
        turns = each[0] / config.sample_rate * sample
        turns += each[1] * risen
        turns += each[2]
        turns -= np.rint(turns)
        _cosines(hertz.astype(np.float32), turns.astype(np.float32), train[start:stop])
    return train


def _cosines(
    hertz: Float[np.ndarray, "frames hop"],
    turns: Float[np.ndarray, "frames hop"],
    out: Float[np.ndarray, "frames hop"],
) -> None:
    """Write the sum of the cosines at the harmonics to `out`; the arguments are overwritten.

    The sum of cos(k a) for k from 1 to n is (sin((n + 1/2) a) / sin(a / 2) - 1) / 2. The factor
    sqrt(f / 200 Hz) makes the power independent of F0, as a high F0 has fewer harmonics.
    """
    angle = np.abs(turns, out=turns)  # cosines are even
    angle *= TWO_PI
    np.maximum(angle, MIN_ANGLE, out=angle)
    np.floor(np.divide(MAX_HARMONIC_HZ, hertz, out=out), out=out)
    out += HALF
    out *= angle
    np.sin(out, out=out)
    angle *= HALF
    out /= np.sin(angle, out=angle)
    out -= np.float32(1)
    hertz *= np.float32(0.25 / REFERENCE_F0_HZ)
    out *= np.sqrt(hertz, out=hertz)
