"""The word of a text that fits a recording worst, by what the alignment would cost without it."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from tts.acoustic.durations import PAUSE_SYMBOLS
from tts.text.pronounce.symbols import END, START, STRESS

from ..alignment.adaptation import Adaptation, sound_lengths, state_costs
from ..alignment.states import SymbolStates
from ..alignment.viterbi import EDGE_PROBABILITY, Costs, add_phone, add_silence

# The next four were tuned on planted faults in the synthetic voices heart, michael and many,
# 2026-11-29.
ANY_SOUND = 1.4  # price of a frame of any sound, over the cost of the nearest of all states
MARGIN = 4  # frames that such a sound may take from the neighbours on each side
# Short words, such as "I" and "the", are often reduced, and gain up to 15 where they are spoken.
SHORT_WORD, SHORT_WORD_PRICE = 2, 12.0  # phones


@dataclass(frozen=True, slots=True)
class WordGain:
    """How much less an alignment costs without a word.

    Args:
        gain: cost of the path less that of the cheapest path that has any sound, or nothing, in
            place of the word.
        start: place of the word's first symbol.
        stop: place after its last.
    """

    gain: float
    start: int
    stop: int


def worst_word(
    mel: Float[np.ndarray, "frames mels"],
    states: SymbolStates,
    durations: Int[np.ndarray, " text"],
    free: Float[np.ndarray, " frames"],
    adaptation: Adaptation,
) -> WordGain | None:
    """The word whose removal or replacement lowers the cost of an alignment most.

    The cost of a path without the symbols from i to j is the least of `F[i](a) + R(a, b) + B[j](b)`
    over the times a and b: F is the cost of all symbols before i until a, B that of all from j on
    after b, and R the price of any sound between. With a = b the word is left out.

    Args:
        mel: normalised.
        states: of the text.
        durations: of the cheapest path.
        free: cost of each frame in the nearest of all states.
        adaptation: to the voice.

    Returns:
        The word with the highest gain, which is negative if all words fit; None without words.
    """
    before, after = _costs_of_parts(mel, states, adaptation)
    price = ANY_SOUND * np.concatenate([[0.0], free.cumsum()])
    ends = np.concatenate([[0], durations.cumsum()])
    gains = []
    for start, stop in _words(states.symbols):
        near = slice(max(0, ends[start] - MARGIN), ends[stop] + MARGIN + 1)
        left = np.minimum.accumulate(before[start, near] - price[near])
        gain = before[-1, -1] - (left + price[near] + after[stop, near]).min()
        phones = sum(symbol not in STRESS for symbol in states.symbols[start:stop])
        short = SHORT_WORD_PRICE if phones <= SHORT_WORD else 0.0
        gains.append(WordGain(float(gain - short), start, stop))
    return max(gains, key=lambda each: each.gain, default=None)


def _costs_of_parts(
    mel: Float[np.ndarray, "frames mels"], states: SymbolStates, adaptation: Adaptation
) -> tuple[Float[np.ndarray, "places times"], Float[np.ndarray, "places times"]]:
    """The cost of the symbols before each place until each time, and of those from it on after."""
    means = adaptation.means(states)
    costs = state_costs(mel, means.reshape(-1, means.shape[2]), adaptation)
    costs = costs.reshape(len(mel), *means.shape[:2])
    lengths, symbols = sound_lengths(states, adaptation), states.symbols
    before = _costs_of_beginnings(costs, symbols, lengths, states.pause)
    after = _costs_of_beginnings(
        costs[::-1, ::-1, ::-1], symbols[::-1], lengths[::-1], states.pause[::-1]
    )
    return before, after[::-1, ::-1]


def _costs_of_beginnings(
    costs: Float[np.ndarray, "frames text states"],
    symbols: str,
    lengths: Float[np.ndarray, " text"],
    pause: Float[np.ndarray, " text"],
) -> Float[np.ndarray, "places times"]:
    """The cost of the cheapest path of the symbols before each place that ends at each time."""
    sums = np.zeros((len(symbols), costs.shape[2], len(costs) + 1))
    np.cumsum(costs.transpose(1, 2, 0), axis=2, out=sums[:, :, 1:])
    best: Costs = np.full(len(costs) + 1, np.inf)
    best[0] = 0
    found = [best]
    for place, symbol in enumerate(symbols):
        if symbol in PAUSE_SYMBOLS + START + END:
            likely = pause[place] if symbol in PAUSE_SYMBOLS else EDGE_PROBABILITY
            best, _ = add_silence(best, sums[place, 1], likely)
        elif symbol not in STRESS:
            best, _ = add_phone(best, sums[place], lengths[place])
        found.append(best)
    return np.array(found)


def _words(symbols: str) -> Iterator[tuple[int, int]]:
    """Where each run of symbols begins and ends that are no pauses."""
    start = None
    for place, symbol in enumerate(symbols):
        pause = symbol in PAUSE_SYMBOLS + START + END
        if pause and start is not None:
            yield start, place
        if pause:
            start = None
        elif start is None:
            start = place
