"""python benchmarks/mels.py: mel-spectrograms of one sentence in one step, by the teacher's 32
steps, and by the reader.

Each is the mel of the finished sound, by the same definition. The results hold them as bytes, from
the model's floor to the loudest value.
"""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import typer
from tts.training.data.manifest import read_rows
from tts.training.evaluation.systems import SpeechSystem, play, references, students
from tts.training.evaluation.texts import read_lines

from tts import load
from tts.acoustic.model import AcousticModel
from tts.audio import Audio
from tts.config import MelConfig
from tts.delivery import Delivery
from tts.torch_checkpoint import load_checkpoint
from tts.vocoder.mel import log_mel

HERE = Path(__file__).parent
RESULTS = HERE / "results" / "mels.npz"
MEL = MelConfig()
NAMES = ("one_step", "teacher", "reader")


def main(
    teacher: Annotated[Path, typer.Option(help="Checkpoint the shipped model was taught by.")],
    reader: Annotated[Path, typer.Option(help="Manifest of the reader's recordings.")],
    text: Annotated[str, typer.Option(help="Id of a text of `texts.jsonl`.")] = "e0017",
    voice: Annotated[str, typer.Option(help="Name of the voice.")] = "heart",
    out: Annotated[Path, typer.Option(help="File of results.")] = RESULTS,
) -> None:
    """Compute the mels of one sentence by the shipped model, by its teacher and by the reader.

    Needs the teacher's checkpoint and the reader's recordings. Writes the three mels to --out.

    \b
    Example:
      python benchmarks/mels.py --teacher old.safetensors --reader reader.jsonl
    """
    torch.set_num_threads(1)
    (line,) = (line for line in read_lines(HERE / "texts.jsonl", None, [voice]) if line.id == text)
    (path,) = (
        reader.parent / row["audio"]
        for row in read_rows(reader)
        if (row["voice"], row["id"]) == (voice, text)
    )
    line = replace(line, recording=path)
    synthesizer = load(runtime="torch")
    (one,) = students(synthesizer, [1], Delivery())
    many, *_ = references(synthesizer, load_checkpoint(teacher, AcousticModel), Delivery())
    recorded = SpeechSystem("reader", lambda line: play(line, MEL.sample_rate))
    systems = dict(zip(NAMES, (one, many, recorded), strict=True))
    mels = {name: mel(system.speak(line)) for name, system in systems.items()}
    top = max(float(found.max()) for found in mels.values())
    packed = {name: pack(found, top) for name, found in mels.items()}
    np.savez_compressed(out, text=line.text, voice=voice, floor=MEL.floor, top=top, **packed)


def mel(audio: Audio) -> np.ndarray:
    """Bands by frames, in natural logarithms of magnitude."""
    return log_mel(torch.from_numpy(audio)[None], MEL)[0].T.numpy()


def pack(found: np.ndarray, top: float) -> np.ndarray:
    """Values from the floor to the top as bytes."""
    return np.round(255 * (found - MEL.floor) / (top - MEL.floor)).astype(np.uint8)


if __name__ == "__main__":
    typer.run(main)
