"""What a run tells while it goes: a progress bar, lines of JSON, TensorBoard."""

import json
from pathlib import Path
from types import TracebackType

import torch
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from torch import Generator
from torch.utils.tensorboard import SummaryWriter

from training.acoustic import bind, losses
from training.data import Batch, Corpus
from training.loss import Lesson, Term
from training.run import Run
from tts.acoustic import AcousticModel

ROUNDS = 8
HELD_OUT = (Term(objective="flow_matching", times="diagonal"),)


class Journal:
    """Opened for the length of a run; every figure reported elsewhere was written here first."""

    def __init__(self, run: Run, held_out: Corpus, out: Path, step: int = 0) -> None:
        """What was written after `step`, from which a run goes on, will be written again."""
        self.run, self.held_out = run, held_out
        _forget(out / "log.jsonl", step)
        self.lines = (out / "log.jsonl").open("a", encoding="utf-8")
        self.board = SummaryWriter(str(out), purge_step=step)
        columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[loss]}"))
        self.bar = Progress(*columns, TimeElapsedColumn(), TimeRemainingColumn())
        self.task = self.bar.add_task(run.name, total=1.0, loss="")

    def __enter__(self) -> "Journal":
        self.bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.bar.stop()
        self.lines.close()
        self.board.close()

    def step(self, step: int, progress: float, losses: dict[str, float]) -> None:
        """Move the bar; every so often write the losses down."""
        self.bar.update(self.task, completed=progress, loss=f"{sum(losses.values()):.3f}")
        if step % self.run.log_every == 0:
            self._write(step, "train", losses, progress=progress)

    @torch.no_grad()
    def validate(self, step: int, model: AcousticModel) -> None:
        """The flow-matching losses of held-out clips, with the same noise and times every time."""
        totals: dict[str, float] = {}
        for index in range(ROUNDS):
            batch = self.held_out.batch(16, self.run.crop, Generator().manual_seed(index))
            lesson = Lesson(HELD_OUT, Generator().manual_seed(index))
            parts = losses(lesson, model, None, batch)
            for name, loss in parts.items():
                totals[name] = totals.get(name, 0.0) + loss.item() / ROUNDS
        self._write(step, "held out", totals)
        self._show(step, model, batch)

    def _show(self, step: int, model: AcousticModel, batch: Batch) -> None:
        """One held-out crop as it was recorded, and as one step makes it, low bands at the foot."""
        given = bind(model, batch)
        flow = model.mel_map(given.conditioning, given.voice, batch.frame_mask)
        noise = torch.randn(batch.mel.shape, generator=Generator().manual_seed(0))
        for name, mel in (("recorded", batch.mel), ("one step", flow.sample(noise, 1))):
            picture = ((mel[0].T.flip(0) + 3) / 6).clamp(0, 1)
            self.board.add_image(f"mel/{name}", picture, step, dataformats="HW")

    def _write(self, step: int, of: str, values: dict[str, float], **more: float) -> None:
        rounded = {name: round(value, 5) for name, value in values.items()}
        self.lines.write(json.dumps({"step": step, "of": of, **more, **rounded}) + "\n")
        self.lines.flush()
        for name, value in values.items():
            self.board.add_scalar(f"{of}/{name}", value, step)


def _forget(log: Path, step: int) -> None:
    lines = log.read_text(encoding="utf-8").splitlines(keepends=True) if log.exists() else []
    kept = [line for line in lines if line.endswith("\n") and json.loads(line)["step"] <= step]
    log.write_text("".join(kept), encoding="utf-8")
