"""Adaptation of the acoustic model's states to a new voice, from some of its clips."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float, Int

from tts.acoustic.model import AcousticModel
from tts.text.pronounce.symbols import STRESS

from .states import STATES, SymbolStates, is_silence, symbol_states
from .viterbi import SymbolPath, cheapest_path

# Half the inverse variance of a band, of normalised mels, times COST_SCALE for 100 bands: before
# residuals are measured. The prototype of this search had it, from residuals of one voice.
FIRST_WEIGHT = 0.096
COST_SCALE = 0.05  # neighbouring frames are alike; of 0.05 to 0.4 the best on voices of the corpus
SHRINKAGE = 0.1  # of the covariance of residuals towards a multiple of the identity
MIN_GROUP_FRAMES = 4  # from which an offset is measured; chosen by hand


@dataclass(frozen=True, kw_only=True)
class Adaptation:
    """How a voice differs from what the acoustic model expects.

    Args:
        voice: vector of a voice, a row of `model.voices.weight` or a mean of rows.
        speech: mean residual of the normalised mel in speech, of each band.
        silence: the same in silence.
        projection: maps residuals so that their squared norm is twice their cost.
        pace: mean natural logarithm of how much longer its phones are.
        codebook: mean of each phone's state over all contexts, for the cost without a text.
    """

    voice: Float[np.ndarray, " voice"]
    speech: Float[np.ndarray, " mels"]
    silence: Float[np.ndarray, " mels"]
    projection: Float[np.ndarray, "mels mels"]
    pace: float
    codebook: Float[np.ndarray, "entries mels"]

    def means(self, states: SymbolStates) -> Float[np.ndarray, "text states mels"]:
        """What is expected of each state in this voice."""
        silent = is_silence(states.symbols)
        return states.means + np.where(silent[:, None], self.silence, self.speech)[:, None]


@dataclass(frozen=True, kw_only=True, slots=True)
class AlignedClip:
    """A clip with its path; `mel` is normalised."""

    mel: Float[np.ndarray, "frames mels"]
    states: SymbolStates
    path: SymbolPath

    @property
    def phones(self) -> Bool[np.ndarray, " text"]:
        """Which symbols are sounds."""
        return ~is_silence(self.states.symbols) & (self.path.durations > 0)

    def residuals(self) -> tuple[Float[np.ndarray, "frames mels"], Bool[np.ndarray, " frames"]]:
        """The mel less what is expected of each frame's state, and which frames are silence."""
        token, state = tokens_and_states(self.states.symbols, self.path.durations)
        silent = is_silence(self.states.symbols)[token]
        return self.mel - self.states.means[token, state], silent

    def length_ratios(self) -> Float[np.ndarray, " phones"]:
        """The natural logarithm of each phone's frames over what is expected."""
        phones = self.phones
        return np.log(self.path.durations[phones] / self.states.lengths[phones])


def tokens_and_states(
    symbols: str, durations: Int[np.ndarray, " text"]
) -> tuple[Int[np.ndarray, " frames"], Int[np.ndarray, " frames"]]:
    """The symbol and the state of each frame, as `cheapest_path` shares frames out."""
    token = np.repeat(np.arange(len(durations)), durations)
    since = np.arange(len(token)) - (durations.cumsum() - durations)[token]
    length = durations[token]
    state = (since >= np.rint(length / 3)).astype(int) + (since >= np.rint(2 * length / 3))
    return token, np.where(is_silence(symbols)[token], 1, state)


def unadapted(voice: Float[np.ndarray, " voice"], mels: int) -> Adaptation:
    """A voice without differences, whose bands are independent."""
    return Adaptation(
        voice=voice,
        speech=np.zeros(mels),
        silence=np.zeros(mels),
        projection=np.eye(mels) * np.sqrt(2 * FIRST_WEIGHT),
        pace=0.0,
        codebook=np.zeros((0, mels)),
    )


def find_path(
    mel: Float[np.ndarray, "frames mels"], states: SymbolStates, adaptation: Adaptation
) -> SymbolPath | None:
    """The cheapest path of a normalised mel; None if no path covers it."""
    means = adaptation.means(states)
    costs = state_costs(mel, means.reshape(-1, means.shape[2]), adaptation)
    shape = (len(mel), len(states.symbols), STATES)
    lengths = sound_lengths(states, adaptation)
    return cheapest_path(costs.reshape(shape), states.symbols, lengths, states.pause)


