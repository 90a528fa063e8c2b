"""The acoustic model in the loop: built, stepped, and judged on held-out clips."""

from collections.abc import Mapping
from functools import partial

import torch
from torch import Generator

from tts.acoustic.model import AcousticModel

from ..config import Run
from ..data.dataset import Batch, Corpus
from ..data.statistics import Statistics
from ..loop.compilation import check_graphs, compile_network, count_graphs
from ..loop.ema import Average
from ..loop.logger import Journal
from ..loop.optim import optimizers, precision
from ..loop.outcome import Outcome
from ..loop.start import first_voices, start, teacher
from ..loop.state import State
from .losses import bind, losses
from .terms import Lesson, Term

ROUNDS = 8
HELD_OUT = (Term(objective="flow_matching", times="diagonal"),)


class AcousticStage:
    """The model at the start of its stage, and its teacher if it has one."""

    def __init__(
        self, run: Run, corpus: Corpus, held_out: Mapping[str, Corpus], device: str = "cpu"
    ) -> None:
        torch.manual_seed(run.seed)
        self.run, self.corpus, self.held_out = run, corpus.to(torch.device(device)), held_out
        model = self._begin().to(torch.device(device))
        for judge in held_out.values():
            judge.statistics = Statistics.of(model).to(torch.device("cpu"))
        # a student that forgets what its teacher was told cannot agree with it: no dropout
        self.model = model.train(not run.taught)
        guide = teacher(run)
        self.teacher = guide.requires_grad_(False).to(torch.device(device)) if guide else None
        self.graphs = count_graphs() if run.compiled else 0
        if run.compiled:
            for network in (model, self.teacher) if self.teacher else (model,):
                compile_network(network.decoder)
        self.state = State(model, optimizers(model, run), Average(model, run.average))

    def _begin(self) -> AcousticModel:
        if (model := start(self.run, AcousticModel)) is None:
            model = AcousticModel(self.run.model)
            self.corpus.statistics.give(model)
            return model
        measured, kept = self.corpus.statistics, Statistics.of(model).to(self.corpus.mels.device)
        new = [name not in first_voices(self.run) for name in self.run.model.voices]
        kept.pitch[new], kept.loudest[new] = measured.pitch[new], measured.loudest[new]
        kept.give(model)
        self.corpus.statistics = kept
        return model

    def step(self, progress: float, chance: Generator) -> Outcome:
        """One batch, one update."""
        state, run = self.state, self.run
        torch.manual_seed(~chance.initial_seed())  # dropout has no generator of its own
        batch = self.corpus.batch(run.batch, run.crop, chance)
        lesson = Lesson(run.terms, chance, progress, run.maps, run.masked)
        with precision(run, state.device):
            parts = losses(lesson, self.model, self.teacher, batch)
        for optimizer in state.optimizers:
            optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(torch.stack(list(parts.values())).sum())
        norm = torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        for optimizer in state.optimizers:
            optimizer.step()
        state.step += 1
        state.average.update(self.model, state.step)
        if run.compiled:
            check_graphs(run.name, self.graphs)
        return Outcome(
            step=state.step - 1,
            losses={name: loss.detach() for name, loss in parts.items()},
            gradients=norm[None],
            clips=partial(self.corpus.names, batch.clips),
        )

    def averages(self) -> dict[str, AcousticModel]:
        """The averaged model."""
        return {"average": self.averaged()}

    def averaged(self) -> AcousticModel:
        """The averaged weights in a model of their own, for evaluation."""
        model = AcousticModel(self.run.model)
        self.state.average.load_into(model)
        return model.eval()

    @torch.no_grad()
    def validate(self, journal: Journal) -> dict[str, float]:
        """The flow-matching losses of held-out clips, with the same noise and times every time.

        Returns their means over the sets.
        """
        model, means = self.averaged(), dict[str, float]()
        for name, corpus in self.held_out.items():
            totals = held_out_losses(model, corpus, self.run.crop)
            journal.write(self.state.step, f"held out {name}", totals)
            for loss, value in totals.items():
                means[loss] = means.get(loss, 0.0) + value / len(self.held_out)
        batch = corpus.batch(1, self.run.crop, Generator().manual_seed(0))
        _show(journal, self.state.step, model, batch)
        return means


def held_out_losses(model: AcousticModel, corpus: Corpus, crop: int) -> dict[str, float]:
    """Flow-matching losses of clips: means over batches that are always the same."""
    totals = dict[str, float]()
    for index in range(ROUNDS):
        batch = corpus.batch(16, crop, Generator().manual_seed(index))
        lesson = Lesson(HELD_OUT, Generator().manual_seed(index))
        for name, loss in losses(lesson, model, None, batch).items():
            totals[name] = totals.get(name, 0.0) + loss.item() / ROUNDS
    return totals


def _show(journal: Journal, step: int, model: AcousticModel, batch: Batch) -> None:
    """One held-out crop as it was recorded, and as one step makes it."""
    given = bind(model, batch)
    flow = model.mel_map(given.conditioning, given.voice, batch.frame_mask)
    noise = torch.randn(batch.mel.shape, generator=Generator().manual_seed(0))
    for name, mel in (("recorded", batch.mel), ("one step", flow.sample(noise, 1))):
        journal.picture(step, f"mel/{name}", (mel[0] + 3) / 6)
