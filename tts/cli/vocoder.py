"""`tts vocoder`: vocoders of other projects."""

from pathlib import Path
from typing import Annotated

import typer

from tts.audio import check_writable
from tts.cli.help import DocumentedCommand
from tts.cli.options import VOCODER_SOURCES
from tts.devices import require_torch
from tts.files import check_readable

# The paragraph before an example also keeps it indented: typer dedents a text that has no other.
app = typer.Typer(
    no_args_is_help=True,
    help="Convert vocoders of other projects.\n\n"
    "The option --vocoder of the other commands takes the result.\n\n"
    "Example:\n  tts vocoder convert charactr/vocos-mel-24khz vocos.safetensors",
)


@app.command("convert", cls=DocumentedCommand)
def convert_vocoder(
    source: Annotated[str, typer.Argument(help=VOCODER_SOURCES)],
    file: Annotated[Path, typer.Argument(help="File to write; its name ends in .safetensors.")],
) -> None:
    """Convert a public Vocos vocoder to a checkpoint in half precision.

    The vocoder must have the mel-spectrogram of the acoustic models: 24 kHz, 100 bands, n_fft
    1024, hop 256. Weights are read as numbers alone; a pickle that holds anything else is refused.
    The result is for --vocoder of the other commands.

    Examples:
      tts vocoder convert charactr/vocos-mel-24khz vocos.safetensors
      tts vocoder convert folder/of/vocos vocos.safetensors
      tts say 'Hello there.' --vocoder vocos.safetensors
    """
    if file.suffix != ".safetensors":
        raise ValueError(f"a checkpoint's name must end in .safetensors, got {file.name!r}")
    check_readable(Path(source))
    check_writable(file)
    require_torch("tts vocoder convert")

    from tts.torch_checkpoint import load_vocoder, save_checkpoint

    # without the folders above it, which differ from machine to machine
    origin = Path(source).resolve().name if Path(source).exists() else source
    save_checkpoint(load_vocoder(source), file, {"converted_from": origin})
