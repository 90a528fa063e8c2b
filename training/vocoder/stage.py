"""VocoderStage: the vocoder in the training loop, with its discriminators, and its validation."""

from dataclasses import replace
from functools import partial

import torch
from torch import Generator, Tensor, nn

from tts.vocoder.mel import log_mel
from tts.vocoder.model import Vocoder

from ..config import VocoderRun
from ..data.crops import RecordingDataset
from ..loop.ema import EMA
from ..loop.logger import RunLogger
from ..loop.optim import optimizers, precision, step_optimizers
from ..loop.outcome import StepResult
from ..loop.start import load_start
from ..loop.state import TrainingState
from .discriminators import Discriminators
from .losses import discriminator_loss, generator_losses, spectral_losses
from .pitch_losses import augment_mel, pitch_losses

ROUNDS = 8  # batches of 16 crops of 128 frames for validation; chosen by hand
SHARE = 0.5  # of crops with one-step mels, once they take part; chosen by hand


class Adversary(nn.Module):
    """A vocoder and its discriminators, as one module for the state of a run."""

    def __init__(self, vocoder: Vocoder, critics: Discriminators) -> None:
        super().__init__()
        self.vocoder, self.critics = vocoder, critics


class VocoderStage:
    """A run of the vocoder for the training loop (`loop.train.Stage`).

    Vocoder and discriminators are updated in the same step, from the same copies.

    Args:
        run: the run.
        recordings: the training clips.
        held_out: the validation clips.
        device: device of the networks and of the training clips.

    Raises:
        FileNotFoundError: the start checkpoint is missing.
        ValueError: it does not fit the run.
    """

    def __init__(
        self,
        run: VocoderRun,
        recordings: RecordingDataset,
        held_out: RecordingDataset,
        device: str = "cpu",
    ) -> None:
        torch.manual_seed(run.seed)
        self.run, self.held_out = run, held_out
        self.recordings = recordings.to(torch.device(device))
        self.adversary = Adversary(
            load_start(run, Vocoder) or Vocoder(run.model), Discriminators(run.critics)
        ).to(torch.device(device))
        self.adversary.train()
        found = optimizers(self.adversary.vocoder, run)
        if run.critics:
            found += optimizers(self.adversary.critics, replace(run, rate=run.critic_rate))
        self.state = TrainingState(self.adversary, found, EMA(self.adversary.vocoder, run.average))

    def step(self, progress: float, generator: Generator) -> StepResult:
        """Take one batch; update the vocoder, and from `joined` on the discriminators."""
        torch.manual_seed(~generator.initial_seed())  # of the vocoder's noise source
        ready = bool(self.recordings.one_step_mels) and progress >= self.run.predicted
        batch = self.recordings.batch(
            self.run.batch,
            self.run.crop,
            generator,
            one_step_share=SHARE if ready else 0.0,
            perturbed=self.run.perturbed,
        )
        with precision(self.run, self.state.device):
            copy = self.adversary.vocoder(batch.mel, batch.log2_f0)
        rate = self.run.model.mel.sample_rate
        losses = spectral_losses(copy, batch.audio, rate)
        if (source := self.adversary.vocoder.source) is not None:
            losses |= pitch_losses(source.pitch, augment_mel(batch.mel, generator), batch.log2_f0)
        if self.run.critics and progress >= self.run.joined:
            losses |= self._compete(copy, batch.audio)
        return StepResult(
            step=self.state.step,
            gradients=self._descend(losses),
            losses={name: loss.detach() for name, loss in losses.items()},
            clips=partial(list, batch.ids),
        )

    def _compete(self, copy: Tensor, recording: Tensor) -> dict[str, Tensor]:
        """Losses of both sides from one pass; `_descend` keeps their gradients apart."""
        with precision(self.run, self.state.device):
            real = self.adversary.critics(recording)
            made = self.adversary.critics(copy)
        return {**generator_losses(made, real), "telling": discriminator_loss(made, real)}

    def _descend(self, losses: dict[str, Tensor]) -> Tensor:
        """Update each side by its own loss, then the averages; returns gradient norms."""
        weights = self.run.weights
        total = torch.stack(
            [getattr(weights, name) * loss for name, loss in losses.items() if name != "telling"]
        ).sum()
        sides: list[tuple[nn.Module, Tensor]] = [(self.adversary.vocoder, total)]
        if "telling" in losses:
            sides.append((self.adversary.critics, losses["telling"]))
        norms = step_optimizers(self.state, sides)
        self.state.average.update(self.adversary.vocoder, self.state.step)
        return norms

    def averages(self) -> dict[str, Vocoder]:
        """The averaged vocoder."""
        return {"average": self.averaged()}

    def averaged(self) -> Vocoder:
        """A new vocoder with the averaged weights, in evaluation mode."""
        vocoder = Vocoder(self.run.model)
        self.state.average.load_into(vocoder)
        return vocoder.eval()

    @torch.no_grad()
    def validate(self, journal: RunLogger) -> dict[str, float]:
        """Log and return spectral losses of fixed held-out crops, with audio and mel of one."""
        vocoder, totals, config = self.averaged(), dict[str, float](), self.run.model.mel
        for index in range(ROUNDS):
            batch = self.held_out.batch(16, 128, Generator().manual_seed(index))
            copy = vocoder(batch.mel)
            for name, loss in spectral_losses(copy, batch.audio, config.sample_rate).items():
                totals[name] = totals.get(name, 0.0) + loss.item() / ROUNDS
        step = self.state.step
        journal.log_scalars(step, "held out", totals)
        for name, audio in (("recording", batch.audio), ("copy", copy)):
            journal.log_audio(step, name, audio[0], config.sample_rate)
            journal.log_image(step, f"mel/{name}", (log_mel(audio[:1], config)[0] + 8) / 12)
        return totals
