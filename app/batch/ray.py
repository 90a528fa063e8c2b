"""Makers at work as actors of Ray Data, on this machine or on a cluster.

They get items and give back what was made of them; whoever asked writes it, so a cluster needs no
disk that all of it can see. Checkpoints of one's own, though, must lie at the same place on each.
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

BLOCKS = 10_000  # each is handed out, and comes back, as one
ANSWER_TIMEOUT_SECONDS = 10.0  # to answer in
NO_LIMIT, ONCE_MORE = -1, 1

Table = dict[str, NDArray[np.object_]]
Batches = Iterable[Sequence[BatchItem]]


class Actor:
    """A maker that takes and gives what tables can hold."""

    def __init__(self, order: JobConfig) -> None:
        self._maker = Worker(order)

    def __call__(self, table: Table) -> Table:
        made = [one for batch in table["items"] for one in self._maker(pickle.loads(batch))]
        return {"made": np.array([pickle.dumps(one) for one in made], dtype=object)}


def run_on_ray(
    order: JobConfig, batches: Batches, workers: int | None, address: str
) -> Iterator[Result]:
    """What becomes of items, as it becomes ready, by so many actors: one for each core of the
    cluster, or for each GPU, if unsaid.

    What actors died of is made again, one item after another, so that it is known which of them
    it was.
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
    """What becomes of items; in the end, those that nothing became of."""
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
        # what waits for an actor that dies would be tried as often as what it died of
        compute=ActorPoolStrategy(size=size, max_tasks_in_flight_per_actor=1),
        batch_size=None,
        num_cpus=1,
        num_gpus=0 if kind == "CPU" else 1,
        max_task_retries=ONCE_MORE,
    )


@contextmanager
def _cluster(address: str) -> Iterator[None]:
    """A connection, unless there is one; a cluster of this machine's own ends with it."""
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
    """Ray itself would go on asking for minutes."""
    _, _, place = address.rpartition("/")
    host, _, port = place.rpartition(":")
    if not host:
        return  # `local` and `auto` are names of clusters that Ray finds, or says that it does not
    try:
        socket.create_connection((host, int(port)), timeout=ANSWER_TIMEOUT_SECONDS).close()
    except (OSError, ValueError) as error:
        raise ValueError(
            f"expected a Ray cluster at {address}, and nobody answers; start one, or use local"
        ) from error


def _hush() -> None:
    """Ray Data tells its file of how it gets on, and not the terminal, where we do."""
    for handler in logging.getLogger("ray.data").handlers:
        if isinstance(handler, logging.StreamHandler):
            handler.setLevel(logging.CRITICAL)
