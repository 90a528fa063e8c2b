"""Measures of the recording of a clip: noise, steady tones, reverberation, bandwidth, F0, timbre.

All of them are in numpy, and take about 0.6 s a minute of audio.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float

from tts.config import MelConfig
from tts.vocoder.fourier import hann_window, stft
from tts.vocoder.spectrogram import log_mel_spectrogram

Audio = Float[np.ndarray, " samples"]
MEL = MelConfig()
RATE = MEL.sample_rate
MIN_SECONDS = 0.1  # shorter audio has no measures; chosen by hand
TINY = 1e-10  # power that counts as silence, -100 dB of full scale
LOUDEST_RANGE = 40.0  # dB below the loudest frame; as in `training.data.manifest.active_level`
# Of the frames, those that count as background; chosen by hand: pauses and closures of stops make
# up more than a tenth of read speech.
QUIET_SHARE = 0.1


@dataclass(frozen=True)
class ClipMeasures:
    """What is measured of a clip.

    Args:
        seconds: its length.
        active: seconds within 40 dB of the loudest frame.
        dynamics: dB between the 95th and the 5th percentile of the levels of frames; of speech
            above 15.
        snr: dB of the active level over the level of the quietest tenth.
        hum: dB of the mains tones (50 or 60 Hz and multiples) over the spectrum around them.
        tones: number of other steady tones from 100 Hz to 4 kHz.
        flat: local extrema at nearly the peak level, a second; clipped speech has many.
        decay: dB a second of the fastest decays; rooms with long reverberation have slow ones. NaN
            where there are too few decays.
        bandwidth: Hz, where the spectrum ends.
        log_f0: natural logarithms of F0 in Hz of voiced frames: 10th, 50th and 90th percentile; NaN
            without voiced frames.
        voiced: the voiced share of the active frames.
        mel: log-mel frames.
        loud: the active ones of them.
        outline: a coarse spectrogram of always the same size, to compare clips.
    """

    seconds: float
    active: float
    dynamics: float
    snr: float
    hum: float
    tones: int
    flat: float
    decay: float
    bandwidth: float
    log_f0: tuple[float, float, float]
    voiced: float
    mel: Float[np.ndarray, "frames mels"]
    loud: np.ndarray
    outline: Float[np.ndarray, " features"]


def read_clip(path: Path) -> Audio:
    """The samples of a clip.

    Raises:
        ValueError: it cannot be read, or is not mono at 24 kHz.
    """
    import soundfile

    try:
        audio, rate = soundfile.read(path, dtype="float32")
    except (soundfile.LibsndfileError, OSError) as error:
        raise ValueError(f"cannot read {path}: not a sound file") from error
    if rate != RATE or audio.ndim != 1:
        raise ValueError(f"{path} must be mono at {RATE} Hz, got {audio.shape} at {rate} Hz")
    return np.nan_to_num(audio)


def measure_clip(audio: Audio) -> ClipMeasures | None:
    """Measure a clip at 24 kHz; None for one without sound or shorter than 0.1 s."""
    if len(audio) < MIN_SECONDS * RATE or not audio.any():
        return None
    mel = log_mel_spectrogram(audio, MEL)
    level = frame_levels(audio)[: len(mel)]
    mel = mel[: len(level)]
    loud = level > level.max() - LOUDEST_RANGE
    hum, tones = steady_tones(audio)
    log_f0, voiced = _pitch(audio, loud)
    return ClipMeasures(
        seconds=len(audio) / RATE,
        active=float(loud.sum()) * MEL.hop / RATE,
        dynamics=float(np.subtract(*np.quantile(level, (0.95, 0.05)))),
        snr=signal_to_noise(level, loud),
        hum=hum,
        tones=tones,
        flat=flat_tops(audio) / (len(audio) / RATE),
        decay=decay_rate(mel),
        bandwidth=bandwidth(audio),
        log_f0=log_f0,
        voiced=voiced,
        mel=mel,
        loud=loud,
        outline=_outline(mel),
    )


def frame_levels(audio: Audio) -> Float[np.ndarray, " frames"]:
    """The level of each frame of the mel in dB of full scale."""
    frames = len(audio) // MEL.hop
    power = np.square(audio[: frames * MEL.hop].reshape(frames, MEL.hop), dtype=np.float64)
    return 10 * np.log10(power.mean(axis=1) + TINY)


def frame_levels_of_mel(mel: Float[np.ndarray, "frames mels"]) -> Float[np.ndarray, " frames"]:
    """The level of each frame of a log-mel in dB, from any reference."""
    return 10 * np.log10(np.exp(2 * mel.astype(np.float64)).sum(axis=1) + TINY)


def signal_to_noise(level: Float[np.ndarray, " frames"], loud: np.ndarray) -> float:
    """dB of the mean power of the active frames over that of the quietest tenth of all frames."""
    power = 10 ** (level / 10)
    quiet = np.sort(power)[: max(1, round(len(power) * QUIET_SHARE))].mean()
    return float(10 * np.log10(max(power[loud].mean() - quiet, TINY) / quiet))


# Steady tones: of spectra of 0.34 s, each bin's low level over time. A tone stands above the bins
# around it; the parts of a voice move away within that time. Chosen by hand; planted hum
# and chords stand apart from clean speech.
TONE_FFT, TONE_HOP = 8192, 1024
TONE_SHARE = 0.15  # quantile over time
TONE_RISE = 12.0  # dB over the median of the bins around
TONE_RANGE = (100.0, 4000.0)  # Hz
TONE_FLOOR = 55.0  # dB below the loudest bin; weaker tones are not audible under speech
AROUND = 20  # bins on each side, 59 Hz
MAINS = (50.0, 60.0)  # Hz
MAINS_HARMONICS = 8


def steady_tones(audio: Audio) -> tuple[float, int]:
    """The level of mains hum in dB over the spectrum around, and the number of other tones."""
    spectra = _power(np.pad(audio, (0, max(0, TONE_FFT - len(audio)))), TONE_FFT, TONE_HOP)
    low = 10 * np.log10(np.quantile(spectra, TONE_SHARE, axis=0) + 1e-12)
    loudest = 10 * np.log10(spectra.mean(axis=0).max() + 1e-12)
    windows = np.lib.stride_tricks.sliding_window_view(
        np.pad(low, AROUND, "reflect"), 2 * AROUND + 1
    )
    rise = np.where(low > loudest - TONE_FLOOR, low - np.median(windows, axis=1), 0.0)
    width = RATE / TONE_FFT
    hum, mains = max((_mains(rise, base), base) for base in MAINS)
    peaks = (
        np.flatnonzero(
            (rise[1:-1] > TONE_RISE) & (rise[1:-1] >= rise[:-2]) & (rise[1:-1] > rise[2:])
        )
        + 1
    )
    hertz = peaks * width
    other = (hertz > TONE_RANGE[0]) & (hertz < TONE_RANGE[1])
    other &= np.abs(hertz - mains * np.round(hertz / mains)) > width if hum > TONE_RISE else True
    return hum, int(other.sum())


def _mains(rise: Float[np.ndarray, " bins"], base: float) -> float:
    """The mean rise of the three strongest of the first harmonics of a mains frequency."""
    bins = np.round(base * np.arange(1, MAINS_HARMONICS + 1) * TONE_FFT / RATE).astype(int)
    return float(np.sort(rise[bins])[-3:].mean())


PEAK_SHARE = 0.95  # of the peak; chosen by hand, not tuned


def flat_tops(audio: Audio) -> int:
    """How many local extrema lie within 5 % of the peak of their sign, but for the highest."""
    count = 0
    for half in (audio, -audio):
        inner = half[1:-1]
        tops = (inner >= half[:-2]) & (inner > half[2:]) & (inner > PEAK_SHARE * half.max())
        count += max(0, int(tops.sum()) - 1)
    return count


# Decays: slopes of the levels of 7 bands over 6 frames (64 ms), of which the 5 % that fall fastest
# count. Of the ways tried on 2026-11-29 (whole band or bands; 6, 10, 16 frames; the kurtosis of the
# residual of linear prediction; modulation spectra), it tells reverberation best in every voice.
DECAY_BANDS = range(10, 80, 10)  # first mel band of each
DECAY_FRAMES = 6
DECAY_SHARE = 0.05
DECAY_RANGE, DECAY_FLOOR = 30.0, 4.0  # dB below the loudest, and above the quietest
MIN_DECAYS = 60


def decay_rate(mel: Float[np.ndarray, "frames mels"]) -> float:
    """dB a second, below 0, of the fastest decays; NaN where there are too few."""
    if len(mel) < 2 * DECAY_FRAMES:
        return float("nan")
    power = np.exp(2 * mel.astype(np.float64))
    ramp = np.arange(DECAY_FRAMES) - (DECAY_FRAMES - 1) / 2
    ramp *= RATE / MEL.hop / np.square(ramp).sum()
    slopes = []
    for band in DECAY_BANDS:
        level = 10 * np.log10(power[:, band : band + DECAY_BANDS.step].sum(axis=1))
        windows = np.lib.stride_tricks.sliding_window_view(level, DECAY_FRAMES)
        low, high = np.quantile(level, (0.03, 0.95))
        valid = (windows.min(axis=1) > low + DECAY_FLOOR) & (windows[:, 0] > high - DECAY_RANGE)
        slopes.append(windows[valid] @ ramp)
    found = np.concatenate(slopes)
    return float(np.quantile(found, DECAY_SHARE)) if len(found) >= MIN_DECAYS else float("nan")


BAND_FFT = 1024
BAND_STEP = 10  # bins averaged, 234 Hz
BAND_SHARE = 0.98  # quantile over time: a few fricatives have to show
BAND_DROP = 75.0  # dB below the strongest band; chosen by hand, not tuned


def bandwidth(audio: Audio) -> float:
    """The frequency in Hz above which the spectrum has next to nothing, at most 12 kHz."""
    spectra = _power(np.pad(audio, (0, max(0, BAND_FFT - len(audio)))), BAND_FFT, BAND_FFT // 2)
    bins = BAND_FFT // 2 // BAND_STEP * BAND_STEP
    bands = np.quantile(spectra, BAND_SHARE, axis=0)[:bins].reshape(-1, BAND_STEP).mean(axis=1)
    level = 10 * np.log10(bands + 1e-14)
    heard = np.flatnonzero(level > level.max() - BAND_DROP)
    return float(min(RATE / 2, (heard[-1] + 1) * BAND_STEP * RATE / BAND_FFT))


# F0 by the peak of the normalised autocorrelation of 40 ms at 8 kHz; a median over many frames does
# not need more.
PITCH_RATE, PITCH_WINDOW, PITCH_FFT = 8000, 320, 1024
PITCH_RANGE = (60.0, 450.0)  # Hz
VOICED = 0.6  # of the autocorrelation


def _pitch(audio: Audio, loud: np.ndarray) -> tuple[tuple[float, float, float], float]:
    """Percentiles of log F0 over the voiced frames, and the voiced share of the active frames."""
    step = RATE // PITCH_RATE
    low = audio[: len(audio) // step * step].reshape(-1, step).mean(axis=1, dtype=np.float64)
    hop = MEL.hop * PITCH_RATE / RATE
    starts = np.round(np.flatnonzero(loud) * hop).astype(int)
    starts = starts[starts + PITCH_WINDOW <= len(low)]
    nothing = (float("nan"),) * 3
    if not len(starts):
        return nothing, 0.0
    frames = low[starts[:, None] + np.arange(PITCH_WINDOW)]
    frames = (frames - frames.mean(axis=1, keepdims=True)) * hann_window(PITCH_WINDOW)
    found = np.fft.irfft(np.abs(np.fft.rfft(frames, PITCH_FFT)) ** 2)[:, :PITCH_WINDOW]
    taper = np.fft.irfft(np.abs(np.fft.rfft(hann_window(PITCH_WINDOW), PITCH_FFT)) ** 2)
    short, long = (int(PITCH_RATE / hertz) for hertz in reversed(PITCH_RANGE))
    # divided by that of the window, which removes the bias towards short lags (Boersma 1993)
    lags = slice(short, long + 1)
    share = found[:, lags] / (found[:, :1] + TINY) / (taper[lags] / taper[0])
    voiced = share.max(axis=1) > VOICED
    if not voiced.any():
        return nothing, 0.0
    f0 = PITCH_RATE / (share[voiced].argmax(axis=1) + short)
    low10, middle, high90 = np.quantile(np.log(f0), (0.1, 0.5, 0.9))
    return (float(low10), float(middle), float(high90)), float(voiced.mean())


OUTLINE_TIMES, OUTLINE_BANDS = 48, 20


def _outline(mel: Float[np.ndarray, "frames mels"]) -> Float[np.ndarray, " features"]:
    """A spectrogram of 48 times and 20 bands, of zero mean and unit length."""
    bands = mel.reshape(len(mel), OUTLINE_BANDS, -1).mean(axis=2)
    at = np.linspace(0, len(mel) - 1, OUTLINE_TIMES)
    low, share = at.astype(int), (at % 1)[:, None]
    sampled = bands[low] * (1 - share) + bands[np.minimum(low + 1, len(mel) - 1)] * share
    flat = (sampled - sampled.mean(axis=0)).ravel()
    return flat / (np.linalg.norm(flat) + TINY)


def same_audio(one: Audio, other: Float[np.ndarray, " others"]) -> float:
    """The peak of the cross-correlation of two clips, 1 if one is the other, moved and scaled."""
    size = 1 << (len(one) + len(other)).bit_length()
    product = np.fft.rfft(one, size) * np.conj(np.fft.rfft(other, size))
    energy = np.sqrt(
        np.square(one, dtype=np.float64).sum() * np.square(other, dtype=np.float64).sum()
    )
    return float(np.abs(np.fft.irfft(product, size)).max() / max(energy, TINY))


def _power(audio: Audio, size: int, hop: int) -> Float[np.ndarray, "frames bins"]:
    window = hann_window(size).astype(np.float32)
    spectra = stft(audio.astype(np.float32), window * np.float32(2 / size), hop)
    return np.square(np.abs(spectra), dtype=np.float64)
