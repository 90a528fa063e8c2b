"""Checks of what speech needs on this machine, each with what to do where it fails."""

import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from importlib.metadata import PackageNotFoundError, requires, version
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from rich.text import Text

from tts import DISTRIBUTION
from tts.cli.playback import find_playback
from tts.cli.settings import Settings
from tts.processor import instruction_set, int8_support, usable_cores

if TYPE_CHECKING:
    from packaging.requirements import Requirement

NOT_TRIED = "not tried"
MIN_PYTHON = (3, 11)
GPU_ADVICE = (
    "speak with --device cpu; a GPU needs its driver and PyTorch: "
    f"pip install '{DISTRIBUTION}[torch]'"
)
SETTINGS_ADVICE = (
    "correct the file or the variable; see `tts --help` and docs/guides/command-line.md"
)
TEST_SENTENCE = "This is how one second sounds."


Look = Callable[[], str]


@dataclass(frozen=True, slots=True)
class Check:
    """A check of the machine.

    Args:
        name: what its line begins with.
        look: gives a description of what is there, or raises an error with what is wrong.
        advice: what to do where it fails.
        needed: whether speech needs it.
        after: the checks without which it is not tried.
    """

    name: str
    look: Look
    advice: str
    needed: bool = True
    after: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The result of a check: a description, and advice if it failed."""

    name: str
    found: str
    advice: str = ""
    needed: bool = True

    @property
    def broken(self) -> bool:
        """Whether it failed and speech needs it."""
        return bool(self.advice) and self.needed

    def shown(self) -> Text:
        """A line with the state, name and description, and one with the advice, in colours."""
        state, style = ("broken", "bold red") if self.broken else ("note", "yellow")
        if not self.advice:
            state, style = "ok", "green"
        line = Text.assemble((f"{state:<8}", style), f"{self.name:<12}", self.found)
        return line.append(f"\n{'':<20}-> {self.advice}", style) if self.advice else line


def checks(
    acoustic: Path | None = None, vocoder: Path | None = None, more: Iterable[Check] = ()
) -> tuple[Check, ...]:
    """All checks, in the order of the report; none uses the network.

    Args:
        acoustic: the acoustic model; without it, the installed one.
        vocoder: the vocoder; without it, the installed one.
        more: further checks, after those of Python and its packages.
    """
    install = f"pip install --upgrade --force-reinstall {DISTRIBUTION}"
    restore = f"give the path of another one, or {install}"
    return (
        Check("python", python, f"install Python {MIN_PYTHON[0]}.{MIN_PYTHON[1]} or later"),
        Check("packages", packages, install),
        *more,
        Check("espeak-ng", espeak, "pip install --force-reinstall espeakng-loader phonemizer"),
        Check("processor", processor, "pip install --force-reinstall numpy"),
        Check("graphics", graphics, GPU_ADVICE, needed=False),
        Check("voices", partial(voices, acoustic), restore),
        Check("vocoder", partial(sounding, vocoder), restore),
        Check(
            "learned",
            partial(learned, acoustic, vocoder),
            "replace or delete these files",
            needed=False,
            after=("voices", "vocoder"),
        ),
        Check(
            "runtime",
            partial(runtime, acoustic, vocoder),
            "repair what is broken above, or pip install --force-reinstall onnxruntime",
            after=("voices", "vocoder"),
        ),
        Check(
            "speech",
            partial(speech, acoustic, vocoder),
            "repair what is broken above, if anything",
            after=("voices", "vocoder", "runtime"),
        ),
        Check("files", files, "change to a folder that you may write to and that has space left"),
        Check("player", player, "write files with -o, and play them yourself", needed=False),
        Check("ffmpeg", ffmpeg, "install it to convert files to m4a or video", needed=False),
    )


def settings_checks(found: Settings, root: Any) -> tuple[Check, ...]:
    """Checks of what the user has set for the options of commands.

    Args:
        found: the variables and the file.
        root: the command `tts`.
    """
    return (
        Check("settings", partial(settings, found, root), SETTINGS_ADVICE),
        Check(
            "variables",
            partial(variables, found, root),
            "correct or remove them; see docs/guides/command-line.md",
            needed=False,
        ),
    )


def examine(questions: Iterable[Check]) -> Iterator[CheckResult]:
    """The results of checks, each as soon as it is ready.

    What fails stops no other check but those that need it.
    """
    failed: set[str] = set()
    for check in questions:
        result = _result(check, tried=failed.isdisjoint(check.after))
        if result.advice:
            failed.add(result.name)
        yield result


def _result(check: Check, *, tried: bool) -> CheckResult:
    try:
        found = check.look() if tried else NOT_TRIED
        return CheckResult(check.name, found, "" if tried else check.advice, check.needed)
    except Exception as error:  # a broken installation can raise anything
        wrong = " ".join(str(error).split()) or type(error).__name__
        return CheckResult(check.name, wrong, check.advice, check.needed)


def python() -> str:
    found = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    if sys.version_info < MIN_PYTHON:
        minimum = ".".join(map(str, MIN_PYTHON))
        raise RuntimeError(f"Python must be at least {minimum}, got {found}")
    return found


def packages() -> str:
    """Check that each required package is installed, in a version that fits."""
    from packaging.requirements import Requirement

    required = [Requirement(line) for line in requires(DISTRIBUTION) or ()]
    needed = [one for one in required if one.marker is None or one.marker.evaluate({"extra": ""})]
    if wrong := [sentence for one in needed if (sentence := _misfit(one))]:
        raise RuntimeError("; ".join(wrong))
    return f"{DISTRIBUTION} {version(DISTRIBUTION)}, and the {len(needed)} that it needs"


def settings(found: Settings, root: Any) -> str:
    """Check all that the user has set for the options of commands, and say where."""
    lines = [str(setting) for setting in found.everywhere(root)]
    if not found.path.exists():
        lines.append(f"{'nothing is set' if not lines else 'no file'}; {found.path} could do it")
    return f"\n{'':<20}".join(lines or [f"nothing is set in {found.path}"])


def variables(found: Settings, root: Any) -> str:
    """Check that commands read all variables whose names begin as theirs do."""
    if unknown := found.unknown_variables(root):
        raise ValueError(f"no command reads {', '.join(unknown)}")
    return "none that no command reads"


def _misfit(required: "Requirement") -> str:
    """What is wrong with the installed version of a package; empty if it fits."""
    try:
        found = version(required.name)
    except PackageNotFoundError:
        return f"{required} is not installed"
    fits = required.specifier.contains(found, prereleases=True)
    return "" if fits else f"{required.name} must be {required.specifier}, got {found}"


def espeak() -> str:
    from phonemizer.backend import EspeakBackend

    from tts.text.pronounce.espeak import pronounce_with_espeak

    phonemes = pronounce_with_espeak("hello")
    if not phonemes:
        raise RuntimeError("espeak-ng gives no phonemes for hello")
    return f"{'.'.join(map(str, EspeakBackend.version()))}, pronounces hello as {phonemes}"


def processor() -> str:
    cores = usable_cores()
    found = instruction_set() or "no vector instructions"
    return f"{cores} core{'s' * (cores > 1)}, {found}; {int8_support().reason}"


def graphics() -> str:
    """Check that a GPU works, if there is one and PyTorch, which finds it."""
    if not find_spec("torch"):
        raise ModuleNotFoundError("not looked for: PyTorch is not installed; not needed")
    import torch

    if torch.cuda.is_available():
        torch.ones(8, device="cuda").sum().item()
        return f"{torch.cuda.get_device_name()}; --device cuda speaks on it"
    if torch.backends.mps.is_available():
        torch.ones(8, device="mps").sum().item()
        return "Apple's; --device mps speaks on it"
    return "none; the processor is enough"


def voices(acoustic: Path | None) -> str:
    from tts.checkpoint import read_config, read_offered_voices, read_weights, shipped_checkpoint

    path = acoustic or shipped_checkpoint("acoustic")
    read_weights(path, read_config(path, "acoustic"))
    names = [voice.name for voice in read_offered_voices(path)]
    return f"{', '.join(names)}, in {path}"


def sounding(vocoder: Path | None) -> str:
    from tts.checkpoint import read_config, read_weights, shipped_checkpoint

    path = vocoder or shipped_checkpoint("vocoder")
    config = read_config(path, "vocoder")
    read_weights(path, config)
    return f"{config.mel.sample_rate} samples a second, in {path}"


def learned(acoustic: Path | None, vocoder: Path | None) -> str:
    """Name the learned voices, and check that no file of their folders is left out."""
    from tts.checkpoint import shipped_checkpoint
    from tts.learned_voices import ModelFiles, find_voices, user_voice_dir

    models = acoustic or shipped_checkpoint("acoustic"), vocoder or shipped_checkpoint("vocoder")
    found = find_voices(ModelFiles(*models))
    if found.left_out:
        raise ValueError("; ".join(one.reason for one in found.left_out))
    return f"{', '.join(found.names) or 'none'}; your own can lie in {user_voice_dir()}"


def runtime(acoustic: Path | None, vocoder: Path | None) -> str:
    """Load the models, and say what evaluates them, in which precision, and why."""
    from tts.synthesis import load

    used = load(acoustic, vocoder).runtime
    package = {"onnx": "onnxruntime", "torch": "torch"}[used.name]
    other = f"torch {version('torch')} is there, too" if find_spec("torch") else "no torch"
    unfit = (used.name, used.precision) == ("onnx", "float32") and int8_support().fast
    reason = ", as the int8 scales do not fit the models" if unfit else ""
    return f"{package} {version(package)}, {used.precision}{reason}; {other}"


def speech(acoustic: Path | None, vocoder: Path | None) -> str:
    """Check that a sentence can be spoken, and time it; the first run only warms up."""
    from tts.synthesis import load

    synthesizer = load(acoustic, vocoder)
    synthesizer.speak(TEST_SENTENCE)
    begun = perf_counter()
    spoken = synthesizer.speak(TEST_SENTENCE)
    took = perf_counter() - begun
    if not abs(spoken.audio).max() > 0:
        raise RuntimeError(f"the models make {spoken.seconds:.2f} s of silence")
    factor = f"real-time factor {took / spoken.seconds:.3f}"
    late = "" if took < spoken.seconds else "; too slow to play while it is made"
    return f"{spoken.seconds:.2f} s of sound in {took:.3f} s ({factor}){late}"


def files() -> str:
    """Check that a file of each format can be written to the current folder."""
    import numpy as np

    from tts.audio import SOUNDFILE_FORMATS, write_audio

    with tempfile.TemporaryDirectory(prefix=".tts-doctor-", dir=Path.cwd()) as folder:
        for ending in SOUNDFILE_FORMATS:
            write_audio(Path(folder) / f"sound{ending}", np.zeros(2400, dtype=np.float32), 24_000)
    return f"{', '.join(ending.strip('.') for ending in SOUNDFILE_FORMATS)} can be written here"


def player() -> str:
    """What `tts say` plays by."""
    return find_playback().name


def ffmpeg() -> str:
    path = shutil.which("ffmpeg")
    if path is None:
        raise FileNotFoundError("not found; not needed")
    process = subprocess.run(
        [path, "-version"], capture_output=True, text=True, timeout=10, check=True
    )
    return process.stdout.partition("\n")[0].partition(" Copyright")[0]
