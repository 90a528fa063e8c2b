"""AcousticStage: the acoustic model in the training loop, and its validation."""

from collections.abc import Mapping
from copy import deepcopy
from functools import partial

import torch
from torch import Generator, nn

from tts.acoustic.model import AcousticModel

from ..config import AcousticRun
from ..data.dataset import FeatureBatch, FeatureDataset
from ..data.statistics import Statistics
from ..loop.compilation import check_graphs, compile_network, count_graphs
from ..loop.ema import EMA
from ..loop.logger import RunLogger
from ..loop.optim import optimizers, precision
from ..loop.outcome import StepResult
from ..loop.start import check_reading, first_voices, load_start, teacher, weak_teacher
from ..loop.state import TrainingState
from .losses import acoustic_losses, encode_batch
from .networks import WideAcousticModel
from .teachers import Models
from .terms import Term, TrainingStep, forward_passes
from .weighting import Uncertainty

ROUNDS = 8  # batches of 16 crops for validation; chosen by hand
HELD_OUT = (Term(objective="flow_matching", times="diagonal"),)
# The teacher's end points cost 16 evaluations, so two batches must do.
ENDPOINT, ENDPOINT_ROUNDS = (Term(objective="endpoint", times="whole", teacher="frozen"),), 2


class AcousticStage:
    """A run of the acoustic model for the training loop (`loop.train.Stage`).

    Args:
        run: the run, with the voices of its data.
        corpus: the training clips.
        held_out: validation clips, by the names of their sets.
        device: device of the models and of the training clips.

    Raises:
        FileNotFoundError: a checkpoint is missing.
        ValueError: a checkpoint does not fit the run.
    """

    def __init__(
        self,
        run: AcousticRun,
        corpus: FeatureDataset,
        held_out: Mapping[str, FeatureDataset],
        device: str = "cpu",
    ) -> None:
        torch.manual_seed(run.seed)
        self.run, self.corpus, self.held_out = run, corpus.to(torch.device(device)), held_out
        model = self._begin().to(torch.device(device))
        for judge in held_out.values():
            judge.statistics = Statistics.of(model).to(torch.device("cpu"))
        # no dropout where targets are made by networks: the student could not match targets made
        # from inputs that it lacks
        self.model = model.train(run.has_dropout)
        model.encoder.train(run.has_dropout and not run.freeze_encoder)
        self.models = self._teachers(device)
        self.teacher = self.models.frozen
        self.encode = encode_batch
        self.graphs = count_graphs() if run.compiled else 0
        if run.compiled:
            for network in self.models.all():
                compile_network(network.decoder)
        self.uncertainties = {
            name: Uncertainty().to(torch.device(device)) for name in run.learned_weights
        }
        trained = nn.ModuleDict({"model": model, **self.uncertainties})
        # a state without learned weights is that of the model alone
        self.state = TrainingState(
            trained if run.learned_weights else model,
            optimizers(trained, run),
            EMA(model, run.average),
        )

    def _teachers(self, device: str) -> Models:
        """The model in training with the teachers of its terms, which have no gradient."""
        run, names = self.run, {term.teacher for term in self.run.terms}
        found = {
            "frozen": teacher(run),
            "weak": weak_teacher(run),
            "average": self._blank().eval() if "average" in names else None,
        }
        for each in found.values():
            if each:
                each.requires_grad_(False).to(torch.device(device))
        if found["frozen"]:
            check_reading(run, self.model, found["frozen"])
        return Models(self.model, **found, guidance=run.guidance)

    def _begin(self) -> AcousticModel:
        if (model := load_start(self.run, AcousticModel)) is None:
            model = self._blank()
            self.corpus.statistics.copy_to(model)
            return model
        if self.run.wide:
            model = WideAcousticModel.widened(model, self.run.wide)
        measured, kept = self.corpus.statistics, Statistics.of(model).to(self.corpus.mels.device)
        new = [name not in first_voices(self.run) for name in self.run.model.voices]
        kept.pitch[new], kept.peak_level[new] = measured.pitch[new], measured.peak_level[new]
        kept.copy_to(model)
        self.corpus.statistics = kept
        return model

    def _blank(self) -> AcousticModel:
        """A model with random weights, wide if the run's is."""
        run = self.run
        return WideAcousticModel(run.model, run.wide) if run.wide else AcousticModel(run.model)

    def step(self, progress: float, generator: Generator) -> StepResult:
        """Take one batch and make one update of all weights that are trained."""
        state, run = self.state, self.run
        torch.manual_seed(~generator.initial_seed())  # dropout draws from the global generator
        batch = self.corpus.batch(run.batch, run.crop, generator)
        lesson = TrainingStep(
            run.terms,
            generator,
            progress,
            run.maps,
            run.masked,
            run.freeze_encoder,
            self.uncertainties,
            run.unconditional,
            run.guided,
        )
        if self.models.average:
            state.average.load_into(self.models.average)
        with precision(run, state.device):
            parts = acoustic_losses(lesson, self.models, batch, self.encode)
        for optimizer in state.optimizers:
            optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(torch.stack(list(parts.values())).sum())
        # the norm is chosen by hand; targets from the student itself can spike
        norm = torch.nn.utils.clip_grad_norm_(state.model.parameters(), 1.0)
        for optimizer in state.optimizers:
            optimizer.step()
        state.step += 1
        state.forward_passes += forward_passes(run.terms, run.batch, progress)
        state.average.update(self.model, state.step)
        if run.compiled:
            check_graphs(run.name, self.graphs)
        return StepResult(
            step=state.step - 1,
            losses={name: loss.detach() for name, loss in parts.items()},
            gradients=norm[None],
            clips=partial(self.corpus.names, batch.clips),
        )

    def averages(self) -> dict[str, AcousticModel]:
        """The averaged model."""
        return {"average": self.averaged()}

    def averaged(self) -> AcousticModel:
        """A new plain model with the averaged weights, in evaluation mode."""
        model = self._blank()
        self.state.average.load_into(model)
        if isinstance(model, WideAcousticModel):
            return model.folded(self.run.guidance, self.run.guided)
        return model.eval()

    @torch.no_grad()
    def validate(self, journal: RunLogger) -> dict[str, float]:
        """Log the losses of held-out clips; noise and times are the same every time.

        They are those of flow matching, and with a teacher those of one step, `MAP/endpoint`.

        Returns:
            Their means over the sets, by name.
        """
        model, means = self.averaged(), dict[str, float]()
        for name, corpus in self.held_out.items():
            totals = held_out_losses(model, corpus, self.run.crop)
            if self.teacher:
                totals |= endpoint_losses(model, self.teacher, corpus, self.run.crop)
            journal.log_scalars(self.state.step, f"held out {name}", totals)
            for loss, value in totals.items():
                means[loss] = means.get(loss, 0.0) + value / len(self.held_out)
        batch = corpus.batch(1, self.run.crop, Generator().manual_seed(0))
        _show(journal, self.state.step, model, batch)
        return means


