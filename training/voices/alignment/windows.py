"""Where the sentences of a script are said in a long recording, window by window."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from tts.acoustic.durations import PAUSE_SYMBOLS
from tts.acoustic.model import AcousticModel
from tts.text.frontend import Utterance, prepare_utterances
from tts.text.pronounce.symbols import END, START, STRESS

from .adaptation import Adaptation, path_costs, sound_lengths, state_costs
from .states import SymbolStates, symbol_states
from .viterbi import EDGE_PROBABILITY, Costs, Steps, add_phone, add_silence, trace

WINDOW_FRAMES = 4000  # 43 s, more than the longest sentence; the time grows with its square
TEXT_SHARE = 1.3  # of a window that its text would fill at the expected pace
MAX_TEXT_SHARE = 6.0  # after windows where nothing was found: a part of the script is not said
SKIP_COST = 10.0  # of a sentence that is not said; chosen by hand, as the next
FOREIGN_PROBABILITY = 0.0  # of sound that is not in the script: the least that a pause can have


@dataclass(frozen=True, kw_only=True)
class Sentence:
    """A sentence of a script.

    Args:
        utterance: its phonemes and words.
        symbols: its phonemes between `START` and `END`.
    """

    utterance: Utterance

    @property
    def symbols(self) -> str:
        return START + self.utterance.phonemes + END


@dataclass(frozen=True, kw_only=True, slots=True)
class SaidSentence:
    """A sentence that was found.

    Args:
        place: its number in the script.
        start: its first frame.
        durations: frames of each symbol.
        excess: of each frame, its cost less that of the nearest of all states.
    """

    place: int
    start: int
    durations: Int[np.ndarray, " text"]
    excess: Float[np.ndarray, " frames"]

    @property
    def stop(self) -> int:
        """The frame after its last phone."""
        return int(self.start + self.durations[:-1].sum())


def read_script(text: str, convention: str) -> list[Sentence]:
    """The sentences of a script."""
    parts = prepare_utterances(text, convention=convention)
    return [Sentence(utterance=each) for each in parts if each.phonemes]


class ScriptMatcher:
    """Finds the sentences of a script in a recording.

    Args:
        model: the acoustic model.
        mel: normalised, of the recording.
        script: its sentences.
        adaptation: to the voice.
        foreign_cost: of a frame that is not in the script, above the nearest of all states.
    """

    def __init__(
        self,
        model: AcousticModel,
        mel: Float[np.ndarray, "frames mels"],
        script: Sequence[Sentence],
        adaptation: Adaptation,
        foreign_cost: float,
    ) -> None:
        self.model, self.mel, self.script = model, mel, script
        self.adaptation, self.foreign_cost = adaptation, foreign_cost
        self._states: dict[int, SymbolStates] = {}

    def said(self) -> Iterator[SaidSentence]:
        """The sentences that are found, in order, as their windows are finished."""
        begin, place, share = 0, 0, TEXT_SHARE
        while begin < len(self.mel) and place < len(self.script):
            stop = min(begin + WINDOW_FRAMES, len(self.mel))
            last = self._text_until(place, share * (stop - begin))
            found = self._window(begin, stop, place, last)
            whole = stop == len(self.mel) and last == len(self.script)
            # the last sentence may go on after the window, or be another
            sure = found if whole else found[:-1]
            yield from sure
            self._states = {}
            if whole:
                return
            if sure:
                begin, place, share = sure[-1].stop, sure[-1].place + 1, TEXT_SHARE
            elif share < MAX_TEXT_SHARE and last < len(self.script):
                share *= 2
            else:
                begin = begin + (stop - begin + 1) // 2 if stop < len(self.mel) else stop

    def _text_until(self, place: int, frames: float) -> int:
        """The sentence before which the text has so many frames, or at least two sentences."""
        total, last = 0.0, place
        while last < len(self.script) and (total < frames or last < place + 2):
            total += float(sound_lengths(self._of(last), self.adaptation).sum())
            last += 1
        return last

    def _of(self, place: int) -> SymbolStates:
        if place not in self._states:
            symbols = self.script[place].symbols
            self._states[place] = symbol_states(self.model, symbols, self.adaptation.voice)
        return self._states[place]

    def _window(self, begin: int, stop: int, first: int, last: int) -> list[SaidSentence]:
        mel = self.mel[begin:stop].astype(np.float64)
        free = state_costs(mel, self.adaptation.codebook, self.adaptation).min(axis=1)
        sums = np.concatenate([[0.0], (free + self.foreign_cost).cumsum()])
        best = np.full(len(sums), np.inf)
        best[0] = 0.0
        ends: list[tuple[float, int, int]] = []  # cost, sentence and symbols of paths to the end
        foreign: list[Steps] = []
        skips: list[np.ndarray] = []
        steps: list[np.ndarray] = []
        for place in range(first, last):
            best, frames = add_silence(best, sums, FOREIGN_PROBABILITY)
            foreign.append(frames)
            skipped, rows = best + SKIP_COST, list[Steps]()
            for cost, row in symbol_by_symbol(mel, self._of(place), self.adaptation, best):
                best, rows = cost, [*rows, row]
                ends.append((float(best[-1]), place - first, len(rows)))
            skips.append(skipped < best)
            steps.append(np.stack(rows))
            best = np.minimum(best, skipped)
        best, tail = add_silence(best, sums, FOREIGN_PROBABILITY)
        ends.append((float(best[-1]), last - first, 0))
        _, count, symbols = min(ends)
        time = len(mel) - (int(tail[-1]) if count == last - first else 0)
        return self._traced(begin, first, free, (count, symbols, time), foreign, skips, steps)

    def _traced(  # noqa: PLR0913 - the tables of the search
        self,
        begin: int,
        first: int,
        free: Float[np.ndarray, " frames"],
        end: tuple[int, int, int],
        foreign: Sequence[Steps],
        skips: Sequence[np.ndarray],
        steps: Sequence[np.ndarray],
    ) -> list[SaidSentence]:
        """The sentences of the cheapest path, from its end to the start."""
        count, symbols, time = end
        found: list[SaidSentence] = []
        if symbols:  # the path ends within a sentence, which counts as found but is never sure
            durations = trace(steps[count][:symbols], time)
            time -= int(durations.sum())
            whole = np.concatenate([durations, np.zeros(len(steps[count]) - symbols, np.int64)])
            found.append(self._found(first + count, begin, time, whole, free))
            time -= int(foreign[count][time])
        for place in range(count - 1, -1, -1):
            if not skips[place][time]:
                durations = trace(steps[place], time)
                time -= int(durations.sum())
                found.append(self._found(first + place, begin, time, durations, free))
            time -= int(foreign[place][time])
        return found[::-1]

    def _found(
        self,
        place: int,
        begin: int,
        time: int,
        durations: Int[np.ndarray, " text"],
        free: Float[np.ndarray, " frames"],
    ) -> SaidSentence:
        stop = time + int(durations.sum())
        mel = self.mel[begin + time : begin + stop].astype(np.float64)
        cost = path_costs(mel, self._of(place), durations, self.adaptation) - free[time:stop]
        return SaidSentence(place=place, start=begin + time, durations=durations, excess=cost)


def symbol_by_symbol(
    mel: Float[np.ndarray, "frames mels"],
    states: SymbolStates,
    adaptation: Adaptation,
    best: Costs,
) -> Iterator[tuple[Costs, Steps]]:
    """Append the symbols of a sentence to the cheapest paths, one after the other."""
    means, lengths = adaptation.means(states), sound_lengths(states, adaptation)
    for place, symbol in enumerate(states.symbols):
        if symbol in STRESS:
            yield best, np.zeros(len(best), np.int32)
            continue
        costs = state_costs(mel, means[place], adaptation)
        sums = np.concatenate([np.zeros((1, len(means[place]))), costs.cumsum(axis=0)]).T
        if symbol in PAUSE_SYMBOLS + START + END:
            edge = symbol in START + END
            best, row = add_silence(
                best, sums[1], EDGE_PROBABILITY if edge else float(states.pause[place])
            )
        else:
            best, row = add_phone(best, sums, float(lengths[place]))
        yield best, row
