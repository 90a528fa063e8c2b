"""A lock on a work folder: one command at a time."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer

from tts.error_messages import naming_write_errors

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

LOCK = ".lock"


@contextmanager
def work_lock(work: Path) -> Iterator[None]:
    """Keep other commands from a work folder, which is made if it is missing.

    The system takes the lock off when the process ends, even one that is killed. On a disk without
    locks nothing is kept off. After Ctrl-C a sentence says that the command can be continued.

    Raises:
        ValueError: another command uses the folder.
        OSError: the folder cannot be written.
    """
    path = work / LOCK
    with naming_write_errors(work, path):
        work.mkdir(parents=True, exist_ok=True)
        file = path.open("ab")
    with file:
        if not _lock(file.fileno()):
            raise ValueError(
                f"{work} is in use by another command; wait for its end, or name another folder "
                "with --work"
            )
        try:
            yield
        except KeyboardInterrupt:
            typer.echo("stopped; the same command continues", err=True)
            raise


def _lock(handle: int) -> bool:
    """Lock a file; false if another process has."""
    try:
        if sys.platform == "win32":
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:
        return True  # a disk without locks
    return True
