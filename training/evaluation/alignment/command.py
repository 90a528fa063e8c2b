"""The `alignment` command. Its work is in `report`, which is imported when the command runs."""

from pathlib import Path
from typing import Annotated

import typer

from tts.cli.main import configure_device
from tts.cli.options import ACOUSTIC_HELP
from tts.files import check_folder


def alignment(  # noqa: PLR0913 - every parameter is a flag
    features: Annotated[
        Path, typer.Option(help="Folder of one set's features, with true durations.")
    ],
    out: Annotated[Path, typer.Option(help="Folder to write.")],
    voices: Annotated[
        str, typer.Option(help="Voices to align, with commas between them; none may be the start.")
    ],
    acoustic: Annotated[Path | None, typer.Option(help=ACOUSTIC_HELP)] = None,
    corpus: Annotated[
        Path | None,
        typer.Option(help="Manifest (.jsonl) of the recordings, to align with PocketSphinx, too."),
    ] = None,
    clips: Annotated[int, typer.Option(min=2, help="Clips of each voice.")] = 40,
    threads: Annotated[int, typer.Option(min=1, help="CPU threads.")] = 1,
) -> None:
    """Measure the forced alignment of new voices against true durations.

    Needs features of clips whose durations are known. Each voice is
    aligned as a new one, from the vectors of the others. Writes
    results.json and table.md, and prints the table: errors of starts of
    phones and of words, and the area under the ROC curve of costs for wrong
    transcripts.

    Examples:
      tts training alignment --features features/many --voices nova,sky --out runs
      tts training alignment --features features/many --voices eric --out runs
    """
    from tts.acoustic.model import AcousticModel
    from tts.checkpoint import shipped_checkpoint
    from tts.torch_checkpoint import load_checkpoint

    from ...data.manifest import set_names
    from .report import write_report

    configure_device("cpu", threads)
    check_folder(features)
    model = load_checkpoint(acoustic or shipped_checkpoint("acoustic"), AcousticModel)
    typer.echo(write_report(model, features, set_names(voices.split(",")), corpus, out, clips))
