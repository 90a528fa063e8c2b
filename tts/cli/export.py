"""The command `tts export`."""

from pathlib import Path
from typing import Annotated

import typer

from tts.cli.completion import complete_precision
from tts.cli.options import ACOUSTIC_HELP, INSTALLED, VOCODER_FILE

FOLDER_HELP = "Folder to write; made if it is missing, otherwise empty or of an earlier export."
PRECISION_HELP = (
    "Of the networks: float32, or int8, which takes half the space and is faster on "
    "processors with VNNI, or dot products on ARM."
)
BYTES_PER_KB = 1000


def export(
    folder: Annotated[Path, typer.Argument(help=FOLDER_HELP)],
    acoustic: Annotated[Path | None, typer.Option(help=ACOUSTIC_HELP)] = None,
    vocoder: Annotated[Path | None, typer.Option(help=f"{VOCODER_FILE} {INSTALLED}")] = None,
    precision: Annotated[
        str, typer.Option(help=PRECISION_HELP, autocompletion=complete_precision)
    ] = "float32",
) -> None:
    """Write the networks as ONNX files, for other languages.

    The folder gets a file for each network, with its weights within; config.json with symbols,
    voices and all constants; and README.md with shapes and the order of calls. Each network takes
    a whole sentence, as phonemes. The guide has examples in Python and JavaScript.

    Examples:
      tts export exported
      tts export exported --precision int8
      tts export exported --acoustic mine.safetensors
    """
    from tts.checkpoint import shipped_checkpoint
    from tts.runtime.export import export_networks

    models = acoustic or shipped_checkpoint("acoustic"), vocoder or shipped_checkpoint("vocoder")
    for path in export_networks(folder, *models, precision):
        typer.echo(f"{path.stat().st_size / BYTES_PER_KB:8,.0f} kB  {path}")
