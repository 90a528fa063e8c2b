"""The index of recordings by the names that transcripts give them."""

import unicodedata
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from .sound_files import SOUND_SUFFIXES

ENDINGS = (".normalized.txt", ".original.txt", ".trans.txt")


class SoundIndex:
    """Finds recordings by paths or names, in any case and with or without their ending."""

    def __init__(self, sounds: Iterable[Path]) -> None:
        self._by_name: dict[str, list[Path]] = {}
        for path in sounds:
            for name in {folded(path.name), stem_of(path.name)}:
                self._by_name.setdefault(name, []).append(path)

    def find(self, name: str, folder: Path) -> Path | None:
        """The recording of a name in a transcript of a folder; None if there is none, or several.

        Args:
            name: a path from the folder, an absolute path, or the end of one, with or without the
                ending; the ending may be another.
            folder: of the transcript.
        """
        given = PurePosixPath(name.strip().replace("\\", "/"))
        if not given.name or "\0" in name:
            return None
        parts = [folded(part) for part in given.parts if part not in (".", "..", "/")]
        known = self._by_name.get(parts[-1], []) if parts else []
        if not known and parts and given.suffix.lower() in SOUND_SUFFIXES:
            known = self._by_name.get(stem_of(given.name), [])
        if known:
            return _nearest(known, parts[:-1], folder)
        direct = folder / given
        return direct if given.suffix and _is_file(direct) else None

    def beside(self, text: Path) -> Path | None:
        """The recording of the name of a text or of subtitles, in its folder or another.

        An ending for the language, as in `talk.en.srt`, is left out where need be.
        """
        stem = stem_of(text.name)
        for name in (stem, stem.rpartition(".")[0]):
            if name and (known := self._by_name.get(name)):
                return _nearest(known, [], text.parent)
        return None


def _nearest(known: list[Path], folders: list[str], folder: Path) -> Path | None:
    """The path with the most of the folders of a name, then the one nearest to a folder."""

    def rank(path: Path) -> tuple[int, bool, bool]:
        return (
            _shared(folders, [folded(part) for part in path.parent.parts]),
            path.parent == folder,
            path.is_relative_to(folder),
        )

    best = max(map(rank, known))
    nearest = [path for path in known if rank(path) == best]
    return nearest[0] if len(nearest) == 1 else None


def _shared(first: list[str], second: list[str]) -> int:
    """How many parts at the ends of two paths are the same."""
    count = 0
    while count < min(len(first), len(second)) and first[-1 - count] == second[-1 - count]:
        count += 1
    return count


def folded(name: str) -> str:
    """A name for comparison: composed Unicode, in lower case."""
    return unicodedata.normalize("NFC", name).casefold()


def stem_of(name: str) -> str:
    """The folded name of a file without its ending."""
    name = folded(name)
    for ending in ENDINGS:
        if name.endswith(ending):
            return name[: -len(ending)]
    return str(PurePosixPath(name).with_suffix("")) if name else ""


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name that is too long
        return False
