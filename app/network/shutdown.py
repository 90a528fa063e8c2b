"""End a server on SIGINT or SIGTERM: gracefully if possible, and within seconds in any case.

The signal asks the server to stop. If the process still runs after `EXIT_TIMEOUT_SECONDS`, because
a thread computes or hangs, it is ended without waiting any longer.
"""

import asyncio
import faulthandler
import os
import signal
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread
from time import sleep
from types import FrameType
from typing import Any, NoReturn

SIGNALS = (signal.SIGINT, signal.SIGTERM)
CODE = 128  # plus the number of the signal is the exit code, as in shells
# Seconds; chosen by hand, so that the process ends before the 10 s after which Docker kills it
EXIT_TIMEOUT_SECONDS = 7.0  # from the signal to the end of the process
GRACE_SECONDS = 4.0  # of these, for running responses
BROKEN_OFF = 2.0  # of these, after running responses are broken off
FLUSH = 0.5  # to flush stdout and stderr
POLL = 0.2  # between looks at whether the server has ended


@contextmanager
def ending_by_signal() -> Iterator[None]:
    """Within this, SIGTERM and Ctrl-C raise SystemExit in the main thread.

    The process ends after `EXIT_TIMEOUT_SECONDS` at the latest, and at once by a second signal. If
    the interpreter itself hangs, the process ends one second later.
    """
    received: list[int] = []
    signalled = Event()

    def watch() -> None:
        signalled.wait()
        if received:
            sleep(EXIT_TIMEOUT_SECONDS)
            end(CODE + received[0])

    def receive(number: int, frame: FrameType | None) -> None:
        if received:
            end(CODE + number)
        received.append(number)
        signalled.set()
        if sys.__stderr__:
            faulthandler.dump_traceback_later(
                EXIT_TIMEOUT_SECONDS + 1, exit=True, file=sys.__stderr__
            )
        raise SystemExit(CODE + number)

    Thread(target=watch, name="shutdown", daemon=True).start()
    before = {number: signal.signal(number, receive) for number in SIGNALS}
    try:
        yield
    finally:
        if not received:
            signalled.set()
            for number, handler in before.items():
                signal.signal(number, handler)


def run_until_signal(
    run: Callable[[], object],
    stop: Callable[[], object],
    break_off: Callable[[], object] = lambda: None,
) -> None:
    """Run a server on its own thread until it ends or a signal comes, and then stop it.

    The main thread only waits, so that it receives signals whatever the server does.

    Args:
        run: runs the server; returns when it has stopped.
        stop: asks the server to stop.
        break_off: called if it has not stopped after `GRACE_SECONDS`.
    """
    errors: list[BaseException] = []
    # not `join`: a thread counts as ended after an exception interrupted that
    ended = Event()

    def serve() -> None:
        try:
            run()
        except BaseException as error:
            errors.append(error)
        finally:
            ended.set()

    with ending_by_signal():
        Thread(target=serve, name="server", daemon=True).start()
        try:
            while not ended.wait(POLL):
                pass
        finally:
            stop()
            if not ended.wait(GRACE_SECONDS):
                Thread(target=break_off, daemon=True).start()
                ended.wait(BROKEN_OFF)
    if errors:
        raise errors[0]


def run_coroutine_until_signal(main: Coroutine[Any, Any, object]) -> None:
    """Run a coroutine until it ends; a signal cancels it."""
    running: list[tuple[asyncio.AbstractEventLoop, asyncio.Task[object]]] = []

    async def run() -> None:
        task = asyncio.ensure_future(main)
        running.append((asyncio.get_running_loop(), task))
        with suppress(asyncio.CancelledError):
            await task

    def stop() -> None:
        for loop, task in running:
            with suppress(RuntimeError):  # the loop is closed
                loop.call_soon_threadsafe(task.cancel)

    run_until_signal(lambda: asyncio.run(run()), stop)


def end(code: int) -> NoReturn:
    """End the process without waiting for threads; flush the output if that works in time."""
    flushing = Thread(target=_flush, daemon=True)
    flushing.start()
    flushing.join(FLUSH)
    os._exit(code)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        if stream:
            stream.flush()
