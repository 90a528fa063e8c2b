"""Rules about the sound of clips: noise, hum, music, clipping, reverberation, bandwidth, level.

The thresholds were chosen by hand, between clean clips and planted faults of five voices (heart,
michael, many, kathleen, lj), 2026-11-29; `benchmarks/voice_check.py` counts what they find on other
clips of these.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from .findings import CheckedClip, Finding, robust_scores
from .measures import ClipMeasures

SPEECH_DYNAMICS = 6.0  # dB; stationary sound has about 1, speech at 10 dB of SNR 13
SPEECH_VOICED = 0.05  # share of active frames
LOW_SNR, LOWEST_SNR = 21.0, 11.0  # dB
MAX_HUM = 10.5  # dB over the spectrum around
MAX_TONES, TONES_SNR = 4, 32.0  # reverberation and held vowels have up to 3
FLAT_TOPS, MANY_FLAT_TOPS = 10.0, 120.0  # a second; of 1 % clipped samples 50, of 5 % 180
CLIPPED, MUCH_CLIPPED = 2e-4, 2e-2  # share of samples of the original
SLOW_DECAY, SLOWEST_DECAY = -270.0, -175.0  # dB a second; of rooms of 0.8 s -145, of 0.4 s -195
DECAY_SNR = 17.0  # below, noise hides decays
MIN_BANDWIDTH, TELEPHONE_BANDWIDTH = 9600.0, 5500.0  # Hz
GAIN_FLOOR, GAIN_SCORE, GAIN_RANGE = 1.5, 3.5, 7.0  # dB, robust deviations, dB
SHORT_SECONDS, LONG_SECONDS = 1.0, 16.0  # of a clip
SHORTEST_SECONDS, LONGEST_SECONDS = 0.4, 30.0


def silence(clips: Sequence[CheckedClip]) -> Iterator[Finding]:
    """Clips without speech."""
    for clip in clips:
        if clip.measures is None or not has_speech(clip.measures):
            yield Finding(
                clip=clip.id,
                kind="silence",
                severity="drop",
                message="There is no speech in this clip, only silence or a steady sound.",
                remedy="Remove the clip, or record it again.",
                value=round(clip.measures.dynamics, 1) if clip.measures else None,
            )


def has_speech(measures: ClipMeasures) -> bool:
    return measures.dynamics > SPEECH_DYNAMICS and measures.voiced > SPEECH_VOICED


def noise(clips: Sequence[CheckedClip]) -> Iterator[Finding]:
    """Clips whose background is loud; tones count as hum or music."""
    for clip, measures in _measured(clips):
        tonal = measures.hum > MAX_HUM or measures.tones >= MAX_TONES
        if measures.snr < LOW_SNR and not tonal:
            yield Finding(
                clip=clip.id,
                kind="noise",
                severity="drop" if measures.snr < LOWEST_SNR else "warn",
                message=f"The background is only {measures.snr:.0f} dB below the speech.",
                remedy="Record in a quieter room and nearer to the microphone.",
                value=round(measures.snr, 1),
            )


def hum(clips: Sequence[CheckedClip]) -> Iterator[Finding]:
    """Clips with tones at multiples of 50 or 60 Hz."""
    for clip, measures in _measured(clips):
        if measures.hum > MAX_HUM:
            yield Finding(
                clip=clip.id,
                kind="hum",
                severity="warn",
                message=f"Mains hum stands {measures.hum:.0f} dB above the background.",
                remedy="Use other cables or a battery, or filter the recording below 80 Hz.",
                value=round(measures.hum, 1),
            )


def music(clips: Sequence[CheckedClip]) -> Iterator[Finding]:
    """Clips with steady tones behind the speech."""
    for clip, measures in _measured(clips):
        if measures.tones >= MAX_TONES and measures.snr < TONES_SNR and not _reverberant(measures):
            yield Finding(
                clip=clip.id,
                kind="music",
                severity="drop",
                message=f"There are {measures.tones} steady tones behind the speech, as of music.",
                remedy="Record without music and devices that beep or whistle.",
                value=float(measures.tones),
            )


def clipping(clips: Sequence[CheckedClip]) -> Iterator[Finding]:
    """Clips that were recorded too loud."""
    for clip, measures in _measured(clips):
        share = float(clip.row.get("clipped") or 0.0)
        if share < CLIPPED and measures.flat < FLAT_TOPS:
            continue
        severe = share > MUCH_CLIPPED or measures.flat > MANY_FLAT_TOPS
        found = f"{100 * share:.2f} % of the samples are at full scale"
        flat = f"{measures.flat:.0f} peaks a second are cut at the same level"
        yield Finding(
            clip=clip.id,
            kind="clipping",
            severity="drop" if severe else "warn",
            message=f"The recording is clipped: {found if share >= CLIPPED else flat}.",
            remedy="Lower the input level by 10 dB and record the sentence again.",
            value=round(measures.flat, 1),
        )


def reverberation(clips: Sequence[CheckedClip]) -> Iterator[Finding]:
    """Clips in which sound decays slowly."""
    for clip, measures in _measured(clips):
        if _reverberant(measures):
            yield Finding(
                clip=clip.id,
                kind="reverberation",
                severity="drop" if measures.decay > SLOWEST_DECAY else "warn",
                message=f"The room is audible: sound decays by {-measures.decay:.0f} dB a second.",
                remedy="Record near to the microphone, in a room with curtains or clothes.",
                value=round(measures.decay, 1),
            )


def _reverberant(measures: ClipMeasures) -> bool:
    limit = SLOW_DECAY if measures.snr > DECAY_SNR else SLOWEST_DECAY
    return measures.decay > limit  # of NaN false


def band_limit(clips: Sequence[CheckedClip]) -> Iterator[Finding]:
    """Clips whose originals end below 10 kHz."""
    for clip, measures in _measured(clips):
        width = min(clip.row.get("bandwidth") or np.inf, measures.bandwidth)
        if width < MIN_BANDWIDTH:
            telephone = width < TELEPHONE_BANDWIDTH
            yield Finding(
                clip=clip.id,
                kind="bandwidth",
                severity="drop" if telephone else "warn",
                message=f"The spectrum ends at {width / 1000:.1f} kHz"
                + (", as on the telephone." if telephone else "."),
                remedy="Record at 24 kHz or more, not by telephone or headset.",
                value=round(float(width)),
            )


def loudness(clips: Sequence[CheckedClip]) -> Iterator[Finding]:
    """Clips that were much louder or softer than the others before they were levelled."""
    gains = [float(clip.row.get("gain") or 0.0) for clip in clips]
    middle = float(np.median(gains)) if gains else 0.0
    for clip, gain, score in zip(clips, gains, robust_scores(gains, GAIN_FLOOR), strict=True):
        if abs(score) > GAIN_SCORE and abs(gain - middle) > GAIN_RANGE:
            how = "softer" if gain > middle else "louder"
            yield Finding(
                clip=clip.id,
                kind="loudness",
                severity="warn",
                message=f"The recording is {abs(gain - middle):.0f} dB {how} than the others.",
                remedy="Keep the distance to the microphone and the input level the same.",
                value=round(middle - gain, 1),
            )


def length(clips: Sequence[CheckedClip]) -> Iterator[Finding]:
    """Clips that are too short or too long."""
    for clip in clips:
        seconds = float(clip.row["seconds"])
        if SHORT_SECONDS <= seconds <= LONG_SECONDS:
            continue
        short = seconds < SHORT_SECONDS
        yield Finding(
            clip=clip.id,
            kind="length",
            severity="warn" if not SHORTEST_SECONDS <= seconds <= LONGEST_SECONDS else "info",
            message=f"The clip has {seconds:.1f} s; from 2 to 12 s are best.",
            remedy="Join it with the next one." if short else "Cut it at a pause.",
            value=round(seconds, 2),
        )


def _measured(clips: Sequence[CheckedClip]) -> Iterator[tuple[CheckedClip, ClipMeasures]]:
    for clip in clips:
        if clip.measures is not None and has_speech(clip.measures):
            yield clip, clip.measures


SOUND_RULES = (
    silence, noise, hum, music, clipping, reverberation, band_limit, loudness, length,
)  # fmt: skip
