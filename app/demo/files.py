"""Files of the page: uploads of texts and books, downloads of speech."""

from pathlib import Path

from tts.captions.formats import CAPTION_FORMATS, TimedText
from tts.speech import Speech
from tts.text.files.book import Chapter
from tts.text.files.document import read_chapters
from tts.text.files.passages import split_at_paragraphs

Part = tuple[str, str]


def read_document(path: Path, characters: int) -> list[Part]:
    """Read a .txt or .epub file into titled parts.

    Args:
        path: the file.
        characters: most characters of a part; longer chapters are split at paragraphs.

    Returns:
        A title and a text for each part.

    Raises:
        ValueError: it cannot be read, or has another suffix.
    """
    return [part for one in read_chapters(path) for part in _parts(one, characters)]


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
