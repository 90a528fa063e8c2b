"""Where a text comes from: what was typed, a file of text, or standard input."""

from collections.abc import Callable
from pathlib import Path


def read_text_argument(text: str, typed: Callable[[], bytes]) -> str:
    """The text itself; for `-` what is typed, and for a .txt file what that holds."""
    if text == "-":
        return decode_utf8(typed(), "standard input")
    if not text.lower().endswith(".txt"):
        return text
    if _is_file(text):
        return decode_utf8(Path(text).read_bytes(), text)
    if len(text.split()) == 1:
        raise FileNotFoundError(f"expected a text file at {text}, found none; check the path")
    return text


def _is_file(text: str) -> bool:
    try:
        return Path(text).is_file()
    except OSError:  # a text can be longer than any path
        return False


def decode_utf8(data: bytes, source: str) -> str:
    """Text in UTF-8, whether or not it starts with a mark that it is."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        byte = f"the byte {data[error.start]:#x} at {error.start}"
        raise ValueError(f"expected UTF-8 in {source}, not {byte}; save it as UTF-8") from error
