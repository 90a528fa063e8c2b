"""Functions that are called on a thread of their own, one after another, for whoever waits."""

from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, TypeVar

Result = TypeVar("Result")
Asked = tuple["Future[Any]", Callable[[], Any]]


class SerialExecutor:
    """Calls in the order they were asked for.

    Unlike those of an executor, the thread keeps no interpreter from its end.
    """

    def __init__(self, name: str) -> None:
        self._asked: SimpleQueue[Asked | None] = SimpleQueue()
        self._refusal: Exception | None = None
        self._thread = Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    def submit(self, function: Callable[[], Result]) -> "Future[Result]":
        """The result of a function, once it was called; it is not if the future is cancelled."""
        future: Future[Result] = Future()
        self._asked.put((future, function))
        return future

    def close(self, refusal: Exception) -> None:
        """Call nothing more, and refuse whoever waits; a call at work is waited for."""
        self._refusal = refusal
        with suppress(Empty):
            while True:
                self._call(self._asked.get_nowait())
        self._asked.put(None)
        self._thread.join()

    def _work(self) -> None:
        while asked := self._asked.get():
            self._call(asked)

    def _call(self, asked: Asked | None) -> None:
        if asked is None or not asked[0].set_running_or_notify_cancel():
            return
        future, function = asked
        try:
            if self._refusal:
                raise self._refusal
            future.set_result(function())
        except Exception as error:
            future.set_exception(error)
