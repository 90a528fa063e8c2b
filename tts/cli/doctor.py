"""What this machine has of what speech needs, and what to do where something is amiss."""

import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from rich.text import Text

from tts import DISTRIBUTION

if TYPE_CHECKING:
    from packaging.requirements import Requirement

MIN_PYTHON = (3, 11)
PLAYERS = ("afplay", "pw-play", "paplay", "aplay", "ffplay", "mpv", "vlc", "play")
TEST_SENTENCE = "This is how one second sounds."


@dataclass(frozen=True, slots=True)
class Check:
    """A question to the machine: `look` tells what is there, or raises what is wrong with it."""

    name: str
    look: Callable[[], str]
    advice: str
    needed: bool = True


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What a check found; where there is advice, something is amiss."""

    name: str
    found: str
    advice: str = ""
    needed: bool = True

    @property
    def broken(self) -> bool:
        """Whether there is no speech without it."""
        return bool(self.advice) and self.needed

    def shown(self) -> Text:
        """A line of what was found, and one of what to do about it."""
        state, style = ("broken", "bold red") if self.broken else ("note", "yellow")
        if not self.advice:
            state, style = "ok", "green"
        line = Text.assemble((f"{state:<8}", style), f"{self.name:<12}", self.found)
        return line.append(f"\n{'':<20}-> {self.advice}", style) if self.advice else line


def checks(acoustic: Path | None = None, vocoder: Path | None = None) -> tuple[Check, ...]:
    """All that we look at, for two checkpoints or those shipped; none reaches the network."""
    install = f"pip install --upgrade --force-reinstall {DISTRIBUTION}"
    restore = f"give the path of a whole one, or {install}"
    return (
        Check("python", python, f"install Python {MIN_PYTHON[0]}.{MIN_PYTHON[1]} or later"),
        Check("packages", packages, install),
        Check("espeak-ng", espeak, "pip install --force-reinstall espeakng-loader phonemizer"),
        Check("processor", processor, "pip install --force-reinstall torch"),
        Check("graphics", graphics, "speak with --device cpu, or repair its driver", needed=False),
        Check("voices", partial(voices, acoustic), restore),
        Check("vocoder", partial(sounding, vocoder), restore),
        Check("speech", partial(speech, acoustic, vocoder), "mend what is broken above, if any"),
        Check("files", files, "go to a folder that you may write in, one with space left"),
        Check("player", player, "open the files in a program of your own", needed=False),
        Check("ffmpeg", ffmpeg, "install it if you want m4a or video of the files", needed=False),
    )


def examine(questions: Iterable[Check]) -> Iterator[CheckResult]:
    """A finding for each check, as soon as it is there; no failure hides another."""
    for check in questions:
        try:
            yield CheckResult(check.name, check.look(), needed=check.needed)
        except Exception as error:  # whatever is wrong with a machine, we want to hear of it
            wrong = " ".join(str(error).split()) or type(error).__name__
            yield CheckResult(check.name, wrong, check.advice, check.needed)


def python() -> str:
    found = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    if sys.version_info < MIN_PYTHON:
        raise RuntimeError(f"{found} is too old")
    return found


def packages() -> str:
    """Every package that we ask for is there, in a version that we can work with."""
    from packaging.requirements import Requirement

    wanted = [Requirement(line) for line in requires(DISTRIBUTION) or ()]
    needed = [one for one in wanted if one.marker is None or one.marker.evaluate({"extra": ""})]
    if wrong := [sentence for one in needed if (sentence := _misfit(one))]:
        raise RuntimeError("; ".join(wrong))
    return f"{DISTRIBUTION} {version(DISTRIBUTION)}, torch {version('torch')}, {len(needed)} in all"


def _misfit(wanted: "Requirement") -> str:
    try:
        found = version(wanted.name)
    except PackageNotFoundError:
        return f"{wanted} is wanted, and none is here"
    fits = wanted.specifier.contains(found, prereleases=True)
    return "" if fits else f"{wanted} is wanted, and {found} is here"


def espeak() -> str:
    from phonemizer.backend import EspeakBackend

    from tts.text.pronounce.espeak import pronounce_with_espeak

    said = pronounce_with_espeak("hello")
    if not said:
        raise RuntimeError("espeak-ng says nothing")
    return f"{'.'.join(map(str, EspeakBackend.version()))}, says hello as {said}"


def processor() -> str:
    import torch

    torch.ones(8, 8).matmul(torch.ones(8, 8)).sum().item()
    capability = torch.backends.cpu.get_cpu_capability()
    return f"{capability}, {torch.get_num_threads()} threads"


def graphics() -> str:
    """A graphics card is not needed, but one that is there must work."""
    import torch

    if torch.cuda.is_available():
        torch.ones(8, device="cuda").sum().item()
        return f"{torch.cuda.get_device_name()}; --device cuda speaks on it"
    if torch.backends.mps.is_available():
        torch.ones(8, device="mps").sum().item()
        return "Apple's; --device mps speaks on it"
    return "none; the processor is enough"


def voices(acoustic: Path | None) -> str:
    from tts.acoustic.model import AcousticModel
    from tts.checkpoint import load_checkpoint, read_offered_voices
    from tts.synthesis import shipped_checkpoint

    path = acoustic or shipped_checkpoint("acoustic")
    load_checkpoint(path, AcousticModel)
    names = [voice.name for voice in read_offered_voices(path)]
    return f"{', '.join(names)}, in {path}"


def sounding(vocoder: Path | None) -> str:
    from tts.checkpoint import load_checkpoint
    from tts.synthesis import shipped_checkpoint
    from tts.vocoder.model import Vocoder

    path = vocoder or shipped_checkpoint("vocoder")
    return f"{load_checkpoint(path, Vocoder).config.mel.sample_rate} samples a second, in {path}"


def speech(acoustic: Path | None, vocoder: Path | None) -> str:
    """A second of sound, made twice: the first time everything is still cold."""
    from tts.synthesis import load

    synthesizer = load(acoustic, vocoder)
    synthesizer.speak(TEST_SENTENCE)
    begun = perf_counter()
    spoken = synthesizer.speak(TEST_SENTENCE)
    took = perf_counter() - begun
    if not abs(spoken.audio).max() > 0:
        raise RuntimeError(f"{spoken.seconds:.2f} s in which nothing can be heard")
    factor = f"real-time factor {took / spoken.seconds:.3f}"
    late = "" if took < spoken.seconds else "; too slow to be heard while it is made"
    return f"{spoken.seconds:.2f} s of sound in {took:.3f} s ({factor}){late}"


def files() -> str:
    """A file of each format can be written where the command was given."""
    import numpy as np

    from tts.audio import SOUNDFILE_FORMATS, write_audio

    with tempfile.TemporaryDirectory(prefix=".tts-doctor-", dir=Path.cwd()) as folder:
        for ending in SOUNDFILE_FORMATS:
            write_audio(Path(folder) / f"sound{ending}", np.zeros(2400, dtype=np.float32), 24_000)
    return f"{', '.join(ending.strip('.') for ending in SOUNDFILE_FORMATS)} can be written here"


def player() -> str:
    found = next(filter(shutil.which, PLAYERS), None)
    if found is None:
        raise FileNotFoundError(f"none of {', '.join(PLAYERS)}")
    return found


def ffmpeg() -> str:
    path = shutil.which("ffmpeg")
    if path is None:
        raise FileNotFoundError("none, and nothing here needs it")
    process = subprocess.run(
        [path, "-version"], capture_output=True, text=True, timeout=10, check=True
    )
    return process.stdout.partition("\n")[0].partition(" Copyright")[0]
