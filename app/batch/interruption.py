"""Ctrl-C: once ends a run in good order, and twice ends it at once."""

import atexit
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing import active_children
from threading import current_thread, main_thread
from types import FrameType

from tts.cli.say import EXIT_INTERRUPTED

SHOW_CURSOR = b"\x1b[?25h"  # which a progress bar hides


@contextmanager
def interruptible() -> Iterator[None]:
    """A first Ctrl-C is a KeyboardInterrupt; a second, even after that, ends the process at once.

    Where somebody else sees to it, or nobody is to, all stays as it is.
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
    """All is in order: Python need not take itself apart, which takes long and in which a second
    Ctrl-C would end the process by a signal."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, OSError, ValueError):  # there may be none, or nobody listens
            stream.flush()
    os._exit(EXIT_INTERRUPTED)


def _second(number: int, frame: FrameType | None) -> None:
    """Whatever the process waits for, it is over, and so are its workers."""
    for child in active_children():
        child.kill()
    with suppress(OSError):
        if os.isatty(2):
            os.write(2, SHOW_CURSOR)
    os._exit(EXIT_INTERRUPTED)
