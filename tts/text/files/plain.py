"""The encodings of text files."""

import codecs
import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, BOM_UTF32_BE, BOM_UTF32_LE
from dataclasses import dataclass
from pathlib import Path

# The mark of UTF-32 begins with that of UTF-16, so it stands first.
MARKS = {
    BOM_UTF8: "utf-8-sig",
    BOM_UTF32_LE: "utf-32",
    BOM_UTF32_BE: "utf-32",
    BOM_UTF16_LE: "utf-16",
    BOM_UTF16_BE: "utf-16",
}
ASCII_SAMPLE = rb'<p a="1">&#38; Az+-\u0041 9</p>'  # UTF-7 and escapes read it otherwise
NOT_OF_TEXTS = ("idna", "punycode")
STRAY = re.compile("[\udc80-\udcff]")  # a byte that is not UTF-8, by "surrogateescape"
BINARY = re.compile("[\0-\x08\x0e-\x19\x1b-\x1f]")  # control characters that no text has
# Chosen by hand: a file of Windows-1252 may have a few bytes that are UTF-8 by chance, and in no
# language that it is for is every third letter beyond ASCII, as in other encodings of that size.
MAX_CHANCE_SHARE = 0.1
MAX_ACCENTED_SHARE = 1 / 3
FEW_ACCENTED = 4  # letters that say nothing about the share


@dataclass(frozen=True, slots=True)
class DecodedText:
    """A decoded text, and a note for the user where its encoding was not certain, or empty."""

    text: str
    note: str = ""


def is_path(text: str) -> bool:
    """Whether a text is the path of a file or folder that exists."""
    try:
        return bool(text) and Path(text).exists()
    except (OSError, ValueError):  # longer than a path may be, or with a null character
        return False


def decode_text(data: bytes, source: str, *, keep_stray_bytes: bool = False) -> DecodedText:
    """Decode a text: UTF-8, UTF-16 or UTF-32 by its byte order mark, UTF-8, or Windows-1252.

    Args:
        data: the bytes.
        source: the name of the file, for messages.
        keep_stray_bytes: where a few bytes of a text in UTF-8 are not, keep each as a character
            that matches `STRAY`, so that its line can be reported.

    Returns:
        The text, with a note if it is read as Windows-1252.

    Raises:
        ValueError: the encoding is another, or the text is damaged.

    Example:
        >>> decode_text(b"Caf\\xe9.", "menu.txt")
        DecodedText(text='Café.', note='menu.txt is not UTF-8; it is read as Windows-1252')
    """
    for mark, encoding in MARKS.items():
        if data.startswith(mark) and encoding != "utf-8-sig":
            return DecodedText(_marked(data, encoding, source))
    if b"\0" in data:
        raise ValueError(f"cannot read {source}: not UTF-8 (zero bytes); save it as UTF-8")
    text = data.decode("utf-8-sig", "surrogateescape")
    stray = len(STRAY.findall(text))
    if not stray:
        return DecodedText(text)
    foreign = sum(character > "\x7f" for character in text) - stray
    if foreign <= MAX_CHANCE_SHARE * stray and not data.startswith(BOM_UTF8):
        return _windows_1252(data, source)
    if keep_stray_bytes:
        return DecodedText(text)
    return DecodedText(decode_utf8(data, source))


def _marked(data: bytes, encoding: str, source: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise ValueError(
            f"cannot read {source}: not {encoding.upper()}, as its byte order mark says (byte "
            f"{error.start}); save it as UTF-8"
        ) from error


def _windows_1252(data: bytes, source: str) -> DecodedText:
    """Decode Windows-1252, unless the letters are those of no language that is written so."""
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError as error:
        text, byte = "", data[error.start]
    else:
        byte = next(byte for byte in data if byte > 0x7F)
    letters = [letter for letter in text if letter.isalpha()]
    accented = sum(letter > "\x7f" for letter in letters)
    most = max(FEW_ACCENTED, MAX_ACCENTED_SHARE * len(letters))
    if not text or BINARY.search(text) or accented > most:
        raise ValueError(
            f"cannot read {source}: neither UTF-8 nor Windows-1252 (byte {byte:#x}); save it as "
            "UTF-8"
        )
    return DecodedText(text, f"{source} is not UTF-8; it is read as Windows-1252")


def decode_named(data: bytes, encoding: str) -> str | None:
    """Decode a page in the encoding that it names in ASCII letters.

    Args:
        data: the bytes.
        encoding: the name of an encoding.

    Returns:
        The text. None if the name cannot be right: the encoding is unknown or has other bytes for
        ASCII, as UTF-16 does, the bytes are not in it, or begin with a mark of another encoding.

    Example:
        >>> decode_named(b"caf\\xe9", "iso-8859-1"), decode_named(b"cafe", "utf-16")
        ('café', None)
    """
    if data.startswith(tuple(MARKS)):
        return None
    try:
        name = codecs.lookup(encoding).name
        if name in ("ascii", "iso8859-1"):
            name = "cp1252"  # as in browsers: what Latin-1 has beyond it, no page means
        if name in NOT_OF_TEXTS or ASCII_SAMPLE.decode(name) != ASCII_SAMPLE.decode():
            return None
        return data.decode(name)
    except (LookupError, UnicodeError):
        return None


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
        byte = f"byte {error.object[error.start]:#x} at {error.start}"
        raise ValueError(f"cannot read {source}: not UTF-8 ({byte}); save it as UTF-8") from error
