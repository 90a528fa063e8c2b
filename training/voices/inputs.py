"""What a voice is trained from and with: where it changes, features and runs are made again."""

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import typer

from tts.config import MelConfig
from tts.files import write_json_file
from tts.validation import parse_json

from ..data.manifest import Clip

INPUTS = "inputs.json"
BEFORE = "-before"  # at the end of the name of the folder with the training before

Inputs = Mapping[str, str]  # hashes, by what messages call them


@dataclass(frozen=True, slots=True)
class InputFolder:
    """A folder of files that were made from some inputs, which it has the hashes of.

    Args:
        path: of the folder.
    """

    path: Path

    def inputs(self) -> Inputs:
        """The hashes; none if the folder is not there, or they cannot be read."""
        try:
            return dict(parse_json((self.path / INPUTS).read_bytes()))
        except (OSError, ValueError, TypeError):
            return {}

    def make_again(self, inputs: Inputs) -> None:
        """Empty the folder, unless it was made from these inputs."""
        if self.inputs() != inputs:
            if self.path.exists():
                shutil.rmtree(self.path)
            self._begin(inputs)

    def put_aside(self, inputs: Inputs) -> None:
        """Keep the folder beside an empty one, unless it was made from these inputs.

        One folder is kept. Where that was made from these inputs, it takes the place back.
        """
        found, before = self.inputs(), InputFolder(self.path.with_name(self.path.name + BEFORE))
        if found == inputs:
            return
        if not (self.path.is_dir() and any(self.path.iterdir())):
            self._begin(inputs)
            return
        changed = " and ".join(
            name for name in {**inputs, **found} if inputs.get(name) != found.get(name)
        )
        spare = self.path.with_name(f"{self.path.name}-unused")
        if before.path.exists():
            shutil.rmtree(spare, ignore_errors=True)
            before.path.rename(spare)
        self.path.rename(before.path)
        if InputFolder(spare).inputs() == inputs:
            spare.rename(self.path)
            then = "the training before the last continues"
        else:
            shutil.rmtree(spare, ignore_errors=True)
            self._begin(inputs)
            then = "a new training begins"
        typer.echo(f"note: changed: {changed}; {then}, and the last is in {before.path}", err=True)

    def _begin(self, inputs: Inputs) -> None:
        self.path.mkdir(parents=True, exist_ok=True)
        write_json_file(self.path / INPUTS, inputs)


def clips_hash(clips: Mapping[str, Sequence[Clip]], config: MelConfig) -> str:
    """SHA-256 of all that the features of clips depend on, with the bytes of their files."""
    found = sha256(json.dumps(asdict(config)).encode())
    for name, part in clips.items():
        for clip in part:
            given = (
                name,
                clip.id,
                clip.voice,
                clip.text,
                clip.convention,
                clip.phones,
                list(clip.ends),
            )
            found.update(json.dumps(given).encode())
            found.update(file_hash(clip.audio).encode())
    return found.hexdigest()


def file_hash(path: Path) -> str:
    """SHA-256 of a file."""
    return sha256(path.read_bytes()).hexdigest()


def value_hash(value: Any) -> str:
    """SHA-256 of a value as JSON."""
    return sha256(json.dumps(value).encode()).hexdigest()
