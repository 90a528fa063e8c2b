"""The systems that are compared, and the environments that they are installed in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any

OURS = "one-step-tts"
MODEL_HUB = "its weights are on a model hub only, in no package of a registry"
KOKORO_MODEL, KOKORO_VOICES = "kokoro-v1.0.int8.onnx", "voices.npz"


@dataclass(frozen=True)
class System:
    """A system as it is compared.

    Args:
        name: in tables, with how it is run.
        package: the distribution whose version is that of the system; none for a system that
            cannot be had.
        environment: name of its virtual environment.
        options: what `worker.py` starts it with.
        ways: `stream` alone, or `whole` too where that is made otherwise.
        every: rounds from one of its turns to the next.
        missing: why it cannot be had.
    """

    name: str
    package: str = ""
    environment: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    ways: Sequence[str] = ("stream",)
    every: int = 1
    missing: str = ""


def ours(runtime: str, precision: str, steps: int) -> System:
    return System(
        f"{OURS}, {runtime} {precision}, {steps} step{'s' * (steps > 1)}",
        OURS,
        "ours-torch" if runtime == "torch" else "ours",
        {"kind": "ours", "runtime": runtime, "precision": precision, "steps": steps},
        ways=("stream", "whole"),
    )


RUNTIMES = (("torch", "float32"), ("onnx", "float32"), ("onnx", "int8"))
SYSTEMS = (
    *(ours(*runtime, steps) for runtime in RUNTIMES for steps in (1, 4)),
    System("hibari-tts", "hibari-tts", "hibari", {"kind": "hibari"}),
    System("Piper, joe", "piper-tts", "piper", {"kind": "piper"}),
    # a round of it takes as long as a round of all the others
    System("Kokoro-82M, int8", "kokoro-onnx", "kokoro", {"kind": "kokoro"}, every=4),
    System("Pocket-TTS", missing=MODEL_HUB),
    System("Supertonic", missing=MODEL_HUB),
)


@dataclass(frozen=True)
class Environment:
    """A virtual environment under a folder of environments.

    Args:
        folder: the environment; it need not exist.
    """

    folder: Path

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    @property
    def distributions(self) -> list[Distribution]:
        return list(distributions(path=[str(self._packages)])) if self.python.exists() else []

    def version(self, package: str) -> str:
        """The version of an installed package; empty where it is not installed."""
        found = (one.version for one in self.distributions if one.name == package)
        return next(found, "")

    @property
    def megabytes(self) -> float:
        """Size of all that is installed, compiled modules among it, in millions of bytes."""
        files = (path for path in self._packages.rglob("*") if path.is_file())
        return sum(path.stat().st_size for path in files) / 1e6

    @property
    def _packages(self) -> Path:
        return next(self.folder.glob("lib/python*/site-packages"), self.folder)
