"""Discriminators of mels, against which a regression without noise is trained.

They judge a mel beside its expected mel, which the decoder is conditioned on, at two resolutions in
time. Losses are the hinge loss and feature matching, as for the vocoder. All numbers are chosen by
hand and not tuned.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Generator, Tensor, nn

from ..config import AcousticRun
from ..data.dataset import FeatureDataset
from ..loop.optim import optimizers, precision, step_optimizers
from ..loop.outcome import StepResult
from ..loop.state import TrainingState
from ..vocoder.discriminators import SLOPE, DiscriminatorOutput, convolution
from ..vocoder.losses import discriminator_loss, generator_losses
from .stage import AcousticStage
from .terms import forward_passes, mean_square

STRIDES = ((1, 2), (2, 2))  # in time and in bands, of the first layer of each discriminator
RATE = 1e-3
WEIGHTS = {"mel/regression": 10.0, "adversarial": 1.0, "features": 2.0}

Mels = Float[Tensor, "batch frames mels"]


class MelDiscriminator(nn.Module):
    """Convolutions over frames and bands of a mel and its expected mel."""

    def __init__(self, channels: int, stride: tuple[int, int]) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            convolution(2, channels, (3, 5), stride, padding=(1, 2)),
            convolution(channels, 2 * channels, (3, 5), (2, 2), padding=(1, 2)),
            convolution(2 * channels, 2 * channels, (3, 5), (2, 2), padding=(1, 2)),
        )
        self.last = convolution(2 * channels, 1, 3, padding=1)

    def forward(self, mel: Mels, expected: Mels) -> DiscriminatorOutput:
        """Scores, high for recordings, and the output of every layer."""
        part = torch.stack([mel, expected.to(mel)], dim=1)
        features: list[Tensor] = []
        for layer in self.layers.children():
            part = F.leaky_relu(layer(part), SLOPE)
            features.append(part)
        return self.last(part), features


class MelDiscriminators(nn.Module):
    """All discriminators of a run.

    Args:
        channels: of their first layers.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.critics = nn.ModuleList(MelDiscriminator(channels, stride) for stride in STRIDES)

    def forward(self, mel: Mels, expected: Mels) -> list[DiscriminatorOutput]:
        """Scores and layer outputs of each discriminator."""
        return [critic(mel, expected) for critic in self.critics]


class CriticStage(AcousticStage):
    """A run of the objective `regression` against discriminators (`AcousticRun.critic_channels`).

    Args:
        run: the run, whose maps are `mel` alone.
        corpus: the training clips.
        held_out: validation clips, by the names of their sets.
        device: device of the models and of the training clips.
    """

    def __init__(
        self,
        run: AcousticRun,
        corpus: FeatureDataset,
        held_out: Mapping[str, FeatureDataset],
        device: str = "cpu",
    ) -> None:
        super().__init__(run, corpus, held_out, device)
        self.critics = MelDiscriminators(run.critic_channels).to(torch.device(device))
        found = optimizers(self.critics, replace(run, rate=RATE, matrix_rate=None))
        both = nn.ModuleDict({"model": self.model, "critics": self.critics})
        self.state = TrainingState(both, self.state.optimizers + found, self.state.average)

    def step(self, progress: float, generator: Generator) -> StepResult:
        """Take one batch, and update the decoder and the discriminators."""
        run, state = self.run, self.state
        batch = self.corpus.batch(run.batch, run.crop, generator)
        with precision(run, state.device):
            with torch.no_grad():
                found = self.encode(self.models.reader, batch)
            flow = self.model.mel_map(found.conditioning, found.voice, batch.frame_mask)
            start = torch.zeros(len(batch.mel), device=batch.mel.device)
            made = flow.jump(torch.zeros_like(batch.mel), start, start + 1)
            made = made * batch.frame_mask[..., None]
            expected = found.conditioning[..., : made.shape[2]]
            judged = [self.critics(mel, expected) for mel in (made, batch.mel)]
        losses = {
            "mel/regression": mean_square(made - batch.mel, batch.frame_mask),
            **generator_losses(*judged),
        }
        telling = discriminator_loss(*judged)
        total = torch.stack([WEIGHTS[name] * loss for name, loss in losses.items()]).sum()
        norms = step_optimizers(state, [(self.model.decoder, total), (self.critics, telling)])
        state.forward_passes += forward_passes(run.terms, run.batch, progress)
        state.average.update(self.model, state.step)
        losses["telling"] = telling
        return StepResult(
            step=state.step - 1,
            losses={name: loss.detach() for name, loss in losses.items()},
            gradients=norms,
            clips=partial(self.corpus.names, batch.clips),
        )
