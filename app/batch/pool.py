"""Makers at work on this machine, each in a process of its own."""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from . import processes
from .item import Item
from .worker import Made, Maker, Order


def made(order: Order, batches: Iterable[Sequence[Item]], workers: int) -> Iterator[Made]:
    """What becomes of items, as it becomes ready; one worker alone works in this process."""
    if workers == 1:
        maker = Maker(order)
        for batch in batches:
            yield from maker(batch)
        return
    job = processes.Job(load=partial(Maker, order), fail=Made.failed)
    yield from processes.made(job, batches, workers)
