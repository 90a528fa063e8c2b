"""Ctrl-C during a batch: the first ends the run cleanly, the second ends the process at once."""

import atexit
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing import active_children
from threading import current_thread, main_thread
from types import FrameType

from tts.cli.entry import EXIT_INTERRUPTED

SHOW_CURSOR = b"\x1b[?25h"  # the progress bar hides the cursor


@contextmanager
def interruptible() -> Iterator[None]:
    """Make a first Ctrl-C raise KeyboardInterrupt and a second one end the process at once.

    Outside the main thread, or where SIGINT already has another handler, nothing changes.
    """
    ours = current_thread() is main_thread()
    if not ours or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return
    signal.signal(signal.SIGINT, _first)
    try:
        yield
    finally:
        if signal.getsignal(signal.SIGINT) is _first:
            signal.signal(signal.SIGINT, signal.default_int_handler)


def _first(number: int, frame: FrameType | None) -> None:
    signal.signal(signal.SIGINT, _second)
    atexit.register(_end)
    raise KeyboardInterrupt


def _end() -> None:
    """Exit without Python's shutdown: it is slow, and a second Ctrl-C in it would kill the process
    by a signal instead of the exit code."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, OSError, ValueError):  # it may be missing, or closed
            stream.flush()
    os._exit(EXIT_INTERRUPTED)


def _second(number: int, frame: FrameType | None) -> None:
    """Kill the workers and end the process."""
    for child in active_children():
        child.kill()
    with suppress(OSError):
        if os.isatty(2):
            os.write(2, SHOW_CURSOR)
    os._exit(EXIT_INTERRUPTED)
