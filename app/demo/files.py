"""What a visitor brings and takes along: texts and books, and speech as files."""

import re
from collections.abc import Iterator
from pathlib import Path

from tts.audio import write_audio
from tts.captions.formats import CAPTION_FORMATS, TimedText
from tts.error_messages import quoted
from tts.speech import Speech
from tts.text.files.epub import read_epub
from tts.text.files.plain import decode_utf8

Part = tuple[str, str]
SPACE = re.compile(r"\s*")


def read_document(path: Path, characters: int) -> list[Part]:
    """Titles and texts of what can be spoken at once, from a file of text or a book."""
    return [part for title, text in _chapters(path) for part in _parts(title, text, characters)]


def save(speech: Speech, times: TimedText, folder: Path) -> tuple[str, str, str]:
    """A take as wav, as mp3 and as subtitles; the paths of the files."""
    wav, mp3, srt = (folder / f"speech.{ending}" for ending in ("wav", "mp3", "srt"))
    for path in (wav, mp3):
        write_audio(path, speech.audio, speech.sample_rate)
    srt.write_text(CAPTION_FORMATS[".srt"](times), encoding="utf-8", errors="replace")
    return str(wav), str(mp3), str(srt)


def _chapters(path: Path) -> list[Part]:
    match path.suffix.lower():
        case ".epub":
            return [(chapter.title, chapter.text) for chapter in read_epub(path.read_bytes())]
        case ".txt":
            return [(path.stem, decode_utf8(path.read_bytes(), path.name))]
    raise ValueError(f"expected a .txt or an .epub file, not {quoted(path.name)}")


def _parts(title: str, text: str, characters: int) -> Iterator[Part]:
    """A text in parts that are short enough."""
    text, start, number = text.strip(), 0, 1
    while len(text) - start > characters:
        stop = _cut(text, start, start + characters)
        yield f"{title}, part {number}", text[start:stop].strip()
        start, number = SPACE.match(text, stop).end(), number + 1  # type: ignore[union-attr]
    if start < len(text):
        yield title if number == 1 else f"{title}, part {number}", text[start:]


def _cut(text: str, start: int, stop: int) -> int:
    """Where a paragraph last ends in the second half, or else a line, a sentence or a word."""
    places = (text.rfind(gap, (start + stop + 1) // 2, stop) for gap in ("\n\n", "\n", ". ", " "))
    return next((place + 1 for place in places if place > start), stop)
