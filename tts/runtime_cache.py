"""A cache of runtimes that are adapted to learned voices."""

from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from threading import Lock
from weakref import WeakValueDictionary

from tts.runtime.base import Runtime

MAX_RUNTIMES = 4  # of about 24 MB of weights each; chosen by hand


class RuntimeCache:
    """The adapted runtimes that were used last; each one is made once, by one thread.

    A runtime that is in use elsewhere is found even when others were used after it.
    """

    def __init__(self, size: int = MAX_RUNTIMES) -> None:
        self._size, self._lock = size, Lock()
        # with the runtime it was made from, so that no other one gets its id
        self._made: OrderedDict[object, tuple[Runtime, Future[Runtime]]] = OrderedDict()
        self._alive: WeakValueDictionary[object, Runtime] = WeakValueDictionary()

    def get(self, key: object) -> Runtime | None:
        """The runtime with a key, if it is made."""
        return self._alive.get(key)

    def get_or_make(
        self, key: object, base: Runtime, make: Callable[[Runtime], Runtime]
    ) -> Runtime:
        """The runtime with a key; others wait while one thread makes it.

        An error is raised in all threads that wait, and the next call tries again.
        """
        with self._lock:
            mine = key not in self._made
            if mine:
                self._made[key] = base, Future()
                if alive := self._alive.get(key):
                    mine = False
                    self._made[key][1].set_result(alive)
            self._made.move_to_end(key)
            _, future = self._made[key]
            done = [other for other, (_, made) in self._made.items() if made.done()]
            for other in done[: max(0, len(self._made) - self._size)]:
                del self._made[other]
        if mine:
            try:
                made = make(base)
                with self._lock:
                    self._alive[key] = made
                future.set_result(made)
            except BaseException as error:
                with self._lock:
                    if self._made.get(key, (None, None))[1] is future:
                        del self._made[key]
                future.set_exception(error)
        return future.result()
