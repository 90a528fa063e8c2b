"""The sources of a text on the command line: the argument, a text file, or standard input."""

from collections.abc import Callable
from pathlib import Path

from tts.error_messages import naming_read_errors


def read_text_argument(text: str, typed: Callable[[], bytes]) -> str:
    """The text of a command-line argument.

    Args:
        text: a text, `-` for standard input, or the path of a `.txt` file.
        typed: reads standard input.

    Returns:
        The text, or the contents of standard input or of the file.

    Raises:
        FileNotFoundError: it is a path that ends in `.txt`, and there is no such file.
        OSError: the file cannot be read.
        ValueError: the input is not in UTF-8.
    """
    if text == "-":
        return decode_utf8(typed(), "standard input")
    if not text.lower().endswith(".txt"):
        return text
    if is_path(text) and Path(text).is_file():
        with naming_read_errors(text):
            data = Path(text).read_bytes()
        return decode_utf8(data, text)
    if len(text.split()) == 1:
        raise FileNotFoundError(f"no such file: {text}")
    return text


def is_path(text: str) -> bool:
    """Whether a text is the path of a file or folder that exists."""
    try:
        return bool(text) and Path(text).exists()
    except (OSError, ValueError):  # longer than a path may be, or with a null character
        return False


def decode_utf8(data: bytes, source: str) -> str:
    """Decode UTF-8, with or without a byte order mark.

    Args:
        data: the bytes.
        source: the name of the file, for the message.

    Raises:
        ValueError: the bytes are not UTF-8; the message names the source and the first wrong byte.

    Example:
        >>> decode_utf8(b"Hello.", "hello.txt")
        'Hello.'
    """
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        byte = f"byte {data[error.start]:#x} at {error.start}"
        raise ValueError(f"cannot read {source}: not UTF-8 ({byte}); save it as UTF-8") from error
