"""The `pack`, `unpack` and `join` commands. Their work is in the modules they import."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from tts.text.pronounce.conventions import MISAKI

from ..manifest import set_names
from .parts import MEGABYTE, found_parts

Parts = Annotated[Path, typer.Argument(help="Folder of the parts.")]


def pack(  # noqa: PLR0913 - every parameter is a flag
    features: Annotated[Path, typer.Argument(help="What `prepare` wrote.")],
    out: Annotated[Path, typer.Option(help="Folder to write the parts in.")],
    megabytes: Annotated[float, typer.Option(help="Of all parts, at most.")] = 36.0,
    part_megabytes: Annotated[float, typer.Option(help="Of each part, at most.")] = 15.0,
    sets: Annotated[str, typer.Option(help="Sets of features.")] = "heart,michael,many,val,val2",
    held_out: Annotated[str, typer.Option(help="Sets to pack whole.")] = "val,val2",
    convention: Annotated[
        str, typer.Option(help="Whose phonemes clips are to be read by; any if empty.")
    ] = MISAKI,
    audio_hours: Annotated[
        float, typer.Option(help="Recordings for a vocoder, with their F0.", min=0)
    ] = 0.0,
    corpus: Annotated[Path, typer.Option(help="Folder of their manifests.")] = Path("corpus"),
    recordings: Annotated[str, typer.Option(help="Sets of recordings.")] = (
        "heart,michael,many,kathleen,val,val2"
    ),
) -> None:
    """Features in few bytes, for a machine that has none. Half of 0.2 is lost of each mel value."""
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
    out: Annotated[Path, typer.Option(help="Folder of features to write.")] = Path("features"),
) -> None:
    """Features as `prepare` writes them; recordings come into `corpus` in the same folder."""
    from .unpack import unpack as read

    typer.echo(f"{out}: {', '.join(read(folder, out))}")


def join(folder: Parts) -> None:
    """Make files whole that came in parts, such as averaged checkpoints."""
    from .parts import join_parts

    _tell(join_parts(folder))


def _tell(files: Iterable[Path]) -> None:
    for file in files:
        typer.echo(f"{file}: {file.stat().st_size / MEGABYTE:.2f} MB")
