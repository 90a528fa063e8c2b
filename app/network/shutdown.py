"""How a server ends when it is told to: in its own time, but within seconds, whatever it does.

A signal asks the server to stop. If the process is still there after a while, because a thread
is at work or cannot be reached, it is ended without waiting for anything more.
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
CODE = 128  # and the number of the signal: the exit code, as shells have it
EXIT_TIMEOUT_SECONDS = 7.0  # from a signal to the end of the process
GRACE_SECONDS = (
    4.0  # seconds of these for a server to finish what it is at, and then to break it off
)
BROKEN_OFF = 2.0
FLUSH = 0.5  # seconds to write what was printed
POLL = 0.2


@contextmanager
def ending_by_signal() -> Iterator[None]:
    """Within this, SIGTERM and Ctrl-C raise SystemExit in the main thread.

    The process ends SECONDS later at the latest, and at once by a second signal. If even its
    interpreter is stuck, it ends a second after that.
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
    """Run a server on a thread of its own until it ends, or until a signal, and then stop it.

    What it is still at after a while is broken off. The main thread only waits, and so a signal is
    received whatever the server does.
    """
    errors: list[BaseException] = []
    ended = Event()  # a thread that is waited for by `join` counts as ended after an exception

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
    """The same for a coroutine, which is cancelled."""
    running: list[tuple[asyncio.AbstractEventLoop, asyncio.Task[object]]] = []

    async def run() -> None:
        task = asyncio.ensure_future(main)
        running.append((asyncio.get_running_loop(), task))
        with suppress(asyncio.CancelledError):
            await task

    def stop() -> None:
        for loop, task in running:
            with suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(task.cancel)

    run_until_signal(lambda: asyncio.run(run()), stop)


def end(code: int) -> NoReturn:
    """End the process now, and wait for no thread; what was printed is written if it can be."""
    flushing = Thread(target=_flush, daemon=True)
    flushing.start()
    flushing.join(FLUSH)
    os._exit(code)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        if stream:
            stream.flush()
