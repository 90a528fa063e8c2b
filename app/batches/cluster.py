"""Makers at work as actors of Ray Data, on this machine or on a cluster.

They get items and give back what was made of them; whoever asked writes it, so a cluster needs no
disk that all of it can see. Checkpoints of one's own, though, must lie at the same place on each.
"""

import pickle
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from logging import WARNING
from typing import Any

import numpy as np
import ray
from ray.data import ActorPoolStrategy, DataContext

from app.batches.items import Item
from app.batches.making import Made, Maker, Order

LOCAL = "local"
BLOCKS = 10_000  # each is handed out, and comes back, as one

Table = dict[str, np.ndarray[Any, Any]]


class Actor:
    """A maker that takes and gives what tables can hold."""

    def __init__(self, order: Order) -> None:
        self._maker = Maker(order)

    def __call__(self, table: Table) -> Table:
        made = [one for batch in table["items"] for one in self._maker(pickle.loads(batch))]
        return {"made": np.array([pickle.dumps(one) for one in made], dtype=object)}


def made(
    order: Order, batches: Iterable[Sequence[Item]], workers: int | None, address: str
) -> Iterator[Made]:
    """What becomes of items, as it becomes ready, by so many actors: one for each core of the
    cluster, or for each GPU, if unsaid."""
    rows = [{"items": pickle.dumps(batch)} for batch in batches]
    if not rows:
        return
    with _cluster(address):
        kind = "CPU" if order.device == "cpu" else "GPU"
        size = workers or int(ray.cluster_resources().get(kind, 1))  # type: ignore[no-untyped-call]
        table = ray.data.from_items(rows, override_num_blocks=min(len(rows), BLOCKS)).map_batches(
            Actor,
            fn_constructor_args=(order,),
            compute=ActorPoolStrategy(size=size),
            batch_size=None,
            num_cpus=1,
            num_gpus=0 if kind == "CPU" else 1,
        )
        for row in table.iter_rows():
            yield pickle.loads(row["made"])


@contextmanager
def _cluster(address: str) -> Iterator[None]:
    """A connection, unless there is one; a cluster of this machine's own ends with it."""
    if ray.is_initialized():
        yield
        return
    ray.init(address, log_to_driver=False, logging_level=WARNING)
    context = DataContext.get_current()
    context.enable_progress_bars = False
    try:
        yield
    finally:
        ray.shutdown()
