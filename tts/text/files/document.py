"""A file as chapters of text, by its ending."""

from pathlib import Path

from tts.error_messages import quoted
from tts.text.files.epub import Chapter, read_epub
from tts.text.files.plain import decode_utf8


def read_chapters(path: Path) -> list[Chapter]:
    """The chapters of a book, or all of a file of text as one, named as the file is.

    Raises:
        ValueError: if it is neither, or is damaged, or is not in UTF-8.
    """
    match path.suffix.lower():
        case ".epub":
            return read_epub(path.read_bytes())
        case ".txt":
            return [Chapter(path.stem, decode_utf8(path.read_bytes(), path.name))]
    raise ValueError(f"expected a .txt or an .epub file, not {quoted(path.name)}")
