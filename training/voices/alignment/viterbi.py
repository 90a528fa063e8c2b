"""The cheapest path of frames through the states of symbols, with explicit durations, in numpy."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from tts.acoustic.durations import PAUSE_SYMBOLS
from tts.text.pronounce.symbols import END, START, STRESS

MAX_PHONE_FRAMES = 60  # of a phone (0.64 s); chosen by hand
LENGTH_DEVIATION = 0.35  # of the logarithm of a phone's length; tuned on voices of the training set
SILENCE_COST = 3.0  # of any silence, so that short ones are not found everywhere; chosen by hand
EDGE_PROBABILITY = 0.95  # that there is silence before or after speech; chosen by hand
MIN_PROBABILITY = 1e-3  # of a pause or of none, so that a voice may differ from the model

Costs = Float[np.ndarray, " times"]
Steps = Int[np.ndarray, " times"]


@dataclass(frozen=True, slots=True)
class SymbolPath:
    """A path that covers all frames.

    Args:
        durations: frames of each symbol.
        cost: of the path: those of its states, lengths and pauses.
    """

    durations: Int[np.ndarray, " text"]
    cost: float


def cheapest_path(
    costs: Float[np.ndarray, "frames text states"],
    symbols: str,
    lengths: Float[np.ndarray, " text"],
    pause: Float[np.ndarray, " text"],
) -> SymbolPath | None:
    """The cheapest path by dynamic programming; None if there are too many or too few symbols.

    A phone of `d` frames is a third of them in each of its three states, and costs `(log(d /
    length) / LENGTH_DEVIATION)^2 / 2` besides. A silence is in its middle state, of any length or
    left out. A stress mark has no frames.

    Args:
        costs: of each frame in each state.
        symbols: from `START` to `END`.
        lengths: expected frames of each symbol.
        pause: probability that a space or punctuation lasts.
    """
    frames, count, states = costs.shape
    sums = np.zeros((count, states, frames + 1))
    np.cumsum(costs.transpose(1, 2, 0), axis=2, out=sums[:, :, 1:])
    best = np.full(frames + 1, np.inf)
    best[0] = 0
    steps = np.zeros((count, frames + 1), np.int32)
    for place, symbol in enumerate(symbols):
        if symbol in PAUSE_SYMBOLS:
            best, steps[place] = add_silence(best, sums[place, 1], pause[place])
        elif symbol in START + END:
            best, steps[place] = add_silence(best, sums[place, 1], EDGE_PROBABILITY)
        elif symbol not in STRESS:
            best, steps[place] = add_phone(best, sums[place], lengths[place])
    if not np.isfinite(best[-1]):
        return None
    return SymbolPath(trace(steps, frames), float(best[-1]))


def trace(steps: Int[np.ndarray, "text times"], end: int) -> Int[np.ndarray, " text"]:
    """The durations of a path backwards from its end."""
    durations = np.zeros(len(steps), np.int64)
    for place in range(len(steps) - 1, -1, -1):
        durations[place] = steps[place, end]
        end -= durations[place]
    return durations


def add_silence(best: Costs, sums: Costs, probability: float) -> tuple[Costs, Steps]:
    """Append a silence of any length, or none.

    Args:
        best: cost of the cheapest path that ends at each time.
        sums: of the costs of the silence's frames before each time.
        probability: that there is a silence.

    Returns:
        The costs with the silence, and its frames.
    """
    entry, times = best - sums, np.arange(len(best))
    lowest = np.minimum.accumulate(entry)
    begin = np.maximum.accumulate(np.where(entry == lowest, times, 0))
    lasting = np.full(len(best), np.inf)
    lasting[1:] = lowest[:-1] + sums[1:] + SILENCE_COST - np.log(max(MIN_PROBABILITY, probability))
    skipped = best - np.log(max(MIN_PROBABILITY, 1 - probability))
    frames = np.zeros(len(best), np.int32)
    frames[1:] = times[1:] - begin[:-1]
    none = skipped <= lasting
    return np.where(none, skipped, lasting), np.where(none, 0, frames)


def add_phone(
    best: Costs, sums: Float[np.ndarray, "states times"], length: float
) -> tuple[Costs, Steps]:
    """Append a phone of 1 to `MAX_PHONE_FRAMES` frames; arguments as for `add_silence`.

    A phone from time a to e with inner boundaries b and c costs `S1(b) - S1(a) + S2(c) - S2(b) +
    S3(e) - S3(c)`. Rows are durations, columns are the times of the end.
    """
    times = len(best)
    most = min(MAX_PHONE_FRAMES, times - 1)
    durations = np.arange(1, most + 1)
    early, late = np.rint(durations / 3).astype(int), np.rint(2 * durations / 3).astype(int)
    begin = most - durations
    every = _shifted(best - sums[0], begin, most, np.inf)
    every += _shifted(sums[0] - sums[1], begin + early, most, 0.0)
    every += _shifted(sums[1] - sums[2], begin + late, most, 0.0)
    every += (0.5 * (np.log(durations / length) / LENGTH_DEVIATION) ** 2)[:, None]
    choice = every.argmin(axis=0)
    return every[choice, np.arange(times)] + sums[2], durations[choice].astype(np.int32)


def _shifted(
    values: Costs, places: Int[np.ndarray, " durations"], most: int, fill: float
) -> Float[np.ndarray, "durations times"]:
    """Rows of values, shifted later in time by `most` less each of the places."""
    padded = np.concatenate([np.full(most, fill), values])
    return np.lib.stride_tricks.sliding_window_view(padded, len(values))[places]