def held_out_losses(model: AcousticModel, corpus: FeatureDataset, crop: int) -> dict[str, float]:
    """Flow-matching losses of a model on clips: means over fixed batches.

    Args:
        model: the model.
        corpus: the clips.
        crop: length of a crop in frames.

    Returns:
        By name: `mean`, `pause`, `prosody/flow_matching` and `mel/flow_matching`.
    """
    return _mean_losses(HELD_OUT, ROUNDS, Models(model), corpus, crop)


def endpoint_losses(
    model: AcousticModel, teacher: AcousticModel, corpus: FeatureDataset, crop: int
) -> dict[str, float]:
    """Mean square distance of one step from the teacher's end points, on clips.

    Args:
        model: the model.
        teacher: its frozen teacher.
        corpus: the clips.
        crop: length of a crop in frames.

    Returns:
        By name: `prosody/endpoint` and `mel/endpoint`.
    """
    models = Models(model, deepcopy(teacher).cpu())
    return _mean_losses(ENDPOINT, ENDPOINT_ROUNDS, models, corpus, crop)


def _mean_losses(
    terms: tuple[Term, ...],
    rounds: int,
    models: Models,
    corpus: FeatureDataset,
    crop: int,
) -> dict[str, float]:
    """Losses of a model and its teacher, if any: means over fixed batches of 16 crops."""
    totals = dict[str, float]()
    for index in range(rounds):
        batch = corpus.batch(16, crop, Generator().manual_seed(index))
        lesson = TrainingStep(terms, Generator().manual_seed(index))
        for name, loss in acoustic_losses(lesson, models, batch).items():
            totals[name] = totals.get(name, 0.0) + loss.item() / rounds
    return totals


def _show(journal: RunLogger, step: int, model: AcousticModel, batch: FeatureBatch) -> None:
    """Log the mel of one held-out crop, as recorded and as generated in one step."""
    given = encode_batch(model, batch)
    flow = model.mel_map(given.conditioning, given.voice, batch.frame_mask)
    noise = torch.randn(batch.mel.shape, generator=Generator().manual_seed(0))
    for name, mel in (("recorded", batch.mel), ("one step", flow.sample(noise, 1))):
        journal.log_image(step, f"mel/{name}", (mel[0] + 3) / 6)
