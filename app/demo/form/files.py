"""Files of the page: uploads of texts and books, downloads of speech."""

from pathlib import Path

from tts.captions.formats import CAPTION_FORMATS, TimedText
from tts.speech import Speech
from tts.text.files.book import DEFAULT_BOOK_OPTIONS, Chapter
from tts.text.files.passages import split_at_paragraphs
from tts.text.files.read_book import read_book

Part = tuple[str, str]
PACKED = (".epub", ".docx", ".pdf")  # may have pictures, and limits of their own


def read_document(path: Path, characters: int) -> list[Part]:
    """Read a text, a document or a book into titled parts.

    Args:
        path: a file whose suffix is one of `tts.text.files.read_book.BOOK_SUFFIXES`.
        characters: most characters of a part; longer chapters are split at paragraphs.

    Returns:
        A title and a text for each part, without those that are not read by default, such as a
        copyright page.

    Raises:
        ValueError: it cannot be read, has no text or another suffix, or needs an extra.
    """
    try:
        book = read_book(path, DEFAULT_BOOK_OPTIONS)
    except ModuleNotFoundError as error:  # it names the extra
        raise ValueError(str(error)) from None
    spoken = [one for one in book.chapters if one.text]
    chapters = [one for one in spoken if not one.matter] or spoken
    return [part for one in chapters for part in _parts(one, characters)]


def check_size(path: Path, most: int) -> None:
    """Check that a file without pictures has at most so many bytes.

    Raises:
        ValueError: it has more.
    """
    if path.suffix.lower() not in PACKED and (size := path.stat().st_size) > most:
        raise ValueError(
            f"a {path.suffix.lower()} file may have at most {most / 1e6:g} MB, got "
            f"{size / 1e6:.1f} MB; open it in parts"
        )


def save(speech: Speech, times: TimedText, folder: Path) -> tuple[str, str, str]:
    """Write a take as wav, mp3 and srt into a folder, and return the paths in this order."""
    wav, mp3, srt = (folder / f"speech.{ending}" for ending in ("wav", "mp3", "srt"))
    for path in (wav, mp3):
        speech.save(path)
    srt.write_bytes(CAPTION_FORMATS["srt"].encode(times))
    return str(wav), str(mp3), str(srt)


def _parts(chapter: Chapter, characters: int) -> list[Part]:
    """The parts of a chapter; they are numbered if there are several."""
    texts = list(filter(None, split_at_paragraphs(chapter.text, characters)))
    if len(texts) == 1:
        return [(chapter.title, texts[0])]
    return [(f"{chapter.title}, part {number}", text) for number, text in enumerate(texts, 1)]
