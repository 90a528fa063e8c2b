"""The `pack`, `unpack` and `join` commands. Their work is in the modules they import."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from tts.text.pronounce.conventions import MISAKI

from ..manifest import set_names
from .parts import MEGABYTE, found_parts

Parts = Annotated[
    Path, typer.Argument(help="Folder with the parts, files that end in .00, .01 and so on.")
]


def pack(  # noqa: PLR0913 - every parameter is a flag
    features: Annotated[Path, typer.Argument(help="Folder of features, as `prepare` writes it.")],
    out: Annotated[Path, typer.Option(help="Folder to write the parts in.")],
    megabytes: Annotated[
        float, typer.Option(help="Most size of all parts, in units of 1,000,000 bytes.")
    ] = 36.0,
    part_megabytes: Annotated[
        float, typer.Option(help="Most size of each part, 0.01 to that of all.")
    ] = 15.0,
    sets: Annotated[
        str, typer.Option(help="Names of the sets of features, with commas between them.")
    ] = "heart,michael,many,val,val2",
    held_out: Annotated[
        str, typer.Option(help="Those of the sets that are packed whole, for validation.")
    ] = "val,val2",
    convention: Annotated[
        str,
        typer.Option(
            help="Phoneme conventions of the clips to pack, misaki or espeak; '' packs all."
        ),
    ] = MISAKI,
    audio_hours: Annotated[
        float,
        typer.Option(help="Hours of recordings to pack too, with their F0, for a vocoder.", min=0),
    ] = 0.0,
    corpus: Annotated[Path, typer.Option(help="Folder of manifests of the recordings.")] = Path(
        "corpus"
    ),
    recordings: Annotated[
        str, typer.Option(help="Names of the sets of recordings, with commas between them.")
    ] = "heart,michael,many,kathleen,val,val2",
) -> None:
    """Pack features into few bytes, to train on another machine.

    Needs features; with --audio-hours also recordings and pyworld. Packs
    the same share of every voice of every set, as much as fits. Values of
    mels are rounded to steps of 0.2 (1.7 dB), all else is kept. Writes
    features.zip.00, features.zip.01 and so on, for `unpack`.

    Examples:
      tts training pack features --out carry
      tts training pack features --out carry --audio-hours 1 --corpus corpus
    """
    from .pack import NAME, Packing
    from .pack import pack as write

    packing = Packing(
        sets=set_names(sets.split(",")),
        held_out=set_names(held_out.split(",")),
        conventions=set_names(convention.split(",")),
        megabytes=megabytes,
        part_megabytes=part_megabytes,
        recordings=set_names(recordings.split(",")),
        audio_hours=audio_hours,
    )
    for row in write(features, corpus, out, packing):
        typer.echo(
            f"{row.kind} of {row.set}: {row.hours:.2f} of {row.all_hours:.2f} hours, "
            f"{row.clips} of {row.all_clips} clips"
        )
    _tell(found_parts(out / NAME))


def unpack(
    folder: Parts,
    out: Annotated[
        Path, typer.Option(help="Folder of features to write; it may hold no other sets.")
    ] = Path("features"),
) -> None:
    """Unpack what `pack` wrote.

    Needs all parts. Writes features as `prepare` does; recordings and their
    manifests come into the folder corpus in it. Sets that are there already
    are replaced.

    Example:
      tts training unpack carry --out features
    """
    from .unpack import unpack as read

    typer.echo(f"{out}: {', '.join(read(folder, out))}")


def join(folder: Parts) -> None:
    """Put together files that are in parts, such as checkpoints from `run`.

    Needs all parts of each file. Writes the whole files beside them; the
    parts stay.

    Example:
      tts training join results
    """
    from .parts import join_parts

    _tell(join_parts(folder))


def _tell(files: Iterable[Path]) -> None:
    for file in files:
        typer.echo(f"{file}: {file.stat().st_size / MEGABYTE:.2f} MB")
