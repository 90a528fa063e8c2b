"""What a visitor brings and takes along: texts and books, and speech as files."""

from collections.abc import Iterator
from pathlib import Path

from app.takes import Take
from tts.audio import write
from tts.subtitles import FORMATS
from tts.text.epub import chapters
from tts.text.source import decode

Part = tuple[str, str]


def parts(path: Path, characters: int) -> list[Part]:
    """Titles and texts of what can be spoken at once, from a file of text or a book."""
    return [part for title, text in _chapters(path) for part in _parts(title, text, characters)]


def save(take: Take, folder: Path) -> tuple[str, str, str]:
    """A take as wav, as mp3 and as subtitles; the paths of the files."""
    speech = take.speech()
    wav, mp3, srt = (folder / f"speech.{ending}" for ending in ("wav", "mp3", "srt"))
    for path in (wav, mp3):
        write(path, speech.audio, speech.sample_rate)
    srt.write_text(FORMATS[".srt"](take.times()), encoding="utf-8", errors="replace")
    return str(wav), str(mp3), str(srt)


def _chapters(path: Path) -> list[Part]:
    match path.suffix.lower():
        case ".epub":
            return [(chapter.title, chapter.text) for chapter in chapters(path.read_bytes())]
        case ".txt":
            return [(path.stem, decode(path.read_bytes(), path.name))]
    raise ValueError(f"expected a .txt or an .epub file, not {path.name!r}")


def _parts(title: str, text: str, characters: int) -> Iterator[Part]:
    """A text cut where it has paragraphs, or else lines, or else spaces, each part short enough."""
    cut, number = text.strip(), 1
    while len(cut) > characters:
        places = (cut.rfind(gap, 1, characters) for gap in ("\n\n", "\n", ". ", " "))
        place = next((place + 1 for place in places if place > 0), characters)
        yield f"{title}, part {number}", cut[:place].strip()
        cut, number = cut[place:].strip(), number + 1
    if cut:
        yield title if number == 1 else f"{title}, part {number}", cut