def sound_lengths(states: SymbolStates, adaptation: Adaptation) -> Float[np.ndarray, " text"]:
    """The expected frames of each symbol in this voice; of silences those of the model."""
    silent = is_silence(states.symbols)
    return states.lengths * np.where(silent, 1.0, np.exp(adaptation.pace))


def state_costs(
    mel: Float[np.ndarray, "frames mels"],
    means: Float[np.ndarray, "states mels"],
    adaptation: Adaptation,
) -> Float[np.ndarray, "frames states"]:
    """Half the squared norm of each projected residual."""
    here, there = mel @ adaptation.projection, means @ adaptation.projection
    squares = (here**2).sum(axis=1)[:, None] + (there**2).sum(axis=1)
    return np.maximum(squares / 2 - here @ there.T, 0)


def path_costs(
    mel: Float[np.ndarray, "frames mels"],
    states: SymbolStates,
    durations: Int[np.ndarray, " text"],
    adaptation: Adaptation,
) -> Float[np.ndarray, " frames"]:
    """The cost of each frame in its state on a path, without lengths and pauses."""
    token, state = tokens_and_states(states.symbols, durations)
    residuals = mel - adaptation.means(states)[token, state]
    return ((residuals @ adaptation.projection) ** 2).sum(axis=1) / 2


def adapt(  # noqa: PLR0913 - the last three are options
    model: AcousticModel,
    clips: Sequence[tuple[Float[np.ndarray, "_ mels"], str]],
    voice: Float[np.ndarray, " voice"],
    *,
    rounds: int = 3,
    shrinkage: float = SHRINKAGE,
    whiten: bool = True,
) -> Adaptation:
    """Measure how a voice differs from the model, on clips that are aligned again in each round.

    Args:
        model: the acoustic model.
        clips: normalised mels, and their symbols.
        voice: vector to start from.
        rounds: of alignment and measurement.
        shrinkage: share of the identity in the covariance; more for fewer frames.
        whiten: measure the covariance of residuals, too; costs of two voices compare only without.

    Raises:
        ValueError: no clip has a path.
    """
    pairs = [(mel, symbol_states(model, symbols, voice)) for mel, symbols in clips]
    found = unadapted(voice, model.config.mel.bands)
    for _ in range(rounds):
        paths = [(mel, states, find_path(mel, states, found)) for mel, states in pairs]
        aligned = [
            AlignedClip(mel=mel, states=states, path=path) for mel, states, path in paths if path
        ]
        if not aligned:
            raise ValueError("no clip can be aligned with its text; check the transcripts")
        found = _measured(found, aligned, shrinkage if whiten else None)
    return found


def _measured(
    before: Adaptation, clips: Sequence[AlignedClip], shrinkage: float | None
) -> Adaptation:
    parts = [clip.residuals() for clip in clips]
    residuals = np.concatenate([part for part, _ in parts]).astype(np.float64)
    silent = np.concatenate([part for _, part in parts])
    speech, silence = _offset(residuals[~silent]), _offset(residuals[silent])
    residuals -= np.where(silent[:, None], silence, speech)
    ratios = np.concatenate([clip.length_ratios() for clip in clips])
    after = replace(
        before,
        speech=speech,
        silence=silence,
        projection=(before.projection if shrinkage is None else _projection(residuals, shrinkage)),
        pace=float(ratios.mean()),
    )
    return with_codebook(after, [clip.states for clip in clips])


def _offset(residuals: Float[np.ndarray, "frames mels"]) -> Float[np.ndarray, " mels"]:
    if len(residuals) < MIN_GROUP_FRAMES:
        return np.zeros(residuals.shape[1])
    return residuals.mean(axis=0)


def _projection(
    residuals: Float[np.ndarray, "frames mels"], shrinkage: float
) -> Float[np.ndarray, "mels mels"]:
    """The map that makes residuals independent with a variance of `COST_SCALE`."""
    covariance = residuals.T @ residuals / len(residuals)
    mels = len(covariance)
    level = np.trace(covariance) / mels + 1e-6
    variances, axes = np.linalg.eigh(
        (1 - shrinkage) * covariance + shrinkage * level * np.eye(mels)
    )
    return axes * np.sqrt(COST_SCALE / variances)


def with_codebook(adaptation: Adaptation, states: Sequence[SymbolStates]) -> Adaptation:
    """With the mean of each state of each symbol, for costs without a text."""
    symbols = np.array(list("".join(each.symbols for each in states)))
    means = np.concatenate([adaptation.means(each) for each in states])
    rows = [means[symbols == symbol].mean(axis=0) for symbol in sorted(set(symbols) - set(STRESS))]
    return replace(adaptation, codebook=np.concatenate(rows).astype(np.float64))
