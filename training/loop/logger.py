"""The log of a run: a progress bar, `log.jsonl`, and TensorBoard."""

import json
import time
from pathlib import Path
from types import TracebackType

import typer
from jaxtyping import Float
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from torch import Tensor

from tts.validation import coerce_argument, parse_json

from ..config import BaseRun
from .state import TrainingState


class RunLogger:
    """Logs a run, as a context manager, with a bar at a terminal and lines elsewhere.

    Args:
        run: the run.
        out: its folder, where `log.jsonl` and TensorBoard files are written.
        step: step from which the run continues; lines of later steps are removed.

    Raises:
        ModuleNotFoundError: tensorboard is not installed; no file is written.
        ValueError: `log.jsonl` has a line that is not one of this log.
    """

    line_seconds = 30.0  # between lines in a log or a pipe; chosen by hand

    def __init__(self, run: BaseRun, out: Path, step: int = 0) -> None:
        # of the extra; imported late, so that mistakes in the arguments are reported without it
        from torch.utils.tensorboard import SummaryWriter

        self.run = run
        _forget(out / "log.jsonl", step)
        self.lines = (out / "log.jsonl").open("a", encoding="utf-8")
        self.board = SummaryWriter(str(out), purge_step=step)
        columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[loss]}"))
        console = Console(stderr=True)
        self.bar = Progress(
            *columns,
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=console,
            disable=not console.is_terminal,
        )
        self.begun, self.printed = time.monotonic(), time.monotonic()
        self.before: float | None = None  # progress when this process began
        self.task = self.bar.add_task(run.name, total=1.0, loss="")

    def __enter__(self) -> "RunLogger":
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

    def step(self, state: TrainingState, progress: float, losses: dict[str, float] | None) -> None:
        """Move the progress bar, and log the losses of a step if they were read.

        With the losses of an acoustic model goes its `forward_passes` so far.
        """
        step = state.step
        spent = {"forward_passes": state.forward_passes} if state.forward_passes else {}
        self.bar.update(self.task, completed=progress)
        if losses:
            self.bar.update(self.task, loss=f"{sum(losses.values()):.3f}")
            self._print_line(step, progress, sum(losses.values()))
        if losses and step % self.run.log_every == 0:
            self.log_scalars(step, "train", losses, progress=progress, **spent)

    def _print_line(self, step: int, progress: float, loss: float) -> None:
        """Print a line every `line_seconds` where there is no terminal for the bar."""
        now = time.monotonic()
        if self.before is None:
            self.before = progress
        if self.bar.console.is_terminal or now < self.printed + self.line_seconds:
            return
        self.printed = now
        speed = (progress - self.before) / (now - self.begun)
        left = f"{(1 - progress) / speed / 60:.1f} minutes left" if speed > 0 else ""
        line = f"{self.run.name}: step {step}, {100 * progress:.0f} %, loss {loss:.3f}, {left}"
        typer.echo(line, err=True)

    def log_scalars(self, step: int, of: str, values: dict[str, float], **more: float) -> None:
        """Log scalars of a step under a group, such as `train`; rounded to 5 decimals in JSON."""
        rounded = {name: round(value, 5) for name, value in values.items()}
        self.lines.write(json.dumps({"step": step, "of": of, **more, **rounded}) + "\n")
        self.lines.flush()
        for name, value in values.items():
            self.board.add_scalar(f"{of}/{name}", value, step)

    def log_image(self, step: int, name: str, values: Float[Tensor, "frames bands"]) -> None:
        """Log an image of values from 0 to 1: time to the right, the lowest band at the bottom."""
        self.board.add_image(name, values.T.flip(0).clamp(0, 1), step, dataformats="HW")

    def log_audio(self, step: int, name: str, audio: Float[Tensor, " samples"], rate: int) -> None:
        """Log audio of a sample rate in Hz; samples are clipped to [-1, 1]."""
        self.board.add_audio(name, audio.clamp(-1, 1)[None], step, sample_rate=rate)


def _forget(log: Path, step: int) -> None:
    lines = log.read_bytes().splitlines(keepends=True) if log.exists() else []
    kept = [
        line
        for number, line in enumerate(lines, start=1)
        if line.endswith(b"\n") and _step(line, f"line {number} of {log}") <= step
    ]
    log.write_bytes(b"".join(kept))


def _step(line: bytes, place: str) -> int:
    try:
        step: int = coerce_argument("step", int, dict(parse_json(line))["step"])
    except (ValueError, TypeError, KeyError) as error:
        raise ValueError(f"{place}: expected the figures of a step; delete that line") from error
    return step
