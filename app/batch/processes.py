"""A crew: processes of this machine that each make items, and go on when some of them die."""

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

AHEAD = 3  # batches that are handed to each worker, so that none waits for the next
TRIES = 3  # workers that may die of an item alone, or before they are ready
DIED = (
    "expected a worker to live through it, and each died that had nothing else to make; "
    "is there memory enough?"
)
NEVER_READY = (
    "expected workers to make items, and each died before it was ready; is there memory enough? "
    "ask for fewer with --workers"
)

ResultT = TypeVar("ResultT")
Batch = Sequence[BatchItem]
Make = Callable[[Batch], list[ResultT]]
Load = Callable[[], Make[Any]]


@dataclass(frozen=True, kw_only=True)
class WorkerSpec(Generic[ResultT]):
    """What workers do.

    Args:
        load: gives what makes a batch; each worker gets it as a pickle and calls it once.
        fail: gives what becomes of an item that no worker can make, and why.
    """

    load: Callable[[], Make[ResultT]]
    fail: Callable[[BatchItem, str], ResultT]


def run_processes(
    job: WorkerSpec[ResultT], batches: Iterable[Batch], workers: int
) -> Iterator[ResultT]:
    """What becomes of items, as it becomes ready.

    When a worker dies, what it had been handed is made again. The items that it was making are
    made alone then, each by a worker that has nothing else. Only an item that worker after worker
    dies of when they have nothing else is failed.

    Raises:
        ValueError: no worker lives until it is ready.
    """
    crew = _Crew(job, batches)
    try:
        crew.start(workers)
        yield from crew.made()
    finally:
        crew.leave()


class _Crew(Generic[ResultT]):
    """Workers, and who makes what: first what one has died of, alone, then all that is left."""

    def __init__(self, job: WorkerSpec[ResultT], batches: Iterable[Batch]) -> None:
        self._job, self._batches = job, iter(batches)
        self._again: deque[Batch] = deque()
        self._suspects: deque[BatchItem] = deque()
        self._died: dict[str, int] = {}
        self._workers: list[_Worker] = []

    def start(self, workers: int) -> None:
        """So many workers, but no more than there are batches."""
        self._again.extend(islice(self._batches, workers))
        for _ in range(len(self._again)):
            self._workers.append(_Worker(self._job.load))

    def made(self) -> Iterator[ResultT]:
        """What becomes of all items."""
        while self._left():
            for worker in self._workers:
                self._hand(worker)
            ready = connection.wait([one.pipe for one in self._workers])
            for worker in [one for one in self._workers if one.pipe in ready]:
                yield from self._answer(worker)

    def leave(self) -> None:
        """Nobody works any more."""
        for worker in self._workers:
            worker.kill()

    def _left(self) -> bool:
        """Whether anything is to be made, or is being made."""
        if not self._again:
            self._again.extend(islice(self._batches, 1))
        return bool(self._again or self._suspects or any(one.handed for one in self._workers))

    def _hand(self, worker: "_Worker") -> None:
        """A suspect alone, or batches until there are enough for a while."""
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
        """What a worker has made, if it is alive."""
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
        """Another takes the place of a worker that died; what that one was making is suspected."""
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
    """A process that makes batches in the order in which they are handed to it.

    It is `ready` when it has loaded its models, `alone` when it has one item and nothing else, and
    the last of so many `tries` to put one in this place that were not ready.
    """

    def __init__(self, load: Load, tries: int = 1) -> None:
        self.tries, self.ready, self.alone = tries, False, False
        self.handed: deque[Batch] = deque()
        # a process that is forked from one with threads may wait for them for ever
        context = get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=_work, args=(theirs, load), daemon=True)
        with _uninterrupted():
            self.process.start()
        theirs.close()

    def hand(self, batch: Batch, *, alone: bool = False) -> None:
        self.handed.append(batch)
        self.alone = alone
        with suppress(OSError):  # it is dead, as the next look at its pipe will show
            self.pipe.send(batch)

    def kill(self) -> None:
        """It has no files of its own to lose."""
        self.process.kill()
        self.process.join()
        self.pipe.close()


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """What is started meanwhile ignores Ctrl-C, which reaches all processes of a terminal."""
    if current_thread() is not main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before or signal.SIG_DFL)


def _work(pipe: "connection.Connection[Any, Any]", load: Load) -> None:
    """The life of a worker. An interruption is the parent's affair."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    batches: SimpleQueue[Batch] = SimpleQueue()
    Thread(target=_listen, args=(pipe, batches), daemon=True).start()
    try:
        make = load()
        pipe.send(None)
        while True:
            pipe.send(make(batches.get()))
    except (ValueError, ModuleNotFoundError) as error:
        pipe.send(error)
    except Exception:
        pipe.send(RuntimeError(traceback.format_exc()))


def _listen(pipe: "connection.Connection[Any, Any]", batches: "SimpleQueue[Batch]") -> None:
    """Nobody works for a parent who is dead, or who listens no more."""
    try:
        while True:
            batches.put(pipe.recv())
    except (EOFError, OSError):
        os._exit(1)
