"""The parts of error messages: excerpts of what was given, and system errors as sentences."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from reprlib import Repr

MAX_EXCERPT_CHARACTERS = 40
MORE = "..."
CHECK_PATH, MAKE_ROOM = "check the path", "make room, and try again"
NO_PERMISSION = "choose one that you may use"
OTHER_ERROR = "mend that or choose another, and try again"
REMEDIES = {
    errno.ENOENT: CHECK_PATH,
    errno.ENOTDIR: CHECK_PATH,
    errno.EACCES: NO_PERMISSION,
    errno.EPERM: NO_PERMISSION,
    errno.EROFS: "choose one on another disk",
    errno.EISDIR: "name a file",
    errno.EEXIST: "name another, or delete it first",
    errno.ENAMETOOLONG: "choose a shorter name",
    errno.ELOOP: "name what the links are to point to",
    errno.ENOSPC: MAKE_ROOM,
    errno.EDQUOT: MAKE_ROOM,
    errno.EMFILE: "raise the limit with ulimit -n, and try again",
    errno.EADDRINUSE: "choose another port",
}
DISK_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class _ShortRepr(Repr):
    def __init__(self) -> None:
        super().__init__()
        self.maxlevel, self.maxstring, self.maxother, self.maxlong = 3, 60, 60, 30


_SHORT_REPR = _ShortRepr()


def excerpt(given: object) -> str:
    """The first 40 characters of what was given; three dots tell that there is more."""
    text = str(given)
    if len(text) <= MAX_EXCERPT_CHARACTERS:
        return text
    return text[: MAX_EXCERPT_CHARACTERS - len(MORE)] + MORE


def quoted(given: object) -> str:
    """An excerpt of what was given, in quotes.

    Args:
        given: a text, or anything whose `str` says what it is.

    Returns:
        At most 40 of its characters between quotes; what cannot be printed is escaped.

    Example:
        >>> quoted("x" * 100)
        "'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...'"
    """
    return repr(excerpt(given))


def short_repr(value: object) -> str:
    """The `repr` of a parsed value in one line, quickly even where the value is long or deep."""
    return _SHORT_REPR.repr(value)


def short_text(value: object) -> str:
    """A value as `short_repr` has it; a text without its quotes."""
    return short_repr(value)[1:-1] if isinstance(value, str) else short_repr(value)


def explain_os_error(error: OSError) -> str:
    """Say what an error is about, what is wrong and what to do.

    Args:
        error: of the system, with a number; or of ours, with a sentence and no number.

    Returns:
        One sentence; that of an error of ours as it is.

    Example:
        >>> explain_os_error(OSError(21, "Is a directory", "speech.wav"))
        'cannot use speech.wav: is a directory; name a file'
    """
    if error.errno is None or not error.strerror:
        return str(error)
    about = [str(name) for name in (error.filename, error.filename2) if name not in (None, "")]
    what = f"cannot use {' and '.join(about)}" if about else "cannot go on"
    return f"{what}: {os_error_reason(error)}; {REMEDIES.get(error.errno, OTHER_ERROR)}"


@contextmanager
def naming_write_errors(path: Path | str, partial: Path | None = None) -> Iterator[None]:
    """Make errors about a full disk, or about the partial file, name the file to be written."""
    try:
        yield
    except OSError as error:
        full = error.errno in DISK_FULL
        if not full and (partial is None or str(error.filename) != str(partial)):
            raise
        remedy = MAKE_ROOM if full else "name another place"
        raise write_error(path, os_error_reason(error), remedy) from error


def write_error(path: Path | str, reason: str, remedy: str) -> OSError:
    """The error of a file that cannot be written."""
    return OSError(f"expected to write {path}, but {reason}; {remedy}")


def os_error_reason(error: OSError) -> str:
    """The reason the system gives, as a part of a sentence."""
    reason = str(error.strerror or error)
    return f"{reason[:1].lower()}{reason[1:]}".rstrip(".")
