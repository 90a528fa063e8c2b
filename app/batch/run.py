"""Run a batch: read the input, make the items that are missing, join them, write the report.

A run that was stopped or killed continues when it is started again: finished items are verified by
hash and skipped. With a batch size of 1 the result is byte-identical to an uninterrupted run.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from filelock import FileLock, Timeout

from tts.error_messages import os_error_reason
from tts.files import delete_stale_partials
from tts.learned_voices import LearnedVoices

from .exports import MANIFESTS, write_manifests
from .file_names import safe_file_name
from .inputs.read import InputOptions, read_input
from .item import BatchInput, BatchItem, InputError, item_key
from .join import JoinConfig, join
from .manifest import Manifest, check_file, check_folder
from .progress import ProgressReporter
from .report import PAGE, TABLE, write_report
from .rows import ItemRow, JoinedRow, Row
from .worker import JobConfig, Result

MANIFEST, FILES, LOCK = "manifest.jsonl", "files.jsonl", ".lock"

Crew = Callable[[JobConfig, Iterable[Sequence[BatchItem]]], Iterator[Result]]


@dataclass(frozen=True, kw_only=True)
class BatchJob:
    """A batch to run.

    Args:
        source: the input: a list, subtitles or a book.
        out: the output folder; it is made if it is missing.
        reader: how the input becomes items.
        config: how items become audio.
        join: which joined files to write; None for none.
        dataset: write manifests for `datasets`, NeMo and Lhotse.
    """

    source: Path
    out: Path
    reader: InputOptions
    config: JobConfig = field(default_factory=JobConfig)
    join: JoinConfig | None = None
    dataset: bool = False


@dataclass(frozen=True, kw_only=True)
class BatchSummary:
    """The result of a run.

    Args:
        rows: manifest rows in the order of the input; a failed item has an `error`.
        errors: lines of the input that gave no item.
        files: names of the joined files.
        strays: files of earlier runs that no item uses any more.
        late: ids of items that begin after their subtitle cue, where they are joined.
    """

    rows: tuple[Row, ...]
    errors: tuple[InputError, ...]
    files: tuple[str, ...]
    strays: tuple[str, ...]
    late: tuple[str, ...]

    @property
    def made(self) -> int:
        return sum("error" not in row for row in self.rows)

    @property
    def failed(self) -> int:
        return len(self.errors) + len(self.rows) - self.made

    @property
    def troubled(self) -> int:
        return sum(bool(row.get("troubles")) for row in self.rows)

    @property
    def seconds(self) -> float:
        return sum(row.get("seconds", 0.0) for row in self.rows)


def run(batch: BatchJob, crew: Crew, watch: ProgressReporter) -> BatchSummary:
    """Run a batch to its end.

    Args:
        batch: what to make.
        crew: makes items, such as `worker.run_workers` with a number of workers.
        watch: prints the progress.

    Returns:
        What is in the folder. An item that fails does not stop the others.

    Raises:
        ValueError: the input cannot be read or has no items, another run uses the folder, or
            something is in the way of a file.
        OSError: a file cannot be written.
    """
    listing = read_input(batch.source, batch.reader)
    _spare(batch)
    _check_places(batch)
    config = replace(batch.config, voices=(*batch.config.voices, *listing.voice_files))
    key_fields, voices = config.key_fields(config.model()), config.learned_voices()
    with _alone(batch.out):
        for name in ("", "audio", "parts", "chapters"):
            delete_stale_partials(batch.out / name, age=0.0)
        ledger = Manifest(batch.out, MANIFEST, ItemRow)
        watch.report_existing(ledger)
        left = _left(listing, ledger, key_fields, voices)
        _place(listing.items, ledger)
        with watch.track(listing, left):
            for made in crew(config, _groups(left, config.together)):
                ledger.commit(made.row, made.files)
                watch.advance(made.row)
        ledger.order(item.id for item in listing.items)
        rows = tuple(ledger.rows.values())
        joined = Manifest(batch.out, FILES, JoinedRow)
        watch.tell_damage(joined)
        files = _joined(batch, listing, ledger, joined)
        if batch.dataset:
            write_manifests(batch.out, rows)
        whole, form = batch.join, batch.config.form
        parts = tuple(joined.rows.values()) if whole else ()
        write_report(batch.out, listing, rows, parts, form or (whole.form if whole else None))
    strays = (*ledger.strays(), *joined.strays())
    late = {id for name in files for id in joined.rows.get(name, {}).get("late", ())}
    return BatchSummary(
        rows=rows,
        errors=listing.errors,
        files=tuple(files),
        strays=strays,
        late=tuple(sorted(late)),
    )


def unfinished(batch: BatchJob, listing: BatchInput) -> list[BatchItem]:
    """The items of an input that a run would make; the folder is checked, but not changed."""
    _spare(batch)
    _check_places(batch)
    if not batch.out.exists():
        return list(listing.items)
    config = replace(batch.config, voices=(*batch.config.voices, *listing.voice_files))
    key_fields, voices = config.key_fields(config.model()), config.learned_voices()
    return _left(listing, Manifest(batch.out, MANIFEST, ItemRow), key_fields, voices)


def _left(
    listing: BatchInput, ledger: Manifest, key_fields: Row, voices: LearnedVoices
) -> list[BatchItem]:
    """The items that are not finished, those of each learned voice together."""
    left = [
        item
        for item in listing.items
        if not ledger.is_complete(item.id, item_key(item, key_fields, voices))
    ]
    # a worker keeps the networks of few learned voices
    left.sort(key=lambda item: item.delivery.voice if voices.used_in(item.delivery.voice) else "")
    return left


def _spare(batch: BatchJob) -> None:
    """Check that no output file would overwrite the input."""
    for path in root_files(batch):
        if path.exists() and path.samefile(batch.source):
            raise ValueError(f"cannot write {path}: it is the input; choose another folder")


def root_files(batch: BatchJob) -> Iterator[Path]:
    """The files that are written into the folder itself."""
    names = [MANIFEST, FILES, TABLE, PAGE, *(MANIFESTS if batch.dataset else ())]
    if wanted := batch.join:
        endings = [*wanted.subtitles, *([wanted.form.format] if wanted.book else ())]
        names += [f"{safe_file_name(wanted.name)}.{ending}" for ending in endings]
    return (batch.out / name for name in names)


def _check_places(batch: BatchJob) -> None:
    """Check, before anything is made, that nothing is in the way of the output files."""
    needed = {
        "audio": batch.config.form,
        "parts": batch.config.parts,
        "chapters": batch.join and batch.join.chapters,
    }
    for name in filter(needed.get, needed):
        check_folder(batch.out / name)
    for path in (*root_files(batch), batch.out / LOCK):
        check_file(path)


def _place(items: Iterable[BatchItem], ledger: Manifest) -> None:
    """Update the places of finished items that moved in the input; their files stay the same."""
    for item in items:
        row = ledger.rows.get(item.id, {})
        if "error" not in row:
            row.update(line=item.line, chapter=item.chapter, take=item.take, pause=item.pause)


def _joined(batch: BatchJob, listing: BatchInput, made: Manifest, joined: Manifest) -> list[str]:
    if not batch.join:
        return []
    return join(listing, made.rows, batch.out, batch.join, joined)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Lock the folder for this run. The system releases the lock of a process that dies."""
    if os.path.lexists(folder) and not folder.is_dir():
        kind = "not a folder" if folder.exists() else "a broken link"
        raise ValueError(f"cannot write to {folder}: it is {kind}; choose another folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / LOCK, timeout=0).acquire()
    except Timeout as error:
        raise ValueError(f"cannot write to {folder}: another run is using it") from error
    except OSError as error:
        raise ValueError(
            f"cannot write to {folder}: {os_error_reason(error)}; choose another folder"
        ) from error
    with lock:
        yield


def _groups(items: Sequence[BatchItem], size: int) -> Iterator[Sequence[BatchItem]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
