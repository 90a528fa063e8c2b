"""Parts of error messages: excerpts of values, and system errors as sentences."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from reprlib import Repr

MAX_EXCERPT_CHARACTERS = 40
MORE = "..."
# What to do, where the reason does not say it.
REMEDIES = {
    errno.EROFS: "choose a path on another disk",
    errno.EEXIST: "choose another path, or delete it",
    errno.EMFILE: "raise the limit with ulimit -n",
    errno.EADDRINUSE: "choose another port",
}
DISK_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class _ShortRepr(Repr):
    def __init__(self) -> None:
        super().__init__()
        self.maxlevel, self.maxstring, self.maxother, self.maxlong = 3, 60, 60, 30


_SHORT_REPR = _ShortRepr()


def excerpt(given: object) -> str:
    """The first 40 characters of a value, with three dots where there are more."""
    text = str(given)
    if len(text) <= MAX_EXCERPT_CHARACTERS:
        return text
    return text[: MAX_EXCERPT_CHARACTERS - len(MORE)] + MORE


def quoted(given: object) -> str:
    """An excerpt of a value in quotes.

    Args:
        given: a text, or anything with a useful `str`.

    Returns:
        At most 40 of its characters between quotes; unprintable characters are escaped.

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
    """An error of the system as one sentence.

    Args:
        error: with a number, as the system raises it; or with a sentence and no number, as this
            package does.

    Returns:
        The file, the reason and what to do where it is not obvious; the sentence of an error
        without a number as it is.

    Example:
        >>> explain_os_error(OSError(21, "Is a directory", "speech.wav"))
        'cannot use speech.wav: is a directory'
    """
    if error.errno is None or not error.strerror:
        return str(error)
    about = [str(name) for name in (error.filename, error.filename2) if name not in (None, "")]
    what = f"cannot use {' and '.join(about)}: " if about else ""
    return what + _reason_and_remedy(error)


@contextmanager
def naming_write_errors(path: Path | str, partial: Path | None = None) -> Iterator[None]:
    """Make errors about a full disk, or about the partial file, name the file to be written.

    Args:
        path: the file to be written.
        partial: the temporary file that is written in its place.

    Raises:
        OSError: `cannot write PATH: REASON`.
    """
    try:
        yield
    except OSError as error:
        full = error.errno in DISK_FULL
        if not full and (partial is None or str(error.filename) != str(partial)):
            raise
        raise write_error(path, _reason_and_remedy(error)) from error


@contextmanager
def naming_read_errors(path: Path | str) -> Iterator[None]:
    """Make errors of reading a file name it.

    Raises:
        OSError: `cannot read PATH: REASON`, of the type of the system's error.
    """
    try:
        yield
    except OSError as error:
        raise type(error)(f"cannot read {path}: {_reason_and_remedy(error)}") from error


def write_error(path: Path | str, reason: str) -> OSError:
    """The error of a file that cannot be written."""
    return OSError(f"cannot write {path}: {reason}")


def _reason_and_remedy(error: OSError) -> str:
    remedy = REMEDIES.get(error.errno or 0)
    return "; ".join(filter(None, (os_error_reason(error), remedy)))


def os_error_reason(error: OSError) -> str:
    """The reason that the system gives, in lower case and without a full stop."""
    reason = str(error.strerror or error)
    return f"{reason[:1].lower()}{reason[1:]}".rstrip(".")
