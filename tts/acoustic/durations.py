"""From the prosody of symbols to frames, in numpy: tones, durations, and the symbol of each frame.

A frame is one column of the mel-spectrogram, `hop / sample_rate` seconds (10.7 ms).
"""

from math import log

import numpy as np
from jaxtyping import Bool, Float, Int

from tts.delivery import Delivery
from tts.runtime.base import AcousticStatistics
from tts.text.frontend import Utterance
from tts.text.pronounce.symbols import END, PUNCTUATION, START, STRESS

LENGTH, PITCH, ENERGY = range(3)  # the numbers of a symbol's prosody
SEMITONE_LOG_F0 = log(2) / 12  # of the natural logarithm of F0, as an octave has 12 semitones
# Frames of a symbol (10.7 s), in the mean over a sentence; more would fill the memory. Chosen by
# hand, far above any speech.
MAX_MEAN_SYMBOL_FRAMES = 1000
# Scales that bring the features to about 1; chosen by hand, not tuned.
LOG_LENGTH_SCALE = 3.0  # a phone of 20 frames has a log length of 3.0
EDGE_FRAMES, MAX_EDGE_DISTANCE = 10.0, 2.0  # distances count in tens of frames, up to 20
PAUSE_SYMBOLS = " " + PUNCTUATION


def has_duration(symbols: str, pauses: Float[np.ndarray, " text"]) -> Bool[np.ndarray, " text"]:
    """Which symbols have a duration.

    Phones always have one, stress marks never; spaces and punctuation have one where the
    probability of a pause, `pauses`, is above one half.
    """
    maybe = np.array([symbol in PAUSE_SYMBOLS for symbol in symbols])
    never = np.array([symbol in STRESS for symbol in symbols])
    return np.where(maybe, pauses > 0.5, ~never)


def shift_prosody(
    prosody: Float[np.ndarray, "text 3"],
    statistics: AcousticStatistics,
    deviation: float,
    pitch: Float[np.ndarray, " text"],
    energy: Float[np.ndarray, " text"],
) -> Float[np.ndarray, "text 3"]:
    """Raise pitch and energy of each symbol.

    Args:
        prosody: normalised.
        statistics: of the acoustic model.
        deviation: standard deviation of the voice's log-F0.
        pitch: semitones to raise each symbol by.
        energy: dB to raise each symbol by.

    Returns:
        The prosody, normalised.
    """
    change = np.zeros_like(prosody)
    change[:, PITCH] = pitch * np.float32(SEMITONE_LOG_F0) / deviation
    change[:, ENERGY] = energy / statistics.prosody_deviation[ENERGY]
    return prosody + change


def tones(line: Utterance, delivery: Delivery) -> Float[np.ndarray, "3 text"]:
    """Pace, pitch and energy of each symbol; those of the silent ends are their neighbours'."""
    symbols = START + line.phonemes + END
    each = (*line.prosody[:1], *line.prosody, *line.prosody[-1:])
    pace, pitch, energy = np.array(
        [(tone.pace, tone.pitch, tone.energy) for tone in each], np.float32
    ).T
    longer = [delivery.pauses if symbol in PAUSE_SYMBOLS else 1.0 for symbol in symbols]
    pace = pace * delivery.pace / np.array(longer)
    return np.array([pace, pitch + delivery.pitch, energy + delivery.energy], np.float32)


def predict_durations(
    prosody: Float[np.ndarray, "text 3"],
    statistics: AcousticStatistics,
    lasting: Bool[np.ndarray, " text"],
    pace: Float[np.ndarray, " text"],
) -> Int[np.ndarray, " text"]:
    """Whole frames of each symbol; ends are rounded, so that errors do not add up.

    Args:
        prosody: normalised.
        statistics: of the acoustic model.
        lasting: true for symbols that last; they last at least one frame, others none.
        pace: of each symbol; 2 is twice as fast.

    Raises:
        ValueError: they are longer than `MAX_MEAN_SYMBOL_FRAMES` in the mean.
    """
    log_length = prosody[:, LENGTH] * statistics.prosody_deviation[LENGTH]
    with np.errstate(over="ignore", invalid="ignore"):
        length = np.exp(log_length + statistics.prosody_mean[LENGTH]) / pace
        total = np.where(lasting, length, 0).sum()
    if not total <= MAX_MEAN_SYMBOL_FRAMES * len(length):
        raise ValueError(
            f"the acoustic model predicts more than {MAX_MEAN_SYMBOL_FRAMES} frames a symbol; "
            "its checkpoint is damaged, download it or make it again"
        )
    # in double precision: rounding to a frame must not depend on the runtime's last digits
    lengths = np.where(lasting, np.maximum(length, 1), 0).astype(np.float64)
    ends = np.floor(lengths.cumsum() + 0.5).astype(np.int64)
    return np.diff(ends, prepend=0)


def token_of_frames(durations: Int[np.ndarray, " text"]) -> Int[np.ndarray, " frames"]:
    """The index of the symbol that each frame of an utterance belongs to."""
    return np.repeat(np.arange(len(durations)), durations)


def position_features(
    durations: Int[np.ndarray, " text"], token: Int[np.ndarray, " frames"]
) -> Float[np.ndarray, "frames features"]:
    """Where in its symbol each frame of an utterance lies.

    Returns:
        Four features a frame: the share of the symbol that has passed (0 to 1, at the middle of the
        frame), the logarithm of the symbol's frames over `LOG_LENGTH_SCALE`, and the frames since
        its start and until its end, over `EDGE_FRAMES` and at most `MAX_EDGE_DISTANCE`.
    """
    length = durations[token].astype(np.float32)
    since = (np.arange(len(token)) - (durations.cumsum() - durations)[token]).astype(np.float32)
    near = np.stack([since, length - 1 - since], axis=1) / np.float32(EDGE_FRAMES)
    far = np.stack([(since + 0.5) / length, np.log(length) / np.float32(LOG_LENGTH_SCALE)], axis=1)
    return np.concatenate([far, near.clip(0, MAX_EDGE_DISTANCE)], axis=1).astype(np.float32)
