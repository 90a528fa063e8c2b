"""A list or a book into audio, its times, a manifest and a report, whatever comes in between.

`run` is the whole of it: read, make what is not yet made, join, report. A run that was killed goes
on where it was when it is started again, and leaves the same bytes as if it had not been, where
items are made one at a time.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from filelock import FileLock, Timeout

from tts.error_messages import os_error_reason
from tts.files import delete_stale_partials

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
    """What is read, how it is made and joined, and the folder that it goes into."""

    source: Path
    out: Path
    reader: InputOptions
    config: JobConfig = field(default_factory=JobConfig)
    join: JoinConfig | None = None
    dataset: bool = False


@dataclass(frozen=True, kw_only=True)
class BatchSummary:
    """What there is after a run: rows in the order of the list, and lines that are no items.

    The `late` are items that are heard after their slots begin, where they are joined.
    """

    rows: tuple[Row, ...]
    errors: tuple[InputError, ...]
    files: tuple[str, ...]
    strays: tuple[str, ...]
    late: tuple[str, ...]

    @property
    def failed(self) -> int:
        return len(self.errors) + sum("error" in row for row in self.rows)

    @property
    def troubled(self) -> int:
        return sum(bool(row.get("troubles")) for row in self.rows)

    @property
    def seconds(self) -> float:
        return sum(row.get("seconds", 0.0) for row in self.rows)


def run(batch: BatchJob, crew: Crew, watch: ProgressReporter) -> BatchSummary:
    """Everything that a list asks for is in the folder, but for what cannot be said."""
    listing = read_input(batch.source, batch.reader)
    _spare(batch)
    _check_places(batch)
    with _alone(batch.out):
        for name in ("", "audio", "parts", "chapters"):
            delete_stale_partials(batch.out / name, age=0.0)
        ledger = Manifest(batch.out, MANIFEST, ItemRow)
        watch.report_existing(ledger)
        key_fields = batch.config.key_fields(batch.config.model())
        left = [
            item
            for item in listing.items
            if not ledger.is_complete(item.id, item_key(item, key_fields))
        ]
        _place(listing.items, ledger)
        with watch.track(listing, left):
            for made in crew(batch.config, _groups(left, batch.config.together)):
                ledger.commit(made.row, made.files)
                watch.advance(made.row)
        ledger.order(item.id for item in listing.items)
        rows = tuple(ledger.rows.values())
        joined = Manifest(batch.out, FILES, JoinedRow)
        watch.tell_damage(joined)
        files = _joined(batch, listing, ledger, joined)
        if batch.dataset:
            write_manifests(batch.out, rows)
        write_report(batch.out, listing, rows, files)
    strays = (*ledger.strays(), *joined.strays())
    late = {id for name in files for id in joined.rows.get(name, {}).get("late", ())}
    return BatchSummary(
        rows=rows,
        errors=listing.errors,
        files=tuple(files),
        strays=strays,
        late=tuple(sorted(late)),
    )


def _spare(batch: BatchJob) -> None:
    """Refuse a folder where what is read would be written over."""
    for path in _files(batch):
        if path.exists() and path.samefile(batch.source):
            raise ValueError(
                f"expected to write {path}, and that is what is read; choose another folder"
            )


def _files(batch: BatchJob) -> Iterator[Path]:
    """The files that are written into the folder itself."""
    names = [MANIFEST, FILES, TABLE, PAGE, *(MANIFESTS if batch.dataset else ())]
    if wanted := batch.join:
        endings = [*wanted.subtitles, *([wanted.form.format] if wanted.book else ())]
        names += [f"{safe_file_name(wanted.name)}.{ending}" for ending in endings]
    return (batch.out / name for name in names)


def _check_places(batch: BatchJob) -> None:
    """Refuse, before anything is made, a folder in which something is in the way."""
    needed = {
        "audio": batch.config.form,
        "parts": batch.config.parts,
        "chapters": batch.join and batch.join.chapters,
    }
    for name in filter(needed.get, needed):
        check_folder(batch.out / name)
    for path in (*_files(batch), batch.out / LOCK):
        check_file(path)


def _place(items: Iterable[BatchItem], ledger: Manifest) -> None:
    """What is there already may stand elsewhere in a list by now; its own files are the same."""
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
    """A folder for one run at a time; the lock of one that was killed is open."""
    if os.path.lexists(folder) and not folder.is_dir():
        kind = "something else" if folder.exists() else "a link to nothing"
        raise ValueError(
            f"expected a folder to write to at {folder}, which is {kind}; choose another"
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / LOCK, timeout=0).acquire()
    except Timeout as error:
        raise ValueError(f"expected to be alone in {folder}, and another run is at work") from error
    except OSError as error:
        raise ValueError(
            f"expected a folder to write to at {folder}, but {os_error_reason(error)}; "
            "choose another"
        ) from error
    with lock:
        yield


def _groups(items: Sequence[BatchItem], size: int) -> Iterator[Sequence[BatchItem]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
