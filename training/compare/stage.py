"""ReducedStage: the acoustic stage of a run that trains the mel decoder alone."""

from collections.abc import Mapping
from pathlib import Path

from torch import Generator

from tts.torch_checkpoint import save_checkpoint

from ..acoustic.critics import CriticStage
from ..acoustic.stage import AcousticStage
from ..config import AcousticRun
from ..data.dataset import FeatureDataset
from ..loop.outcome import StepResult
from .conditioning import FrozenConditioning


class ReducedStage(AcousticStage):
    """A run of the mel decoder, with conditioning that is computed once.

    Args:
        run: the run, whose maps are `mel` alone.
        corpus: the training clips.
        held_out: validation clips.
        conditioning: that of the training clips.
        milestones: progress by the file that gets the averages when it is reached.
    """

    def __init__(
        self,
        run: AcousticRun,
        corpus: FeatureDataset,
        held_out: FeatureDataset,
        conditioning: FrozenConditioning,
        milestones: Mapping[Path, float],
    ) -> None:
        super().__init__(run, corpus, {"val": held_out}, str(corpus.mels.device))
        self.encode, self.milestones = conditioning, milestones

    def step(self, progress: float, generator: Generator) -> StepResult:
        """Keep the averages at a milestone, and make one update."""
        for path, share in self.milestones.items():
            if progress >= share and not path.exists():
                origin = {"recipe": self.run.name, "progress": f"{progress:.3f}"}
                save_checkpoint(self.averaged(), path, origin)
        return super().step(progress, generator)


class ReducedCriticStage(ReducedStage, CriticStage):
    """A run of the mel decoder against discriminators, with conditioning that is computed once."""
