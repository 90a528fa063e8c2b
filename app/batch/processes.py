"""Worker processes on this machine: they make items, and are replaced when they die."""

import os
import signal
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from multiprocessing import connection, get_context
from queue import SimpleQueue
from threading import Thread, current_thread, main_thread
from typing import Any, Generic, TypeVar

from .item import BatchItem

AHEAD = 3  # batches queued for each worker, so that none waits; chosen by hand
TRIES = 3  # worker deaths that fail an item made alone, or that give up a worker; chosen by hand
DIED = f"{TRIES} workers in a row died of this item alone; check that there is enough memory"
NEVER_READY = (
    "every worker died while it loaded its models; check that there is enough memory, or use "
    "fewer with --workers"
)

ResultT = TypeVar("ResultT")
Batch = Sequence[BatchItem]
Make = Callable[[Batch], list[ResultT]]
Load = Callable[[], Make[Any]]


@dataclass(frozen=True, kw_only=True)
class WorkerSpec(Generic[ResultT]):
    """What workers run.

    Args:
        load: returns the function that makes a batch; pickled, and called once in each worker.
        fail: returns the result of an item that no worker can make, given the reason.
    """

    load: Callable[[], Make[ResultT]]
    fail: Callable[[BatchItem, str], ResultT]


def run_processes(
    job: WorkerSpec[ResultT], batches: Iterable[Batch], workers: int
) -> Iterator[ResultT]:
    """Make items in worker processes, and yield results as they are ready.

    When a worker dies, its queued batches are made again. The items of the batch that it was
    making are then made alone, each by a worker with nothing else queued. An item fails only if
    three workers in a row die of it alone.

    Args:
        job: what the workers run.
        batches: items, grouped as they are to be made.
        workers: processes; no more are started than there are batches.

    Raises:
        ValueError: every worker died before it was ready.
    """
    crew = _Crew(job, batches)
    try:
        crew.start(workers)
        yield from crew.made()
    finally:
        crew.leave()


class _Crew(Generic[ResultT]):
    """Workers and their queues: first items under suspicion, alone, then all other batches."""

    def __init__(self, job: WorkerSpec[ResultT], batches: Iterable[Batch]) -> None:
        self._job, self._batches = job, iter(batches)
        self._again: deque[Batch] = deque()
        self._suspects: deque[BatchItem] = deque()
        self._died: dict[str, int] = {}
        self._workers: list[_Worker] = []

    def start(self, workers: int) -> None:
        """Start workers, but no more than there are batches."""
        self._again.extend(islice(self._batches, workers))
        for _ in range(len(self._again)):
            self._workers.append(_Worker(self._job.load))

    def made(self) -> Iterator[ResultT]:
        """The results of all items."""
        while self._left():
            for worker in self._workers:
                self._hand(worker)
            ready = connection.wait([one.pipe for one in self._workers])
            for worker in [one for one in self._workers if one.pipe in ready]:
                yield from self._answer(worker)

    def leave(self) -> None:
        """Kill all workers."""
        for worker in self._workers:
            worker.kill()

    def _left(self) -> bool:
        """Whether anything is to be made, or is being made."""
        if not self._again:
            self._again.extend(islice(self._batches, 1))
        return bool(self._again or self._suspects or any(one.handed for one in self._workers))

    def _hand(self, worker: "_Worker") -> None:
        """Queue a suspect item alone, or batches until `AHEAD` are queued."""
        if not worker.ready or worker.alone:
            return
        if self._suspects and not worker.handed:
            worker.hand([self._suspects.popleft()], alone=True)
            return
        while len(worker.handed) < AHEAD and (batch := self._next()):
            worker.hand(batch)

    def _next(self) -> Batch | None:
        return self._again.popleft() if self._again else next(self._batches, None)

    def _answer(self, worker: "_Worker") -> Iterator[ResultT]:
        """The results of a worker's batch; a dead worker is replaced."""
        try:
            answer = worker.pipe.recv()
        except (EOFError, OSError):
            yield from self._replace(worker)
            return
        if isinstance(answer, Exception):
            raise answer
        if worker.ready:
            worker.handed.popleft()
            worker.alone = False
            yield from answer
        worker.ready = True

    def _replace(self, worker: "_Worker") -> Iterator[ResultT]:
        """Replace a dead worker; the items that it was making become suspects."""
        worker.kill()
        place = self._workers.index(worker)
        if not worker.ready and worker.tries == TRIES:
            del self._workers[place]
            if not self._workers:
                raise ValueError(NEVER_READY)
            return
        self._workers[place] = _Worker(self._job.load, 1 if worker.ready else worker.tries + 1)
        if not worker.handed:
            return
        current, *others = worker.handed
        self._again.extendleft(reversed(others))
        if worker.alone:
            (item,) = current
            self._died[item.id] = self._died.get(item.id, 0) + 1
            if self._died[item.id] == TRIES:
                yield self._job.fail(item, DIED)
                return
        self._suspects.extend(current)


class _Worker:
    """A process that makes its queued batches in order.

    Attributes:
        ready: its models are loaded.
        alone: it makes one suspect item and has nothing else queued.
        tries: processes started in this place that were never ready, this one included.
    """

    def __init__(self, load: Load, tries: int = 1) -> None:
        self.tries, self.ready, self.alone = tries, False, False
        self.handed: deque[Batch] = deque()
        # a process forked from one with threads may deadlock
        context = get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=_work, args=(theirs, load), daemon=True)
        with _uninterrupted():
            self.process.start()
        theirs.close()

    def hand(self, batch: Batch, *, alone: bool = False) -> None:
        self.handed.append(batch)
        self.alone = alone
        with suppress(OSError):  # it is dead; the next receive finds out
            self.pipe.send(batch)

    def kill(self) -> None:
        """Kill the process: it writes no files, so nothing is lost."""
        self.process.kill()
        self.process.join()
        self.pipe.close()


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Processes started within this ignore Ctrl-C, which a terminal sends to all of them."""
    if current_thread() is not main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before or signal.SIG_DFL)


def _work(pipe: "connection.Connection[Any, Any]", load: Load) -> None:
    """The main function of a worker. Only the parent process handles Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    batches: SimpleQueue[Batch] = SimpleQueue()
    Thread(target=_listen, args=(pipe, batches), daemon=True).start()
    try:
        make = load()
        pipe.send(None)
        while True:
            pipe.send(make(batches.get()))
    except (ValueError, OSError, ModuleNotFoundError) as error:
        pipe.send(error)
    except Exception:
        pipe.send(RuntimeError(traceback.format_exc()))


def _listen(pipe: "connection.Connection[Any, Any]", batches: "SimpleQueue[Batch]") -> None:
    """Queue what the parent sends; end the process when the parent has closed the pipe or died."""
    try:
        while True:
            batches.put(pipe.recv())
    except (EOFError, OSError):
        os._exit(1)
