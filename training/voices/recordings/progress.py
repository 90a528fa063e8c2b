"""The run over all recordings of a voice: the journal, and progress."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from time import monotonic

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from tts.error_messages import naming_write_errors
from tts.files import write_text_file
from tts.validation import parse_json

from ..processes import results
from .cut_files import CutFile, FileTask, make_file

JOURNAL = "gathered.jsonl"
FEW = 4  # files that are made without other processes, which take a second to start
LINE_SECONDS = 15.0  # between lines where there is no terminal; chosen by hand


class GatheringProgress:
    """Prints progress: a bar with the time left on a terminal, else lines."""

    def __init__(self, console: Console) -> None:
        self._console = console

    @contextmanager
    def track(self, what: str, total: float, count: int) -> Iterator[None]:
        """Show the progress of a stage.

        Args:
            what: name of the items.
            total: sum of the sizes of the items, by which the time left is estimated.
            count: number of the items.
        """
        self._what, self._total, self._count = what, total, count
        self._begun = self._printed = monotonic()
        self._done, self._finished, self._seconds = 0.0, 0, 0.0
        with Progress(
            TextColumn(what),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[minutes]}"),
            TimeRemainingColumn(),
            console=self._console,
            transient=True,
            disable=not self._console.is_terminal,
        ) as self._bar:
            # the bar counts items; its time left is of them, and close to that by size
            self._task = self._bar.add_task(what, total=count, minutes="")
            yield
        if count:
            self._print(f"{self._minutes()} in {monotonic() - self._begun:.0f} s")

    def advance(self, size: float, seconds: float) -> None:
        """Count an item that is finished: its size, and the seconds of speech in it."""
        self._done += size
        self._seconds += seconds
        self._finished += 1
        self._bar.update(self._task, completed=self._finished, minutes=self._minutes())
        if not self._console.is_terminal and monotonic() - self._printed > LINE_SECONDS:
            self._printed = monotonic()
            spent = monotonic() - self._begun
            left = spent * (self._total / max(self._done, 1) - 1)
            self._print(f"{self._minutes()}, {left // 60:.0f} min {left % 60:.0f} s left")

    def _minutes(self) -> str:
        return f"{self._seconds / 60:.1f} min of speech"

    def _print(self, state: str) -> None:
        self._console.print(
            f"{self._finished} of {self._count} {self._what}, {state}",
            markup=False,
            highlight=False,
            soft_wrap=True,
        )


def cut_files(
    tasks: Sequence[FileTask], work: Path, workers: int, progress: GatheringProgress
) -> dict[str, CutFile]:
    """Make the clips that the journal of a work folder does not have.

    Returns:
        The clips and faults of each task, by its key.

    Raises:
        OSError: a clip cannot be written, or a worker process ended.
    """
    journal = work / JOURNAL
    keys = {task.key for task in tasks}
    made = {key: file for key, file in _read_journal(journal, work).items() if key in keys}
    write_text_file(journal, "".join(map(_line, made.values())))
    left = {task.key: task for task in tasks if task.key not in made}
    with (
        progress.track("recordings", sum(task.size for task in left.values()), len(left)),
        journal.open("a", encoding="utf-8") as log,
    ):
        for file in _run(list(left.values()), workers):
            if file.lasting:
                with naming_write_errors(journal):
                    log.write(_line(file))
                    log.flush()
            made[file.key] = file
            progress.advance(left[file.key].size, sum(clip["seconds"] for clip in file.clips))
    return made


def _line(file: CutFile) -> str:
    return json.dumps(asdict(file), ensure_ascii=False) + "\n"


def _read_journal(path: Path, work: Path) -> dict[str, CutFile]:
    """The finished files whose clips are there; lines that were cut short are left out."""
    found: dict[str, CutFile] = {}
    for line in path.read_bytes().splitlines() if path.is_file() else []:
        try:
            file = CutFile(**parse_json(line))
            sizes = [(work / clip["audio"]).stat().st_size for clip in file.clips]
        except (OSError, ValueError, TypeError, KeyError):
            continue
        if all(sizes):
            found[file.key] = file
    return found


def _run(tasks: Sequence[FileTask], workers: int) -> Iterator[CutFile]:
    """Make files as they become ready; the order of rows does not depend on it."""
    if workers == 1 or len(tasks) <= FEW:
        return map(make_file, tasks)
    return results(make_file, tasks, workers)
