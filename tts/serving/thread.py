"""An executor with one daemon thread."""

from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, TypeVar

Result = TypeVar("Result")
Asked = tuple["Future[Any]", Callable[[], Any]]


class SerialExecutor:
    """Calls functions one after another on a thread of its own.

    Unlike the threads of `ThreadPoolExecutor`, this one does not keep the interpreter from ending.

    Args:
        name: name of the thread.
    """

    def __init__(self, name: str) -> None:
        self._asked: SimpleQueue[Asked | None] = SimpleQueue()
        self._refusal: Exception | None = None
        self._thread = Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    def submit(self, function: Callable[[], Result]) -> "Future[Result]":
        """Queue a function; it is not called if its future is cancelled before its turn.

        Returns:
            A future of the function's result.
        """
        future: Future[Result] = Future()
        self._asked.put((future, function))
        return future

    def close(self, refusal: Exception) -> None:
        """Fail all queued calls with an error, and wait for the call that is running."""
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
