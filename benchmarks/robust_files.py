"""python -m benchmarks.robust_files: damaged files must be refused with one clear sentence.

Checkpoints, public vocoders, manifests, features and packs are damaged in many ways and given to
every command that reads them. None may end in a traceback, hang, need much memory or time, or
accept a damaged file silently.
"""

import tempfile
import warnings
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.robust_checkpoints import (
    ACOUSTIC,
    VOCODER,
    acoustic_damages,
    public_damages,
    vocoder_damages,
)
from benchmarks.robust_doors import (
    FAULTS,
    REFUSED,
    UNREAD,
    Door,
    Kind,
    Result,
    library,
    make_models,
    try_all,
    tts,
)
from benchmarks.robust_sets import set_kinds

TEXT = "Hello there."


def checkpoint_kinds(seed: int) -> list[Kind]:
    """Checkpoints of ours and public vocoders."""
    from tts import load
    from tts.cli.doctor import checks, examine

    def say(folder: Path, option: str, name: str, other: str, file: str) -> int:
        given = (option, folder / name, other, folder / file)
        return tts("say", TEXT, "-o", folder / "said.wav", *given)

    def doctor(folder: Path) -> int:
        known = checks(folder / ACOUSTIC, folder / VOCODER)
        asked = [check for check in known if check.name in ("voices", "vocoder", "speech")]
        broken = [finding for finding in examine(asked) if finding.broken]
        for finding in broken[:1]:
            typer.echo(f"error: {finding.found}; {finding.advice}")
        return 2 if broken else 0

    both: dict[str, Door] = {
        "load": lambda f: library(lambda: load(f / ACOUSTIC, f / VOCODER)),
        "say": lambda f: say(f, "--acoustic", ACOUSTIC, "--vocoder", VOCODER),
        "doctor": doctor,
    }
    acoustic = {**both, "voice list": lambda f: tts("voice", "list", "--acoustic", f / ACOUSTIC)}
    convert = {"convert": lambda f: tts("vocoder", "convert", f / VOCODER, f / "x.safetensors")}
    public: dict[str, Door] = {
        "load": lambda f: library(lambda: load(f / ACOUSTIC, f)),
        "say": lambda f: tts(
            "say", TEXT, "-o", f / "s.wav", "--acoustic", f / ACOUSTIC, "--vocoder", f
        ),
        "convert": lambda f: tts("vocoder", "convert", f, f / "x.safetensors"),
    }
    return [
        Kind("acoustic", make_models, acoustic_damages(seed), acoustic, (ACOUSTIC,), _unseen),
        Kind("vocoder", make_models, vocoder_damages(seed), {**both, **convert}, (VOCODER,)),
        Kind("public", make_public, public_damages(seed), public, ("damaged",)),
    ]


def _unseen(damage: str, door: str) -> bool:
    """A list of voices does not read weights."""
    return door == "voice list" and ("weight" in damage or damage in NO_VOICES)


NO_VOICES = ("encoder.dim 60000", "decoder.patch 3", "symbols too few", "voice_dim 1e3")


PUBLIC = """
feature_extractor:
  class_path: vocos.feature_extractors.MelSpectrogramFeatures
  init_args: {sample_rate: 24000, n_fft: 1024, hop_length: 256, n_mels: 100, padding: center}
backbone:
  class_path: vocos.models.VocosBackbone
  init_args: {input_channels: 100, dim: 16, intermediate_dim: 32, num_layers: 1}
head:
  class_path: vocos.heads.ISTFTHead
  init_args: {dim: 16, n_fft: 1024, hop_length: 256, padding: center}
"""


def make_public(folder: Path) -> None:
    """A tiny acoustic model, and a vocoder of the package vocos."""
    import torch
    from vocos.feature_extractors import MelSpectrogramFeatures
    from vocos.heads import ISTFTHead
    from vocos.models import VocosBackbone
    from vocos.pretrained import Vocos

    make_models(folder)
    head = ISTFTHead(16, n_fft=1024, hop_length=256, padding="center")
    vocos = Vocos(MelSpectrogramFeatures(), VocosBackbone(100, 16, 32, 1), head)
    (folder / "config.yaml").write_text(PUBLIC)
    torch.save(vocos.state_dict(), folder / "pytorch_model.bin")


def run(seed: int = 0, only: str = "") -> list[Result]:
    """Every damaged file at every door; of one kind of files, if it is named."""
    results: list[Result] = []
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for kind in (*checkpoint_kinds(seed), *set_kinds(seed)):
            if only in ("", kind.name):
                results += try_all(kind, Path(folder) / kind.name)
    return results


def counts(results: Sequence[Result]) -> dict[str, int]:
    """How many files were damaged, how often they were read, and what came of it."""
    files = {(result.kind, result.damage) for result in results}
    found = Counter(result.outcome for result in results)
    outcomes = {outcome: found[outcome] for outcome in (REFUSED, UNREAD, *FAULTS)}
    return {"files": len(files), "tries": len(results), **outcomes}


def table(results: Sequence[Result]) -> str:
    """A row a kind of file, and the slowest try of each."""
    lines = [
        "| files | damaged | tries | refused | not read | " + " | ".join(FAULTS) + " | slowest |"
    ]
    lines.append("|---" + "|---:" * (len(FAULTS) + 5) + "|")
    for kind in dict.fromkeys(result.kind for result in results):
        rows = [result for result in results if result.kind == kind]
        told = counts(rows)
        slowest = max(result.seconds for result in rows)
        lines.append(f"| {kind} | {' | '.join(map(str, told.values()))} | {slowest:.1f} s |")
    return "\n".join(lines)


def main(
    seed: Annotated[int, typer.Option(help="Seed of random damage; equal seeds repeat it.")] = 0,
    only: Annotated[
        str, typer.Option(help="One kind of files, by its name in the table; all if empty.")
    ] = "",
) -> None:
    """Damage files and give them to every command that reads them.

    Needs Linux and the train extra. Prints a table and every fault; exit
    code 1 if there is one. It writes to temporary folders alone.

    \b
    Examples:
      python -m benchmarks.robust_files
      python -m benchmarks.robust_files --only vocoder --seed 1
    """
    results = run(seed, only)
    typer.echo(table(results))
    for result in results:
        if result.outcome in FAULTS:
            what = f"{result.outcome}: {result.kind}, {result.damage}, by {result.door}"
            said = result.said[:300].encode(errors="replace").decode()
            typer.echo(f"{what}: {said}")
    told = counts(results)
    typer.echo(str(told))
    if any(told[outcome] for outcome in FAULTS):
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
