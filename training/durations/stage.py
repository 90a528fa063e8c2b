"""DurationStage: a duration model in the training loop, and its validation."""

from collections.abc import Mapping
from functools import partial

import torch
from torch import Generator

from tts.acoustic.model import AcousticModel
from tts.acoustic.prosody import LENGTH

from ..loop.ema import EMA
from ..loop.logger import RunLogger
from ..loop.optim import optimizers, precision
from ..loop.outcome import StepResult
from ..loop.state import TrainingState
from .losses import DurationStep, duration_losses, without_dropout
from .model import REGRESSION, DurationConfig, DurationModel
from .run import DurationRun
from .sentences import EncodedSentences

ROUNDS = 8  # batches of 16 sentences for validation; chosen by hand
MAX_GRADIENT_NORM = 1.0  # chosen by hand, as for the acoustic model


class DurationStage:
    """A run of a duration model for the training loop (`loop.train.Stage`).

    Args:
        run: the run.
        acoustic: the model whose encoder made the sentences.
        corpus: the training sentences.
        held_out: validation sentences, by the names of their sets.
        device: device of the model and of the training sentences.
    """

    def __init__(
        self,
        run: DurationRun,
        acoustic: AcousticModel,
        corpus: EncodedSentences,
        held_out: Mapping[str, EncodedSentences],
        device: str = "cpu",
    ) -> None:
        torch.manual_seed(run.seed)
        self.run, self.corpus, self.held_out = run, corpus, held_out
        model = DurationModel(duration_config(run, acoustic))
        model.mean.copy_(acoustic.prosody_mean[LENGTH])
        model.deviation.copy_(acoustic.prosody_deviation[LENGTH])
        self.model = model.to(torch.device(device)).train()
        self.teacher = without_dropout(self.model)
        self.state = TrainingState(model, optimizers(model, run), EMA(model, run.average))

    def step(self, progress: float, generator: Generator) -> StepResult:
        """Take one batch and make one update of all weights."""
        state, run = self.state, self.run
        torch.manual_seed(~generator.initial_seed())  # dropout draws from the global generator
        batch = self.corpus.batch(run.batch, generator)
        with precision(run, state.device):
            parts = duration_losses(
                DurationStep.of(run, progress, generator), self.model, self.teacher, batch
            )
        for optimizer in state.optimizers:
            optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(torch.stack(list(parts.values())).sum())
        norm = torch.nn.utils.clip_grad_norm_(self.model.parameters(), MAX_GRADIENT_NORM)
        for optimizer in state.optimizers:
            optimizer.step()
        state.step += 1
        state.average.update(self.model, state.step)
        return StepResult(
            step=state.step - 1,
            losses={name: loss.detach() for name, loss in parts.items()},
            gradients=norm[None],
            clips=partial(self.corpus.corpus.names, batch.clips),
        )

    def averages(self) -> dict[str, DurationModel]:
        """The averaged model."""
        model = DurationModel(self.model.config)
        self.state.average.load_into(model)
        return {"average": model.eval()}

    @torch.no_grad()
    def validate(self, journal: RunLogger) -> dict[str, float]:
        """Log the losses of held-out sentences; noise and times are the same every time.

        Returns:
            Their means over the sets, by name.
        """
        model, means = self.averages()["average"], dict[str, float]()
        for name, sentences in self.held_out.items():
            totals = held_out_losses(model, sentences)
            journal.log_scalars(self.state.step, f"held out {name}", totals)
            for loss, value in totals.items():
                means[loss] = means.get(loss, 0.0) + value / len(self.held_out)
        return means


def duration_config(run: DurationRun, acoustic: AcousticModel) -> DurationConfig:
    """The model of a run, on the encoder of an acoustic model."""
    return DurationConfig(
        kind=run.kind,
        network=run.network,
        bins=run.bins,
        hidden_dim=acoustic.config.encoder.dim,
        voice_dim=acoustic.config.voice_dim,
    )


@torch.no_grad()
def held_out_losses(model: DurationModel, sentences: EncodedSentences) -> dict[str, float]:
    """Losses of a model on sentences: means over fixed batches, each term on whole ones.

    Returns:
        By name, as `duration_losses`: `regression`, or `diagonal` and `semigroup`.
    """
    totals = dict[str, float]()
    for index in range(ROUNDS):
        generator = Generator().manual_seed(index)
        batch = sentences.batch(16, generator)
        for share in (1.0,) if model.config.kind == REGRESSION else (1.0, 0.0):
            step = DurationStep(share, 1.0, generator)
            for name, loss in duration_losses(step, model, model, batch).items():
                totals[name] = totals.get(name, 0.0) + loss.item() / ROUNDS
    return totals
