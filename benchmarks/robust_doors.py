"""Gives damaged files to the commands that read them, for `benchmarks.robust_files`.

Each try runs here, in this process, within a time and a memory; POSIX alone has such limits.
"""

import contextlib
import io
import resource
import shutil
import signal
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter

import typer

from benchmarks.robust_checkpoints import ACOUSTIC, VOCODER, Damage

REFUSED, UNREAD = "refused", "not read"
ACCEPTED, TRACEBACK, HUNG, VAGUE = "accepted", "traceback", "hung", "vague"
FAULTS = (ACCEPTED, TRACEBACK, HUNG, VAGUE)
SECONDS, MINUTE, GIGABYTE = 20.0, 60.0, 2**30

Door = Callable[[Path], int]  # a command on the files of a folder, and its exit code


class Hung(BaseException):
    """A command took too long."""


@dataclass(frozen=True)
class Result:
    """The outcome of one damaged file in one command."""

    kind: str
    damage: str
    door: str
    outcome: str
    seconds: float
    said: str


@dataclass(frozen=True)
class Kind:
    """A kind of files, its kinds of damage, and the commands that read it.

    Args:
        make: writes whole files into a folder.
        named: what a sentence about them must name one of.
        spared: whether a door does not look at a damage, and may do what it does with whole files.
        unchecked: doors that whole files do not lead through, for they need models that are large.
    """

    name: str
    make: Callable[[Path], None]
    damages: Mapping[str, Damage]
    doors: Mapping[str, Door]
    named: Sequence[str]
    spared: Callable[[str, str], bool] = lambda damage, door: False
    unchecked: Sequence[str] = ()


def try_all(kind: Kind, folder: Path) -> Iterator[Result]:
    """Try each damage in each command; undamaged files come first and must be accepted."""
    whole = folder / "whole"
    whole.mkdir(parents=True)
    kind.make(whole)
    usual = dict[str, str]()
    for damage, spoil in {"": None, **kind.damages}.items():
        for name, door in kind.doors.items():
            here = folder / "damaged"
            shutil.copytree(whole, here)
            if spoil:
                spoil(here)
            result = _tried(kind, damage, name, door, here)
            shutil.rmtree(here)
            if spoil is None:
                usual[name] = result.outcome
                if result.outcome != ACCEPTED and name not in kind.unchecked:
                    raise RuntimeError(f"{name} refuses whole files: {result.said}")
            elif kind.spared(damage, name) and result.outcome == usual[name]:
                yield replace(result, outcome=UNREAD)
            else:
                yield result


def _tried(kind: Kind, damage: str, name: str, door: Door, folder: Path) -> Result:
    begun, output = perf_counter(), io.StringIO()
    try:
        with (
            bounded(SECONDS if damage else MINUTE),
            contextlib.redirect_stdout(output),
            contextlib.redirect_stderr(output),
        ):
            code = door(folder)
    except Hung:
        outcome = HUNG
    except Exception:
        output.write(traceback.format_exc())
        outcome = TRACEBACK
    else:
        outcome = _outcome(code, output.getvalue(), kind.named)
    said = output.getvalue().strip().splitlines()
    seconds = perf_counter() - begun
    return Result(kind.name, damage, name, outcome, seconds, said[-1] if said else "")


def _outcome(code: int, said: str, named: Sequence[str]) -> str:
    """The outcome: refused if one sentence names the file, else accepted or vague."""
    if not code:
        return ACCEPTED
    sentences = [line for line in said.splitlines() if line.startswith("error: ")]
    clear = (
        len(sentences) == 1
        and len(sentences[0]) < 1500
        and any(name in sentences[0] for name in named)
    )
    return REFUSED if clear and "Traceback" not in said else VAGUE


@contextlib.contextmanager
def bounded(seconds: float, room: int = 2 * GIGABYTE) -> Iterator[None]:
    """Limit the seconds of a block, and the memory that it may take beyond the present."""

    def ring(*_: object) -> None:
        raise Hung

    before = resource.getrlimit(resource.RLIMIT_AS)
    taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    handler = signal.signal(signal.SIGALRM, ring)
    resource.setrlimit(resource.RLIMIT_AS, (taken + room, before[1]))
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler)
        resource.setrlimit(resource.RLIMIT_AS, before)


def tts(*arguments: str | Path) -> int:
    """The exit code of a `tts` command in this process."""
    from tts.cli.main import app, run_command

    return run_command(app, [str(argument) for argument in arguments], "tts")


def training(*arguments: str | Path) -> int:
    """The exit code of a `tts training` command in this process."""
    from tts.training.__main__ import app

    from tts.cli.main import run_command

    return run_command(app, [str(argument) for argument in arguments], "training")


def library(call: Callable[[], object]) -> int:
    """The exit code of a call of the library, as the command line would give it."""
    app = typer.Typer()
    app.command()(lambda: call() and None)

    from tts.cli.main import run_command

    return run_command(app, [], "library")


def make_models(folder: Path) -> None:
    """Write a tiny acoustic model and a tiny vocoder with random weights."""
    import torch

    from tts.acoustic.model import AcousticModel
    from tts.config import DecoderConfig, EncoderConfig, ModelConfig, ProsodyConfig, VocoderConfig
    from tts.text.pronounce.symbols import END, INVENTORY, START
    from tts.torch_checkpoint import save_checkpoint
    from tts.vocoder.model import Vocoder

    torch.manual_seed(0)
    config = ModelConfig(
        symbols=START + END + INVENTORY,
        voices=("heart", "michael"),
        voice_dim=8,
        encoder=EncoderConfig(dim=16, depth=1, heads=2, kernel=5),
        prosody=ProsodyConfig(dim=16, depth=1, heads=2, kernel=5),
        decoder=DecoderConfig(dim=16, depth=1),
    )
    acoustic = AcousticModel(config)
    acoustic.prosody_mean[0] = 1.5
    save_checkpoint(acoustic, folder / ACOUSTIC, {})
    vocoder = VocoderConfig(dim=16, intermediate_dim=32, depth=1, pitch_dim=8)
    save_checkpoint(Vocoder(vocoder), folder / VOCODER, {})
