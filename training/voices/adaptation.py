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
        durations = self.path.durations
        token = np.repeat(np.arange(len(durations)), durations)
        silent = is_silence(self.states.symbols)[token]
        state = np.where(silent, 1, state_of_frames(durations))
        return self.mel - self.states.means[token, state], silent

    def length_ratios(self) -> Float[np.ndarray, " phones"]:
        """The natural logarithm of each phone's frames over what is expected."""
        phones = self.phones
        return np.log(self.path.durations[phones] / self.states.lengths[phones])


def state_of_frames(durations: Int[np.ndarray, " text"]) -> Int[np.ndarray, " frames"]:
    """The state of each frame, as `cheapest_path` shares them out."""
    parts = [np.arange(frames) for frames in durations]
    ends = [(np.rint(frames / 3), np.rint(2 * frames / 3)) for frames in durations]
    return np.concatenate(
        [(part >= a).astype(int) + (part >= b) for part, (a, b) in zip(parts, ends, strict=True)]
    )


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
    silent = is_silence(states.symbols)
    offset = np.where(silent[:, None], adaptation.silence, adaptation.speech)
    means = states.means + offset[:, None]
    costs = state_costs(mel, means.reshape(-1, means.shape[2]), adaptation)
    lengths = states.lengths * np.where(silent, 1.0, np.exp(adaptation.pace))
    shape = (len(mel), len(states.symbols), STATES)
    return cheapest_path(costs.reshape(shape), states.symbols, lengths, states.pause)


def state_costs(
    mel: Float[np.ndarray, "frames mels"],
    means: Float[np.ndarray, "states mels"],
    adaptation: Adaptation,
) -> Float[np.ndarray, "frames states"]:
    """Half the squared norm of each projected residual."""
    here, there = mel @ adaptation.projection, means @ adaptation.projection
    squares = (here**2).sum(axis=1)[:, None] + (there**2).sum(axis=1)
    return np.maximum(squares / 2 - here @ there.T, 0)


def adapt(  # noqa: PLR0913 - the last three are options
    model: AcousticModel,
    clips: Sequence[tuple[Float[np.ndarray, "frames mels"], str]],
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
        measured = _measured(found, aligned, shrinkage)
        found = measured if whiten else replace(measured, projection=found.projection)
    return found


def _measured(before: Adaptation, clips: Sequence[AlignedClip], shrinkage: float) -> Adaptation:
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
        projection=_projection(residuals, shrinkage),
        pace=float(ratios.mean()),
    )
    return replace(after, codebook=_codebook([clip.states for clip in clips], after))


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


def _codebook(
    states: Sequence[SymbolStates], adaptation: Adaptation
) -> Float[np.ndarray, "entries mels"]:
    """The mean of each state of each symbol, with the offsets of the voice."""
    symbols = np.array(list("".join(each.symbols for each in states)))
    means = np.concatenate([each.means for each in states])
    rows = []
    for symbol in sorted(set(symbols) - set(STRESS)):
        offset = adaptation.silence if is_silence(symbol)[0] else adaptation.speech
        rows.append(means[symbols == symbol].mean(axis=0) + offset)
    return np.concatenate(rows).astype(np.float64)
