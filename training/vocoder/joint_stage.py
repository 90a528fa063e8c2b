"""JointStage: mel decoder and vocoder together in the training loop, against discriminators."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import torch
from jaxtyping import Bool, Float
from torch import Generator, Tensor, nn

from tts.acoustic.model import AcousticModel
from tts.tensor_names import submodule_of
from tts.vocoder.mel import log_mel
from tts.vocoder.model import Vocoder

from ..config import JointRun
from ..data.crops import RecordingBatch
from ..data.pairs import PairedBatch, PairedDataset
from ..loop.ema import EMA
from ..loop.logger import RunLogger
from ..loop.optim import optimizers, precision, step_optimizers
from ..loop.outcome import StepResult
from ..loop.state import TrainingState
from .discriminators import DiscriminatorOutput, Discriminators
from .joint import EndToEnd, frame_loss, load_critics, repulsive_term, waveform_losses
from .losses import discriminator_loss, spectral_losses
from .pitch_losses import augment_mel, pitch_losses

ROUNDS = 8  # batches of 16 crops for validation; chosen by hand
SPEECH, COPY = "speech", "copy"


class JointAdversary(nn.Module):
    """A generator of waveforms and its discriminators, as one module for the state of a run."""

    def __init__(self, generator: EndToEnd, critics: Discriminators) -> None:
        super().__init__()
        self.generator, self.critics = generator, critics


@dataclass(frozen=True)
class JointBatch:
    """A batch: crops of speech to generate from noise, then crops of recordings to copy.

    Args:
        speech: features and audio of the first crops.
        copies: mels and audio of the others.
        noise: input of the mel decoder, already scaled by the temperature.
    """

    speech: PairedBatch
    copies: RecordingBatch
    noise: Float[Tensor, "speech frames mels"]

    @property
    def log2_f0(self) -> Float[Tensor, "batch frames"]:
        return torch.cat([self.speech.log2_f0, self.copies.log2_f0])

    @property
    def audio(self) -> Float[Tensor, "batch samples"]:
        return torch.cat([self.speech.audio, self.copies.audio])

    @property
    def parts(self) -> dict[str, slice]:
        """The rows of the batch that are speech, and those that are copies."""
        count = len(self.speech.ids)
        return {SPEECH: slice(0, count), COPY: slice(count, None)}

    @property
    def ids(self) -> Sequence[str]:
        return [*self.speech.ids, *self.copies.ids]


@dataclass(frozen=True)
class GeneratedBatch:
    """The generator's output for a batch.

    Args:
        frames: normalised mels of the speech crops.
        mel: log-mels of all crops, the vocoder's input.
        audio: waveforms of all crops, without margins.
    """

    frames: Float[Tensor, "speech frames mels"]
    mel: Float[Tensor, "batch frames mels"]
    audio: Float[Tensor, "batch samples"]


class JointStage:
    """A joint run for the training loop (`loop.train.Stage`).

    Args:
        run: the run.
        models: acoustic model and vocoder to start from.
        clips: training clips with features and audio.
        held_out: validation clips.
        device: device of the networks and of the training clips.

    Raises:
        FileNotFoundError: the state with the discriminators is missing.
        ValueError: it does not fit the run.
    """

    def __init__(
        self,
        run: JointRun,
        models: EndToEnd,
        clips: PairedDataset,
        held_out: PairedDataset,
        device: str = "cpu",
    ) -> None:
        torch.manual_seed(run.seed)
        self.run, self.held_out, self.clips = run, held_out, clips.to(torch.device(device))
        self.config = models.acoustic.config.mel
        critics = Discriminators(run.critics)
        if run.critics_state:
            load_critics(critics, Path(run.critics_state))
        self.rivals = JointAdversary(models, critics).to(torch.device(device))
        models.acoustic.eval().requires_grad_(False)
        for name in run.learning:
            submodule_of(models.acoustic, name).requires_grad_(True)
        models.vocoder.train()
        found = optimizers(models.acoustic, run)
        found += optimizers(models.vocoder, replace(run, rate=run.vocoder_rate))
        found += optimizers(critics, replace(run, rate=run.critic_rate))
        self.state = TrainingState(self.rivals, found, EMA(models, run.average))

    def step(self, progress: float, generator: Generator) -> StepResult:
        """Take one batch; update the discriminators, and from `joined` on everything."""
        torch.manual_seed(~generator.initial_seed())  # of the vocoder's noise source
        alone = progress < self.run.joined
        crops = self._draw(self.clips, self.run.batch, self.run.perturbed, generator)
        with precision(self.run, self.state.device):
            with torch.set_grad_enabled(not alone):
                made = self._make(self.rivals.generator, crops, crops.log2_f0)
            audio = crops.audio[:, self._samples]
            verdicts = self.rivals.critics(made.audio), self.rivals.critics(audio)
        losses = {} if alone else self._losses(crops, made, verdicts, generator)
        losses["telling"] = discriminator_loss(*verdicts)
        return StepResult(
            step=self.state.step,
            gradients=self._update(losses),
            losses={name: loss.detach() for name, loss in losses.items()},
            clips=partial(list, crops.ids),
        )

    @property
    def _frames(self) -> slice:
        """The frames of a crop with margins that are scored."""
        return slice(self.run.margin, self.run.margin + self.run.crop)

    def _scored(self, speech: PairedBatch) -> Bool[Tensor, "speech frames"]:
        """True for frames within the clip and outside the margins."""
        scored = torch.zeros_like(speech.features.frame_mask)
        scored[:, self._frames] = speech.features.frame_mask[:, self._frames]
        return scored

    @property
    def _samples(self) -> slice:
        frames, hop = self._frames, self.config.hop
        return slice(frames.start * hop, frames.stop * hop)

    def _draw(
        self, clips: PairedDataset, size: int, perturbed: float, generator: Generator
    ) -> JointBatch:
        run, copied = self.run, round(self.run.copies * size)
        count, grid = (size - copied) // run.draws, self.rivals.generator.grid
        speech = clips.batch(count, run.crop, generator, margin=run.margin, grid=grid)
        speech = speech.repeat(run.draws)
        whole = run.crop + 2 * run.margin
        copies = clips.recordings.batch(copied, whole, generator, perturbed=perturbed)
        shape = speech.features.mel.shape
        noise = run.temperature * torch.randn(shape, generator=generator, device=generator.device)
        return JointBatch(speech, copies, noise)

    def _make(self, models: EndToEnd, crops: JointBatch, log2_f0: Tensor | None) -> GeneratedBatch:
        """Generate a batch; without `log2_f0`, F0 is predicted from the mels, as in synthesis."""
        features = crops.speech.features
        frames = models.frames(features, crops.noise)
        mel = torch.cat([models.log_mel(frames, features.frame_mask), crops.copies.mel])
        return GeneratedBatch(frames, mel, models.vocoder(mel, log2_f0)[:, self._samples])

    def _losses(
        self,
        crops: JointBatch,
        made: GeneratedBatch,
        verdicts: tuple[list[DiscriminatorOutput], list[DiscriminatorOutput]],
        generator: Generator,
    ) -> dict[str, Tensor]:
        """The generator's losses, as `speech/NAME` and `copy/NAME`.

        The pitch losses of speech also train the decoder, so that F0 can be predicted from its
        mels. No other loss does that, as waveforms are generated with the recordings' F0.
        """
        features, scored = crops.speech.features, self._scored(crops.speech)
        losses = {f"{SPEECH}/frames": frame_loss(made.frames, features.mel, scored)}
        source, rate = self.rivals.generator.vocoder.source, self.config.sample_rate
        heard = (made.audio, verdicts[0]), (crops.audio[:, self._samples], verdicts[1])
        for part, rows in crops.parts.items():
            values = waveform_losses(*heard, rows, rate)
            if source is not None:
                mel = made.mel[rows]
                mel = augment_mel(mel, generator) if part == COPY else mel
                values |= pitch_losses(source.pitch, mel, crops.log2_f0[rows])
            losses |= {f"{part}/{name}": value for name, value in values.items()}
        if self.run.draws == 2:
            rows = crops.parts[SPEECH]
            found = repulsive_term(made.frames, scored, made.audio[rows], heard[1][0][rows], rate)
            for name, value in found.items():
                losses[f"{SPEECH}/{name}"] = losses[f"{SPEECH}/{name}"] - value
        return losses

    def _update(self, losses: dict[str, Tensor]) -> Tensor:
        """Update all by losses times their weights and their parts' shares of the batch."""
        run, share = self.run, self.run.copied_crops / self.run.batch
        parts = {SPEECH: (run.speech, 1 - share), COPY: (run.copied, share)}
        weighted = []
        for key, loss in losses.items():
            part, _, name = key.partition("/")
            if part in parts:
                weights, counts = parts[part]
                weighted.append(counts * getattr(weights, name) * loss)
        sides: list[tuple[nn.Module, Tensor]] = [(self.rivals.critics, losses["telling"])]
        if weighted:
            sides.insert(0, (self.rivals.generator, torch.stack(weighted).sum()))
        norms = step_optimizers(self.state, sides)
        if weighted:
            self.state.average.update(self.rivals.generator, self.state.step)
        return norms

    def averages(self) -> dict[str, AcousticModel | Vocoder]:
        """The averaged acoustic model and vocoder."""
        generator = self.averaged()
        return {"acoustic": generator.acoustic, "vocoder": generator.vocoder}

    def averaged(self) -> EndToEnd:
        """New models with the averaged weights, in evaluation mode."""
        generator = self.rivals.generator.blank()
        self.state.average.load_into(generator)
        return generator.eval()

    @torch.no_grad()
    def validate(self, journal: RunLogger) -> dict[str, float]:
        """Log and return spectral losses of fixed held-out crops, with audio and mel of one."""
        generator, totals = self.averaged(), dict[str, float]()
        for index in range(ROUNDS):
            crops = self._draw(self.held_out, 16, 0.0, Generator().manual_seed(index))
            made, real = self._make(generator, crops, None), crops.audio[:, self._samples]
            for part, rows in crops.parts.items():
                found = spectral_losses(made.audio[rows], real[rows], self.config.sample_rate)
                for name, loss in found.items():
                    key = f"{part}/{name}"
                    totals[key] = totals.get(key, 0.0) + loss.item() / ROUNDS
        journal.log_scalars(self.state.step, "held out", totals)
        for part, rows in crops.parts.items():
            for name, audio in ((f"{part}/recording", real[rows]), (part, made.audio[rows])):
                journal.log_audio(self.state.step, name, audio[0], self.config.sample_rate)
                mel = log_mel(audio[:1], self.config)[0]
                journal.log_image(self.state.step, f"mel/{name}", (mel + 8) / 12)
        return totals
