"""The `release` command: measure new averages, and install them with their results and tables."""

import shutil
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..evaluation.results import LEDGER
from ..evaluation.texts import TEXTS

if TYPE_CHECKING:
    from ..evaluation.config import Evaluation

JUDGED, COPIED, VOICED = ("val", "val2"), ("val", "kathleen", "lj"), ("heart", "michael", "many")
TRAINED = "heart"  # the set that stands for training clips


@dataclass(frozen=True, kw_only=True, slots=True)
class LearnedVoice:
    """How a shipped voice is learned from recordings: minutes, and fields of its card."""

    minutes: float
    about: Mapping[str, str]


# By the names of the voices, which are those of their manifests.
LEARNED = {
    "kathleen": LearnedVoice(
        minutes=30,
        about={
            "consent": "Recordings given to the public domain by their speaker (CC0).",
            "licence": "CC0-1.0",
            "sex": "female",
            "accent": "US",
        },
    )
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Release:
    """The models to release, and the data they are measured with.

    Args:
        acoustic: Averages of an acoustic model.
        vocoder: Averages of a vocoder.
        teacher: Checkpoint that the acoustic model was distilled from.
        whisper: Folder of a faster-whisper model.
        corpus: Folder of manifests, with `val`, `many` and others.
        features: Folder that `prepare` wrote from them.
        root: Source tree whose `checkpoints` and `benchmarks/results` are written.
        out: Folder of ledgers, from which a stopped release resumes.
        threads: Of the CPU.
    """

    acoustic: Path
    vocoder: Path
    teacher: Path
    whisper: Path
    corpus: Path
    features: Path
    root: Path
    out: Path
    threads: int = 2

    @property
    def measured(self) -> Path:
        """The acoustic model with its offered voices in its metadata."""
        return self.out / "voices" / "acoustic.safetensors"


def release(  # noqa: PLR0913 - every parameter is a flag
    acoustic: Annotated[
        Path, typer.Argument(help="Acoustic model: averages of a run (.safetensors).")
    ],
    vocoder: Annotated[Path, typer.Argument(help="Vocoder: averages of a run (.safetensors).")],
    teacher: Annotated[
        Path,
        typer.Option(help="Checkpoint (.safetensors) that the acoustic model was distilled from."),
    ],
    whisper: Annotated[
        Path, typer.Option(help="Folder of a faster-whisper model, which transcribes speech.")
    ],
    corpus: Annotated[
        Path,
        typer.Option(help="Folder of manifests: val, val2, kathleen, lj, heart, michael and many."),
    ],
    features: Annotated[
        Path, typer.Option(help="Folder of features, as `prepare` writes it.")
    ] = Path("features"),
    out: Annotated[
        Path, typer.Option(help="Folder of ledgers, from which a stopped release resumes.")
    ] = Path("runs/release"),
    root: Annotated[
        Path, typer.Option(help="Source tree whose checkpoints, results and pages are written.")
    ] = Path(),
    threads: Annotated[int, typer.Option(min=1, help="CPU threads.")] = 2,
) -> None:
    """Measure new averages, and install them with their results and tables.

    Needs a source tree, features, recordings, a faster-whisper model and the `evaluate` extra. It
    takes an hour or more; the same command continues a stopped release. When everything is
    measured, it writes the checkpoints, the results and the tables of the source tree. The raw
    results of the plots are measured by other commands; docs/results.md lists them.

    Example:
      tts training release model vocoder --teacher old --whisper base --corpus dir
    """
    found = Release(
        acoustic=acoustic,
        vocoder=vocoder,
        teacher=teacher,
        whisper=whisper,
        corpus=corpus,
        features=features,
        root=root,
        out=out,
        threads=threads,
    )
    check_paths(found)
    for name, measure in MEASURES.items():
        typer.echo(f"{name} ...", err=True)
        measure(found)
    install(found)


def check_paths(release: Release) -> None:
    """Check that every input exists, before an hour of measuring.

    Raises:
        FileNotFoundError: Files are missing; the message names all of them.
    """
    from tts.metrics import whisper_weights

    from ..data.features import CLIPS

    manifests = {*JUDGED, *COPIED, *VOICED}
    needed = [
        release.acoustic,
        release.vocoder,
        release.teacher,
        release.root / TEXTS,
        *(release.corpus / f"{name}.jsonl" for name in sorted(manifests)),
        *(release.features / name / CLIPS for name in (*JUDGED, TRAINED)),
    ]
    whisper_weights(release.whisper)
    if absent := [str(path) for path in needed if not path.is_file()]:
        raise FileNotFoundError(f"no such file: {', '.join(absent)}")


def measure_voices(release: Release) -> None:
    """Judge each voice on forty sentences; those within the limits are offered."""
    from ..evaluation.voices.report import Measurement, write_report

    candidate = release.out / "acoustic.safetensors"
    release.out.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(release.acoustic, candidate)
    measurement = Measurement(
        checkpoint=candidate,
        vocoder=release.vocoder,
        whisper=release.whisper,
        corpus=release.corpus,
        sets=VOICED,
        texts=release.root / TEXTS,
        threads=release.threads,
    )
    write_report(measurement, release.out / "voices")


def measure_one_step(release: Release) -> None:
    """Judge all texts and recorded sentences in one step, beside the reader's recordings."""
    from ..evaluation.report import write_report

    write_report(
        replace(_evaluation(release), steps=(1,), baselines=False), release.out / "one-step"
    )


def measure_compared(release: Release) -> None:
    """Judge a hundred sentences by one step and by the teacher's many; measure the speed."""
    from ..evaluation.report import write_report

    out = release.out / "compared"
    reuse_judgements(release.out / "one-step", out)
    hundred = replace(_evaluation(release), steps=(1,), kinds=("sentence",), limit=100)
    write_report(hundred, out)


def reuse_judgements(judged: Path, out: Path) -> None:
    """Begin an evaluation with the judgements of another of the same subject."""
    known, ledger = judged / LEDGER, out / LEDGER
    if known.exists() and not ledger.exists():
        out.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(known, ledger)


def measure_losses(release: Release) -> None:
    """Losses and deviation ratios of held-out clips and of training clips."""
    from tts.acoustic.model import AcousticModel
    from tts.files import write_json_file
    from tts.torch_checkpoint import load_checkpoint

    from ..acoustic.held_out import held_out
    from ..data.dataset import ALL, Selection
    from .fingerprint import fingerprint

    path = release.out / "losses" / "results.json"
    if not path.exists():
        files = {"acoustic": release.acoustic, "teacher": release.teacher}
        student, teacher = (load_checkpoint(path, AcousticModel) for path in files.values())
        learnt = Selection(conventions=(student.config.convention,))
        sets = [*((name, ALL) for name in JUDGED), (TRAINED, learnt)]
        rows = [
            asdict(held_out(student, teacher, release.features / name, 48, selection))
            for name, selection in sets
        ]
        subject = {name: fingerprint(path) for name, path in files.items()}
        path.parent.mkdir(parents=True, exist_ok=True)
        write_json_file(path, {"subject": subject, "sets": rows})


def measure_copies(release: Release) -> None:
    """Judge the vocoder's copies of recordings, from the recordings' own mels."""
    from ..evaluation.copy_synthesis.report import Copying, write_report

    copying = Copying(
        corpus=release.corpus,
        vocoder=release.vocoder,
        sets=COPIED,
        limit=24,
        whisper=release.whisper,
        threads=release.threads,
    )
    write_report(copying, release.out / "copies")


def measure_new_voices(release: Release) -> None:
    """Make the shipped voices that were learned from recordings, and measure them."""
    from ..evaluation.new_voice.report import NewVoice, make_voice

    results = release.out / "new-voices" / "results.json"
    results.parent.mkdir(parents=True, exist_ok=True)
    if not results.is_file():  # other rows stay
        shutil.copyfile(release.root / "benchmarks" / "results" / "new-voices.json", results)
    for name, learned in LEARNED.items():
        make_voice(
            NewVoice(
                manifest=release.corpus / f"{name}.jsonl",
                minutes=learned.minutes,
                whisper=release.whisper,
                out=release.out / "new-voices" / name,
                results=results,
                texts=release.root / TEXTS,
                acoustic=release.acoustic,
                vocoder=release.vocoder,
                about=learned.about,
            )
        )


MEASURES: dict[str, Callable[[Release], None]] = {
    "voices": measure_voices,
    "one-step": measure_one_step,
    "losses": measure_losses,
    "copies": measure_copies,
    "compared": measure_compared,
    "new-voices": measure_new_voices,
}


def install(release: Release) -> None:
    """Copy the checkpoints and results into the source tree, and update the tables of its pages."""
    results = release.root / "benchmarks" / "results"
    for name in MEASURES:
        found = release.out / name / ("voices.json" if name == "voices" else "results.json")
        shutil.copyfile(found, results / f"{name}.json")
    checkpoints = release.root / "checkpoints"
    shutil.copyfile(release.measured, checkpoints / "acoustic.safetensors")
    shutil.copyfile(release.vocoder, checkpoints / "vocoder.safetensors")
    for name in LEARNED:
        voice = release.out / "new-voices" / name / f"{name}.voice"
        shutil.copyfile(voice, checkpoints / voice.name)
    write_tables(release.root)


def write_tables(
    root: Annotated[Path, typer.Argument(help="Folder of a source tree.")] = Path(),
) -> None:
    """Update the tables of every page that has some, from `benchmarks/results`.

    Needs a source tree. Writes the pages of Markdown that mark the place of a table; a table whose
    results are missing says that it was not measured.

    Example:
      tts training tables .
    """
    from tts.files import write_text_file

    from ..data.manifest import check_folder
    from .model_card import fill, pages_with_tables

    check_folder(root)
    pages = pages_with_tables(root)
    if not pages:
        raise ValueError(f"no pages with tables in {root}; give the folder of a source tree")
    results = root / "benchmarks" / "results"
    check_folder(results)
    for path in pages:
        page = path.read_text(encoding="utf-8")
        write_text_file(path, fill(page, results))


def _evaluation(release: Release) -> "Evaluation":
    from ..evaluation.config import Evaluation
    from ..evaluation.reader.command import RESULTS

    return Evaluation(
        acoustic=release.acoustic,
        vocoder=release.vocoder,
        whisper=release.whisper,
        texts=release.root / TEXTS,
        teacher=release.teacher,
        corpus=release.corpus,
        features=release.features / "val2",
        reader=release.root / RESULTS,
        threads=release.threads,
    )
