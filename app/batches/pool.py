"""Makers at work on this machine, each in a process of its own."""

import os
import signal
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from functools import cache
from multiprocessing import connection, get_context, parent_process
from threading import Thread

from app.batches.items import Item
from app.batches.making import Made, Maker, Order

AHEAD = 3  # batches for each worker that are handed out, so that none waits for the next
DIED = "expected a worker to live through it, and two died of it; is there memory enough?"

Batch = Sequence[Item]
Handed = dict[Future[list[Made]], Batch]


def made(order: Order, batches: Iterable[Batch], workers: int) -> Iterator[Made]:
    """What becomes of items, as it becomes ready; one worker alone works in this process.

    Where a worker died, what had been handed out is made again, one item after another, so that
    it is known which of them it was.
    """
    if workers == 1:
        maker = Maker(order)
        for batch in batches:
            yield from maker(batch)
        return
    batches, handed, suspects = iter(batches), Handed(), list[Item]()
    while True:
        try:
            with _crew(workers) as crew:
                while suspects:
                    yield from _hand(crew, order, suspects[:1]).result()
                    del suspects[0]
                for batch in batches:
                    handed[_hand(crew, order, batch)] = batch
                    if len(handed) >= AHEAD * workers:
                        yield from _ready(handed)
                while handed:
                    yield from _ready(handed)
                return
        except BrokenProcessPool:
            if suspects:
                yield Made.failed(suspects.pop(0), DIED)
            suspects += [item for batch in handed.values() for item in batch]
            handed.clear()


def _crew(workers: int) -> ProcessPoolExecutor:
    # a process that is forked from one with threads may wait for them for ever
    return ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_begin)


def _begin() -> None:
    """An interruption is the parent's affair, and nobody works for a parent who is dead."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_leave_with_parent, daemon=True).start()


def _leave_with_parent() -> None:
    parent = parent_process()
    assert parent, "it has one"
    connection.wait([parent.sentinel])
    os._exit(1)


def _hand(crew: ProcessPoolExecutor, order: Order, batch: Batch) -> Future[list[Made]]:
    try:
        return crew.submit(_make, order, batch)
    except BrokenProcessPool as error:
        future: Future[list[Made]] = Future()
        future.set_exception(error)
        return future


def _ready(handed: Handed) -> Iterator[Made]:
    for future in wait(handed, return_when=FIRST_COMPLETED).done:
        yield from future.result()
        del handed[future]


@cache
def _maker(order: Order) -> Maker:
    return Maker(order)


def _make(order: Order, batch: Batch) -> list[Made]:
    return _maker(order)(batch)
