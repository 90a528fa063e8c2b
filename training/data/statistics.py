"""Statistics of features for normalisation, measured on a training set and kept in the model."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Float, Int
from torch import Tensor

from tts.acoustic.model import AcousticModel
from tts.acoustic.prosody import ENERGY, LENGTH, PITCH, ProsodyState

QUIETEST = -50.0  # dB under a voice's peak; lower energies are raised to it. Chosen by hand.


@runtime_checkable
class FeatureTables(Protocol):
    """Tensors of a corpus with a row for each clip, padded with zeros."""

    mels: Tensor
    tokens: Tensor
    durations: Tensor
    log_pitch: Tensor
    levels: Tensor
    speakers: Tensor


@dataclass(frozen=True)
class Statistics:
    """The statistics of an `AcousticModel`, by the names of its buffers.

    Args:
        mel_mean: mean of all log-mels.
        mel_deviation: their standard deviation.
        prosody_mean: means of log-duration, log-F0 and energy.
        prosody_deviation: their standard deviations.
        pitch: mean and standard deviation of log-F0 of each voice.
        peak_level: 99.5th percentile of the levels of each voice, in dB of full scale.
    """

    mel_mean: Float[Tensor, ""]
    mel_deviation: Float[Tensor, ""]
    prosody_mean: Float[Tensor, " 3"]
    prosody_deviation: Float[Tensor, " 3"]
    pitch: Float[Tensor, "voices 2"]
    peak_level: Float[Tensor, " voices"]

    @classmethod
    def of(cls, model: AcousticModel) -> "Statistics":
        return cls(**{field.name: getattr(model, field.name) for field in fields(cls)})

    def copy_to(self, model: AcousticModel) -> None:
        for field in fields(self):
            setattr(model, field.name, getattr(self, field.name).clone())

    def to(self, device: torch.device) -> "Statistics":
        return Statistics(**{f.name: getattr(self, f.name).to(device) for f in fields(self)})

    def normal_mel(
        self, mel: Float[Tensor, "batch frames mels"]
    ) -> Float[Tensor, "batch frames mels"]:
        return (mel.float() - self.mel_mean) / self.mel_deviation

    def normal_prosody(self, raw: ProsodyState, speakers: Int[Tensor, " batch"]) -> ProsodyState:
        """Normalise log-duration, log-F0 and level in dB to zero mean and unit deviation."""
        mean, deviation = self.pitch[speakers].unbind(dim=1)
        pitch = (raw[..., PITCH] - mean[:, None]) / deviation[:, None]
        energy = energies(raw[..., ENERGY], self.peak_level[speakers])
        state = torch.stack([raw[..., LENGTH], pitch, energy], dim=2)
        return (state - self.prosody_mean) / self.prosody_deviation


def energies(
    levels: Float[Tensor, "batch text"], peak_level: Float[Tensor, " batch"]
) -> Float[Tensor, "batch text"]:
    """Levels in dB relative to the voice's peak, at least `QUIETEST`."""
    return (levels - peak_level[:, None]).clamp(min=QUIETEST)


def measure(corpus: FeatureTables, voices: int) -> Statistics:
    """Measure statistics over real symbols; a voice without clips gets the mean of the others."""
    real = corpus.tokens > 0
    mels = corpus.mels.float()
    pitch = _by_voice(corpus, voices, corpus.log_pitch, lambda row: (row.mean(), row.std()))
    loudest = _by_voice(corpus, voices, corpus.levels, lambda row: (row.quantile(0.995),))[:, 0]
    length = corpus.durations[corpus.durations > 0].log()
    energy = energies(corpus.levels, loudest[corpus.speakers])[real]
    nothing = length.new_tensor(0.0)
    return Statistics(
        mel_mean=mels.mean(),
        mel_deviation=mels.std(),
        prosody_mean=torch.stack([length.mean(), nothing, energy.mean()]),
        prosody_deviation=torch.stack([length.std(), nothing + 1, energy.std()]),
        pitch=pitch,
        peak_level=loudest,
    )


def _by_voice(
    corpus: FeatureTables, voices: int, values: Tensor, of: Callable[[Tensor], tuple[Tensor, ...]]
) -> Float[Tensor, "voices figures"]:
    real = corpus.tokens > 0
    rows = [values[real & (corpus.speakers == voice)[:, None]] for voice in range(voices)]
    known = [torch.stack(of(row)) if len(row) else None for row in rows]
    average = torch.stack([row for row in known if row is not None]).mean(dim=0)
    return torch.stack([average if row is None else row for row in known])
