"""Worker processes that end with their parent, and whose end is an error instead of a wait."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from multiprocessing import connection
from typing import TypeVar

AHEAD = 4  # batches queued for each worker, so that none waits; chosen by hand

Item = TypeVar("Item")
Result = TypeVar("Result")


def results(
    function: Callable[[Item], Result], items: Sequence[Item], workers: int, batch: int = 1
) -> Iterator[Result]:
    """Apply a function in processes; results come as they become ready, in any order.

    Args:
        function: to apply, which can be pickled.
        items: its arguments.
        workers: processes.
        batch: how many items a process takes at once.

    Raises:
        OSError: a process was ended, as by a system without memory.
    """
    # not forked: libraries may hold locks in threads of this process
    pool = ProcessPoolExecutor(
        workers, mp_context=multiprocessing.get_context("spawn"), initializer=_attend_parent
    )
    try:
        waiting = (items[at : at + batch] for at in range(0, len(items), batch))
        running = {pool.submit(_apply, function, one) for one in islice(waiting, AHEAD * workers)}
        while running:
            ready, running = wait(running, return_when=FIRST_COMPLETED)
            for future in ready:
                yield from future.result()
            running |= {pool.submit(_apply, function, one) for one in islice(waiting, len(ready))}
    except BrokenProcessPool as error:
        raise OSError(
            "a process that reads recordings ended; check that there is enough memory, and run "
            "the command again"
        ) from error
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _apply(function: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    return [function(item) for item in items]


def _attend_parent() -> None:
    """End this worker with its parent, even one that is killed, and leave interrupts to it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    if parent := multiprocessing.parent_process():
        connection.wait([parent.sentinel])
        os._exit(1)
