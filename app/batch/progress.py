"""Progress of a batch: a bar with the time left on a terminal, else a line every 30 seconds."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from time import monotonic

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from .item import BatchInput, BatchItem
from .manifest import Manifest
from .rows import Row

EVERY = 30.0  # seconds between lines where there is no terminal; chosen by hand


class ProgressReporter:
    """Prints progress and problems. The time left is estimated from the characters left."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._lengths: dict[str, int] = {}
        self._places: dict[str, Callable[[], str]] = {}
        self._begun = self._told = monotonic()
        self._done = self._spoken = 0.0
        self._count = 0

    def report_existing(self, ledger: Manifest) -> None:
        """Announce that finished items are verified, which reads all of their files."""
        if ledger.rows:
            self._say(f"verifying the files of {len(ledger.rows)} finished items")
        self.tell_damage(ledger)

    def tell_damage(self, ledger: Manifest) -> None:
        """Print which lines of a manifest are damaged."""
        if ledger.damaged:
            first, count = ledger.damaged[0], len(ledger.damaged)
            more = f" and {count - 1} more" if count > 1 else ""
            what = "altered or cut short; its items are made again"
            self._say(f"line {first}{more} of {ledger.path.name}: {what}")

    @contextmanager
    def track(self, listing: BatchInput, left: Sequence[BatchItem]) -> Iterator[None]:
        """Show the progress bar while the items in `left` are made."""
        for note in listing.notes:
            self._say(f"note: {note}")
        for wrong in listing.errors:
            place = listing.place(wrong.line, wrong.chapter, wrong.text)
            self._say(f"{place}: {wrong.message}")
        if len(left) < len(listing.items):
            done = len(listing.items) - len(left)
            self._say(f"{done} of {len(listing.items)} items are finished already")
        self._places = {
            item.id: partial(listing.place, item.line, item.chapter, item.text) for item in left
        }
        self._lengths = {item.id: len(item.text) for item in left}
        self._begun = self._told = monotonic()
        total = sum(self._lengths.values())
        with Progress(
            TextColumn("{task.fields[speed]}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("characters"),
            TimeRemainingColumn(),
            console=self._console,
            transient=True,
            disable=not self._console.is_terminal,
        ) as self._progress:
            self._task = self._progress.add_task("", total=total, speed="")
            yield

    def advance(self, row: Row) -> None:
        """Count one more finished item, and print what is wrong with it, if anything."""
        self._count += 1
        self._done += self._lengths[row["id"]]
        self._spoken += row.get("seconds", 0.0)
        speed = f"{self._spoken / (monotonic() - self._begun):.0f} x real time"
        self._progress.update(self._task, completed=self._done, speed=speed)
        if "error" in row:
            self._say(f"{self._places[row['id']]()}: {row['error']}")
        elif row["troubles"]:
            self._say(f"{self._places[row['id']]()}: {'; '.join(row['troubles'])}")
        if not self._console.is_terminal and monotonic() - self._told > EVERY:
            self._told = monotonic()
            self._say(f"{self._count} of {len(self._lengths)}, {speed}, {self._left()} left")

    def _left(self) -> str:
        taken = monotonic() - self._begun
        left = taken * (sum(self._lengths.values()) / self._done - 1)
        return f"{left // 60:.0f} min {left % 60:.0f} s"

    def _say(self, sentence: str) -> None:
        self._console.print(sentence, markup=False, highlight=False, soft_wrap=True)
