"""Workers as actors of Ray Data, on this machine or on a cluster.

Actors receive items and return the finished files; the calling process writes them, so a cluster
needs no shared disk. Only your own checkpoints and voice files must be at the same path on every
node.
"""

import logging
import pickle
import socket
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import ray
from numpy.typing import NDArray
from ray.data import ActorPoolStrategy, DataContext, Dataset

from .item import BatchItem
from .processes import DIED
from .worker import JobConfig, Result, Worker

BLOCKS = 10_000  # most blocks of a Ray dataset, which bounds its bookkeeping; chosen by hand
ANSWER_TIMEOUT_SECONDS = 10.0  # to connect to the cluster; chosen by hand
NO_LIMIT, ONCE_MORE = -1, 1

Table = dict[str, NDArray[np.object_]]
Batches = Iterable[Sequence[BatchItem]]


class Actor:
    """A worker whose items and results are pickled into columns of a table."""

    def __init__(self, order: JobConfig) -> None:
        self._maker = Worker(order)

    def __call__(self, table: Table) -> Table:
        made = [one for batch in table["items"] for one in self._maker(pickle.loads(batch))]
        return {"made": np.array([pickle.dumps(one) for one in made], dtype=object)}


def run_on_ray(
    order: JobConfig, batches: Batches, workers: int | None, address: str
) -> Iterator[Result]:
    """Make items on a Ray cluster, and yield results as they are ready.

    Batches whose actor died are tried once more, one item at a time; an item whose actor dies
    again fails.

    Args:
        order: how to make items.
        batches: items, grouped as they are to be made.
        workers: actors; None for one per core of the cluster, or per GPU.
        address: of the cluster; `local` starts one on this machine.

    Raises:
        ValueError: no cluster answers at the address.
    """
    batches = list(batches)
    if not batches:
        return
    with _cluster(address):
        lost = yield from _tried(order, batches, workers)
        hopeless = yield from _tried(order, [[item] for item in lost], workers)
        for item in hopeless:
            yield Result.failed(item, DIED)


def _tried(
    order: JobConfig, batches: Sequence[Sequence[BatchItem]], workers: int | None
) -> Generator[Result, None, list[BatchItem]]:
    """Yield the results of items; return the items that have none."""
    left = {item.id: item for batch in batches for item in batch}
    if left:
        for row in _table(order, batches, workers).iter_rows():
            one: Result = pickle.loads(row["made"])
            del left[one.row["id"]]
            yield one
    return list(left.values())


def _table(
    order: JobConfig, batches: Sequence[Sequence[BatchItem]], workers: int | None
) -> Dataset:
    kind = "CPU" if order.device == "cpu" else "GPU"
    size = workers or int(ray.cluster_resources().get(kind, 1))  # type: ignore[no-untyped-call]
    rows = [{"items": pickle.dumps(batch)} for batch in batches]
    return ray.data.from_items(rows, override_num_blocks=min(len(rows), BLOCKS)).map_batches(
        Actor,
        fn_constructor_args=(order,),
        # a batch queued behind one that kills its actor would lose a try as well
        compute=ActorPoolStrategy(size=size, max_tasks_in_flight_per_actor=1),
        batch_size=None,
        num_cpus=1,
        num_gpus=0 if kind == "CPU" else 1,
        max_task_retries=ONCE_MORE,
    )


@contextmanager
def _cluster(address: str) -> Iterator[None]:
    """Connect to Ray unless it is connected already; a local cluster ends with this."""
    if ray.is_initialized():
        yield
        return
    _knock(address)
    ray.init(address, log_to_driver=False, logging_level=logging.WARNING)
    context = DataContext.get_current()
    context.enable_progress_bars = False
    context.max_errored_blocks = NO_LIMIT
    _hush()
    try:
        yield
    finally:
        ray.shutdown()


def _knock(address: str) -> None:
    """Check that something listens at the address: Ray itself would retry for minutes."""
    _, _, place = address.rpartition("/")
    host, _, port = place.rpartition(":")
    if not host:
        return  # `local` and `auto`: Ray finds these itself, or reports that it cannot
    try:
        socket.create_connection((host, int(port)), timeout=ANSWER_TIMEOUT_SECONDS).close()
    except (OSError, ValueError) as error:
        raise ValueError(f"no Ray cluster answers at {address}; start one, or use local") from error


def _hush() -> None:
    """Keep Ray Data's progress messages off the terminal; they still go to its log file."""
    for handler in logging.getLogger("ray.data").handlers:
        if isinstance(handler, logging.StreamHandler):
            handler.setLevel(logging.CRITICAL)
