"""The `new-voice` command: make a voice from minutes of recordings, and measure it."""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from tts.files import write_json_file
from tts.validation import parse_json

from ..texts import TEXTS, read_lines

RESULTS = Path("benchmarks/results/new-voices.json")


def new_voice(  # noqa: PLR0913 - every parameter is a flag
    manifest: Annotated[
        Path,
        typer.Argument(
            help="Manifest (.jsonl) of one speaker: lines with id, voice, audio and text."
        ),
    ],
    minutes: Annotated[float, typer.Option(min=1, help="Minutes of recordings to learn from.")],
    whisper: Annotated[
        Path, typer.Option(help="Folder of a faster-whisper model, which transcribes speech.")
    ],
    out: Annotated[Path, typer.Option(help="Folder for the recordings, the voice and its work.")],
    results: Annotated[
        Path, typer.Option(help="File of results (.json); the row of this voice is replaced.")
    ] = RESULTS,
    texts: Annotated[
        Path, typer.Option(help="Texts to read: lines of JSON with id, kind and text.")
    ] = TEXTS,
    lines: Annotated[int, typer.Option(min=1, help="Sentences that the voice reads.")] = 100,
    consent: Annotated[
        str, typer.Option(help="What the speaker agreed to, for the file.")
    ] = "A published corpus; see the licence.",
    licence: Annotated[str | None, typer.Option(help="Licence of the recordings.")] = None,
    sex: Annotated[str | None, typer.Option(help="`female` or `male`.")] = None,
    accent: Annotated[str | None, typer.Option(help="Accent, such as US.")] = None,
) -> None:
    """Make a voice from some minutes of a set by `tts voice learn`, and measure it.

    Held-out texts are those with the split `val`, or else 40 texts by a hash. The voice, its
    recordings and the nearest of the offered voices are measured: word errors by Whisper,
    DistillMOS, DNSMOS, and similarity to held-out recordings as a share of what these have among
    themselves. Needs the extras `voices` and `evaluate`.

    Example:
      tts training new-voice kathleen.jsonl --minutes 10 --whisper base --out k10
    """
    from .report import measure_voice, write_result
    from .source import read_source, write_folder

    source = read_source(manifest)
    found = write_folder(source, manifest, minutes, out / "recordings")
    name = source.training[0]["voice"]
    voice = out / f"{name}.voice"
    options = {"consent": consent, "licence": licence, "sex": sex, "accent": accent}
    spent = out / "spent.json"
    if not voice.is_file():
        write_json_file(spent, _learn(out, name, voice, options))
    row: dict[str, Any] = {
        "voice": name,
        "minutes": minutes,
        "recorded_minutes": round(found, 2),
        **parse_json(spent.read_bytes()),
        "megabytes": round(voice.stat().st_size / 1e6, 2),
    }
    spoken = [line.text for line in read_lines(texts, None, [name]) if line.kind == "sentence"]
    row |= measure_voice(voice, source, manifest, spoken[:lines], whisper)
    write_result(results, row)
    typer.echo(row)


def _learn(out: Path, name: str, voice: Path, options: dict[str, str | None]) -> dict[str, float]:
    """Run `tts voice learn` as a user does, and return its minutes, and those of processor time."""
    given = [f"--{option}={value}" for option, value in options.items() if value]
    paths = [f"--work={out / 'work'}", f"--out={voice}"]
    command = ["voice", "learn", str(out / "recordings"), f"--name={name}", *paths, *given]
    begun, before = time.monotonic(), os.times()
    subprocess.run([sys.executable, "-m", "tts", *command], check=True)
    after = os.times()
    spent = after.children_user + after.children_system
    spent -= before.children_user + before.children_system
    return {
        "wall_minutes": round((time.monotonic() - begun) / 60, 1),
        "processor_minutes": round(spent / 60, 1),
    }
