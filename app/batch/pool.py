"""Makers at work on this machine, each in a process of its own."""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from . import processes
from .item import BatchItem
from .worker import JobConfig, Result, Worker


def run_workers(
    order: JobConfig, batches: Iterable[Sequence[BatchItem]], workers: int
) -> Iterator[Result]:
    """What becomes of items, as it becomes ready; one worker alone works in this process."""
    if workers == 1:
        maker = Worker(order)
        for batch in batches:
            yield from maker(batch)
        return
    job = processes.WorkerSpec(load=partial(Worker, order), fail=Result.failed)
    yield from processes.run_processes(job, batches, workers)
