"""ReducedStage: the acoustic stage of a run that trains the mel decoder alone."""

from collections.abc import Mapping

import torch
from torch import Generator

from ..acoustic.losses import flow_losses
from ..acoustic.stage import AcousticStage
from ..acoustic.terms import TrainingStep
from ..config import AcousticRun
from ..data.dataset import FeatureDataset
from ..loop.optim import precision
from ..loop.outcome import StepResult
from .conditioning import FrozenConditioning


class ReducedStage(AcousticStage):
    """A run of the mel decoder, with conditioning that is computed once.

    Args:
        run: the run, whose maps are `mel` alone.
        corpus: the training clips.
        held_out: validation clips, by the names of their sets.
        conditioning: that of the training clips.
    """

    def __init__(
        self,
        run: AcousticRun,
        corpus: FeatureDataset,
        held_out: Mapping[str, FeatureDataset],
        conditioning: FrozenConditioning,
    ) -> None:
        super().__init__(run, corpus, held_out)
        self.conditioning = conditioning

    def step(self, progress: float, generator: Generator) -> StepResult:
        """Take one batch and make one update of the decoder."""
        state, run = self.state, self.run
        batch = self.corpus.batch(run.batch, run.crop, generator)
        lesson = TrainingStep(run.terms, generator, progress, run.maps)
        models = {"student": self.model, "frozen": self.teacher or self.model}
        with precision(run, state.device):
            parts = flow_losses(lesson, models, self.conditioning(batch), batch)
        for optimizer in state.optimizers:
            optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(torch.stack(list(parts.values())).sum())
        norm = torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        for optimizer in state.optimizers:
            optimizer.step()
        state.step += 1
        state.average.update(self.model, state.step)
        return StepResult(
            step=state.step - 1,
            losses={name: loss.detach() for name, loss in parts.items()},
            gradients=norm[None],
            clips=lambda: self.corpus.names(batch.clips),
        )
