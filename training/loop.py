"""train(run): the loop, top to bottom."""

import json
import time
from contextlib import AbstractContextManager, nullcontext
from copy import deepcopy
from dataclasses import asdict
from pathlib import Path

import torch
from torch import Generator, Tensor, nn

from training.acoustic import losses
from training.average import Average
from training.data import Corpus
from training.journal import Journal
from training.loss import Lesson
from training.run import Run
from training.schedule import factor
from training.state import State
from training.statistics import Statistics
from tts.acoustic import AcousticModel
from tts.checkpoint import load, save


def train(run: Run, corpus: Corpus, held_out: Corpus, out: Path, device: str = "cpu") -> Path:
    """Build, resume, and step until progress is whole. Returns the averaged checkpoint's path."""
    corpus = corpus.to(torch.device(device))
    state, teacher = build(run, corpus, torch.device(device))
    held_out.statistics = Statistics.of(state.model).to(torch.device("cpu"))
    write_down(run, out)
    if (out / "state.pt").exists():
        state.load(out / "state.pt")
    saved = time.monotonic()
    with Journal(run, held_out, out, state.step) as journal:
        while progress(run, state) < 1:
            started = time.monotonic()
            values = step(run, state, teacher, corpus)
            state.seconds += time.monotonic() - started
            journal.step(state.step, progress(run, state), values)
            if time.monotonic() - saved > 60 * run.save_minutes:
                keep(run, state, journal, out)
                saved = time.monotonic()
        return keep(run, state, journal, out)


def write_down(run: Run, out: Path) -> None:
    """`run.json` says what a folder holds; only its length may change when it is taken up again."""
    values, path = json.loads(json.dumps(asdict(run))), out / "run.json"
    if path.exists():
        before = json.loads(path.read_text(encoding="utf-8"))
        length = {"steps": run.steps, "minutes": run.minutes}
        if {**before, **length} != values:
            raise ValueError(f"{out} holds another run than {run.name} is now; name another folder")
    out.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(values, indent=1, ensure_ascii=False), encoding="utf-8")


def keep(run: Run, state: State, journal: Journal, out: Path) -> Path:
    """Save what resuming needs and what can speak, and judge the latter on held-out clips."""
    state.save(out / "state.pt")
    model = averaged(state)
    origin = {"recipe": run.name, "step": str(state.step), "minutes": f"{state.seconds / 60:.1f}"}
    save(model, out / "average.safetensors", origin)
    journal.validate(state.step, model)
    return out / "average.safetensors"


def build(run: Run, corpus: Corpus, device: torch.device) -> tuple[State, AcousticModel | None]:
    """The model at the start of its stage, and its teacher if it has one."""
    torch.manual_seed(run.seed)
    if run.start is None:
        model = AcousticModel(run.model)
        corpus.statistics.give(model)
    else:
        model = load(Path(run.start), AcousticModel)
        if model.config != run.model:
            raise ValueError(f"{run.start} is not a model of recipe {run.name}; name one that is")
        corpus.statistics = Statistics.of(model).to(device)
    # a student that forgets what its teacher was told cannot agree with it: no dropout
    model = model.to(device).train(not run.taught)
    teacher = deepcopy(model).requires_grad_(False) if run.taught else None
    if run.compiled:
        for decoder in (model.decoder, teacher.decoder if teacher else model.decoder):
            decoder.compile()
    return State(model, optimizers(model, run), Average(model, run.average)), teacher


def optimizers(model: nn.Module, run: Run) -> list[torch.optim.Optimizer]:
    """AdamW for all; with a `matrix_rate`, Muon for the matrices inside the blocks."""
    named = list(model.named_parameters())
    inner = [p for name, p in named if p.ndim == 2 and _is_inner(name)] if run.matrix_rate else []
    others = [p for _, p in named if not any(p is matrix for matrix in inner)]
    found: list[torch.optim.Optimizer] = [
        torch.optim.AdamW(
            others, run.rate, betas=(0.9, 0.98), weight_decay=run.weight_decay, fused=True
        )
    ]
    if inner and run.matrix_rate:
        found.append(
            torch.optim.Muon(
                inner,
                run.matrix_rate,
                weight_decay=run.weight_decay,
                adjust_lr_fn="match_rms_adamw",
            )
        )
    for optimizer in found:
        for group in optimizer.param_groups:
            group["full_rate"] = group["lr"]
    return found


def _is_inner(name: str) -> bool:
    return name.endswith(".weight") and (".blocks." in name or ".attention." in name)


def progress(run: Run, state: State) -> float:
    """How much of the run is done: of its minutes if it has a budget, else of its steps."""
    if run.minutes is not None:
        return state.seconds / (60 * run.minutes)
    return state.step / run.steps


def step(run: Run, state: State, teacher: AcousticModel | None, corpus: Corpus) -> dict[str, float]:
    """One batch, one update; everything random follows from the seed and the step."""
    done, device = progress(run, state), next(state.model.parameters()).device
    for optimizer in state.optimizers:
        for group in optimizer.param_groups:
            group["lr"] = group["full_rate"] * factor(
                state.step, done, warmup=run.warmup, decay=run.decay
            )
    seed = run.seed * 1_000_003 + state.step
    torch.manual_seed(~seed)  # dropout has no generator of its own
    chance = Generator(device).manual_seed(seed)
    batch = corpus.batch(run.batch, run.crop, chance)
    with _precision(run, device):
        parts = losses(Lesson(run.terms, chance, done), state.model, teacher, batch)
    if wrong := [name for name, loss in parts.items() if not loss.isfinite()]:
        clips = ", ".join(corpus.clips[clip].id for clip in batch.clips)
        raise ValueError(f"step {state.step}: {', '.join(wrong)} not finite; see clips {clips}")
    _descend(state, torch.stack(list(parts.values())).sum())
    state.step += 1
    state.average.update(state.model, state.step)
    return {name: loss.item() for name, loss in parts.items()}


def _descend(state: State, total: Tensor) -> None:
    for optimizer in state.optimizers:
        optimizer.zero_grad(set_to_none=True)
    torch.autograd.backward(total)
    torch.nn.utils.clip_grad_norm_(state.model.parameters(), 1.0, error_if_nonfinite=True)
    for optimizer in state.optimizers:
        optimizer.step()


def _precision(run: Run, device: torch.device) -> AbstractContextManager[object]:
    half = run.precision == "bfloat16"
    return torch.autocast(device.type, dtype=torch.bfloat16) if half else nullcontext()


def averaged(state: State) -> AcousticModel:
    """The averaged weights in a model of their own, for evaluation."""
    model = AcousticModel(state.model.config)
    state.average.load_into(model)
    return model.eval()
