"""Transcripts of recordings: which file holds which text, in the layouts that are in use."""

import os
import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tts.error_messages import naming_read_errors, quoted

from .sound_files import LOSSLESS, SOUND_SUFFIXES
from .sound_index import SoundIndex, folded, stem_of
from .transcript_cues import join_cues, read_cues
from .transcript_tables import (
    Knows,
    Row,
    TableFault,
    TableRow,
    read_json_lines,
    read_kaldi,
    read_list,
    read_table,
)

TABLES, JSON, CUES = (".csv", ".tsv", ".psv"), (".jsonl", ".ndjson", ".json"), (".srt", ".vtt")
TEXTS = (".txt", ".lab", ".normalized.txt", ".original.txt")  # of one recording; first wins
REJECTED = "invalidated.tsv"  # of Common Voice: recordings that were voted down
ABOUT = ("readme", "license", "licence", "copying", "notice", "changelog")
HTK_LABEL = re.compile(r"\d+\s+\d+\s+\S+")
MAX_FOREIGN_SHARE = 0.5  # of letters outside of ASCII, in an English text; chosen by hand
MAX_TRANSCRIPT_BYTES = 2**28
# Of words in English prose about one in four is among these; in other languages, hardly any.
COMMON_WORDS = frozenset({
    "and", "are", "but", "for", "had", "have", "he", "his", "in", "is", "it", "not", "of", "on",
    "she", "that", "the", "they", "this", "to", "was", "with", "you",
})  # fmt: skip
MIN_COMMON_SHARE = 0.06  # chosen by hand
MIN_WORDS, MIN_SENTENCE_WORDS = 100, 4  # fewer, or single words, say nothing of the language


@dataclass(frozen=True, kw_only=True, slots=True)
class Utterance:
    """A recording, or a part of one, and its text.

    Args:
        audio: the recording.
        text: its text as it is written; None if there is no transcript.
        start: where the part starts, in seconds; None for the whole recording.
        stop: where it ends; None for the end of the recording.
    """

    audio: Path
    text: str | None
    start: float | None = None
    stop: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class LeftOut:
    """A file, or a row of a table, that is not used.

    Args:
        name: of the file, and the line where it is a row.
        kind: `recording` (a row without one), `transcript` (a recording without one), `row` (a
            faulty row), `language` (not English), `duplicate`, `file` (damaged, empty or not
            readable) or `speech` (silent, or too short).
        reason: in a sentence.
    """

    name: str
    kind: str
    reason: str


@dataclass(kw_only=True, slots=True)
class Listing:
    """The utterances of a source, sorted by recording and start.

    Args:
        utterances: with and without text.
        left_out: what is not used, and why.
        notes: sentences about the source.
    """

    utterances: list[Utterance] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def list_utterances(source: Path, work: Path) -> Listing:
    """Find the recordings of a folder, or one recording, and their transcripts.

    Args:
        source: a folder, a recording, or a transcript beside its recordings.
        work: the work folder, which is left out if it is within the source.

    Returns:
        An utterance for each recording, or each part that has a text of its own.

    Raises:
        FileNotFoundError: there is no such file.
        OSError: the folder or a transcript cannot be read.
        ValueError: there are no recordings.
    """
    if not source.exists():
        raise FileNotFoundError(f"no such file: {source}")
    base = source if source.is_dir() else source.parent
    files = list(_files(base, work)) if source.is_dir() else _files_of(source, work)
    sounds = [path for path in files if path.suffix.lower() in SOUND_SUFFIXES]
    if not sounds:
        raise ValueError(
            f"no recordings in {source}; expected wav, flac, mp3, m4a, ogg or other sound files"
        )
    finder = _Finder(base, sounds)
    finder.read([path for path in files if path not in set(sounds)])
    return finder.listing()


def display_name(path: Path, source: Path) -> str:
    """A path as it is named in reports: from the source folder, or else whole."""
    base = source if source.is_dir() else source.parent
    return str(path.relative_to(base) if path.is_relative_to(base) else path)


def _files(folder: Path, work: Path) -> Iterator[Path]:
    """The files of a folder and those within it, sorted; without hidden ones, pipes and devices."""
    seen = {os.path.realpath(work)}

    def fail(error: OSError) -> None:
        with naming_read_errors(error.filename or folder):
            raise error

    for place, folders, names in os.walk(folder, onerror=fail, followlinks=True):
        seen.add(os.path.realpath(place))
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith((".", "__")) and os.path.realpath(Path(place, name)) not in seen
        )
        paths = (Path(place, name) for name in sorted(names) if not name.startswith("."))
        # a link to nowhere is reported when it is read
        yield from (path for path in paths if path.is_file() or not path.exists())


def _files_of(source: Path, work: Path) -> list[Path]:
    """A recording and the texts of its name; or a transcript and the recordings around it."""
    suffix, stem = source.suffix.lower(), stem_of(source.name)
    if suffix in (*TABLES, *JSON):
        around = _files(source.parent, work)
        return [source, *(path for path in around if path.suffix.lower() in SOUND_SUFFIXES)]
    beside = [path for path in sorted(source.parent.iterdir()) if stem_of(path.name) == stem]
    if suffix in SOUND_SUFFIXES:
        texts = [path for path in beside if path.suffix.lower() in (*CUES, *TEXTS)]
        return [source, *texts]
    if suffix in (*CUES, *TEXTS):
        return [source, *(path for path in beside if path.suffix.lower() in SOUND_SUFFIXES)]
    raise ValueError(f"cannot read {source}: not a sound file or a transcript")


class _Finder:
    """Collects the texts of recordings; a table goes before subtitles, and these before texts."""

    def __init__(self, base: Path, sounds: Sequence[Path]) -> None:
        self._base = base
        self._found = Listing()
        self._sounds = self._without_copies(sounds)
        self._index = SoundIndex(self._sounds)
        self._rows: dict[Path, list[Utterance]] = {}
        self._named: set[Path] = set()

    def _without_copies(self, sounds: Sequence[Path]) -> list[Path]:
        """One file of those that differ only in their endings, a lossless one if there is one."""
        first: dict[Path, Path] = {}
        for path in sorted(sounds, key=lambda path: path.suffix.lower() not in LOSSLESS):
            kept = first.setdefault(path.with_suffix(""), path)
            if kept is not path:
                self._leave_out(path, "duplicate", f"{kept.name} is the same recording")
        return sorted(first.values())

    def _leave_out(self, path: Path, kind: str, reason: str, line: int | None = None) -> None:
        place = display_name(path, self._base)
        name = f"line {line} of {place}" if line else place
        self._found.left_out.append(LeftOut(name=name, kind=kind, reason=reason))

    def read(self, files: Iterable[Path]) -> None:
        cues, texts, lists = list[Path](), list[Path](), list[Path]()
        for path in files:
            suffix = path.suffix.lower()
            if suffix in (*TABLES, *JSON) and path.name.lower() != REJECTED:
                self._read_table(path, suffix)
            elif path.name == "text":
                self._read_kaldi(path)
            elif suffix in CUES:
                cues.append(path)
            elif suffix in TEXTS and self._index.beside(path):
                texts.append(path)
            elif suffix == ".txt" and not stem_of(path.name).startswith(ABOUT):
                lists.append(path)
        for path in lists:
            self._read_list(path)
        for path in cues:
            self._read_cues(path)
        for path in sorted(texts, key=lambda path: _rank(path.name)):
            self._read_text(path)
        self._pair_last(lists)

    def _read_table(self, path: Path, suffix: str) -> None:
        text = self._text(path)
        rows = read_json_lines(text) if suffix in JSON else read_table(text, self._knower(path))
        if rows is not None:
            self._add(path, rows)
        elif suffix in TABLES:
            self._leave_out(path, "row", "it has no columns of recordings and texts")

    def _knower(self, table: Path) -> Knows:
        return lambda name: self._index.find(name, table.parent) is not None

    def _read_kaldi(self, path: Path) -> None:
        scripts, segments = path.with_name("wav.scp"), path.with_name("segments")
        if not scripts.is_file():
            self._read_list(path)
            return
        parts = self._text(segments) if segments.is_file() else ""
        self._add(path, read_kaldi(self._text(path), self._text(scripts), parts))

    def _read_list(self, path: Path) -> None:
        text, knows = self._text(path), self._knower(path)
        first = next(iter(text.split("\n")), "")
        rows = read_table(text, knows) if "|" in first or "\t" in first else None
        if rows is None or not any(isinstance(row, TableRow) and knows(row.audio) for row in rows):
            rows = read_list(text, knows)
        if rows is not None:
            self._add(path, rows)
            self._named.add(path)

    def _add(self, table: Path, rows: Iterable[Row]) -> None:
        mine: dict[Path, list[Utterance]] = {}
        for row in rows:
            if isinstance(row, TableFault):
                self._leave_out(table, "row", row.reason, row.line)
                continue
            audio = self._index.find(row.audio, table.parent)
            if audio is None:
                reason = f"there is no recording {quoted(row.audio)}"
                self._leave_out(table, "recording", reason, row.line)
                continue
            mine.setdefault(audio, []).append(
                Utterance(audio=audio, text=row.text, start=row.start, stop=row.stop)
            )
        for audio, found in mine.items():
            known = self._rows.setdefault(audio, [])
            spans = {(one.start, one.stop): one.text for one in known}
            for one in found:
                span = (one.start, one.stop)
                if span not in spans:
                    known.append(one)
                    spans[span] = one.text
                elif spans[span] != one.text:
                    self._leave_out(table, "duplicate", f"{audio.name} has another text already")

    def _read_cues(self, path: Path) -> None:
        audio = self._index.beside(path)
        if audio is None:
            self._leave_out(path, "recording", "there is no recording of its name")
        elif audio not in self._rows:
            cues = read_cues(self._text(path), path.suffix.lower())
            if not cues:
                self._leave_out(path, "row", "it has no cues with words")
                return
            self._rows[audio] = [
                Utterance(audio=audio, text=cue.text, start=cue.start, stop=cue.end)
                for cue in join_cues(cues)
            ]

    def _read_text(self, path: Path) -> None:
        audio = self._index.beside(path)
        if audio is None or audio in self._rows:
            return
        text = self._text(path)
        if path.suffix.lower() == ".lab" and HTK_LABEL.match(text.strip()):
            return  # phones and their times
        self._rows[audio] = [Utterance(audio=audio, text=text)]

    def _pair_last(self, lists: Sequence[Path]) -> None:
        """Pair a single recording with a single text of another name."""
        left = [path for path in lists if path not in self._named]
        if len(self._sounds) == len(left) == 1 and not self._rows:
            self._rows[self._sounds[0]] = [
                Utterance(audio=self._sounds[0], text=self._text(left[0]))
            ]

    def _text(self, path: Path) -> str:
        if path.stat().st_size > MAX_TRANSCRIPT_BYTES:
            raise ValueError(f"cannot read {path}: more than 256 MiB; it is not a transcript")
        with naming_read_errors(path):
            data = path.read_bytes()
        text, encoding = decode(data)
        if encoding == "cp1252":
            self._found.notes.append(f"{path.name} is not UTF-8; it is read as Windows-1252")
        return text

    def listing(self) -> Listing:
        for audio in sorted({*self._sounds, *self._rows}):
            rows = self._rows.get(audio, [Utterance(audio=audio, text=None)])
            for row in sorted(rows, key=lambda row: (row.start or 0, row.stop or 0)):
                self._add_utterance(row)
        return self._found

    def _add_utterance(self, row: Utterance) -> None:
        text = _paragraphs(row.text) if row.text is not None else None
        if text is not None and is_foreign(text):
            self._leave_out(row.audio, "language", f"its text is not English: {quoted(text)}")
            return
        if text is not None and not any(map(str.isalnum, text)):
            text = None  # an empty file or field is no transcript
        self._found.utterances.append(
            Utterance(audio=row.audio, text=text, start=row.start, stop=row.stop)
        )


def _rank(name: str) -> int:
    """The rank of a text's ending: the longest that fits."""
    fitting = [ending for ending in TEXTS if folded(name).endswith(ending)]
    return TEXTS.index(max(fitting, key=len))


def _paragraphs(text: str) -> str:
    """A text without line breaks but those between paragraphs."""
    parts = re.split(r"\n\s*\n", text.replace("\r\n", "\n").replace("\r", "\n"))
    return "\n\n".join(filter(None, (" ".join(part.split()) for part in parts)))


def is_foreign(text: str) -> bool:
    """Whether most letters of a text are outside of ASCII.

    Example:
        >>> is_foreign("Привет"), is_foreign("The café is open.")
        (True, False)
    """
    letters = [letter for letter in text if letter.isalpha()]
    return sum(not letter.isascii() for letter in letters) > MAX_FOREIGN_SHARE * len(letters)


def check_english(texts: Iterable[str]) -> None:
    """Refuse transcripts in another language that is written in Latin letters.

    Raises:
        ValueError: hardly any of many words are among the most common of English.
    """
    sentences = [re.findall(r"[^\W\d_]+", text.casefold()) for text in texts]
    words = [word for sentence in sentences for word in sentence]
    common = sum(word in COMMON_WORDS for word in words)
    enough = len(words) >= max(MIN_WORDS, MIN_SENTENCE_WORDS * len(sentences))
    if enough and common < MIN_COMMON_SHARE * len(words):
        raise ValueError(
            f"the transcripts must be in English; of {len(words)} words only {common} are common "
            f"English words, as in {quoted(' '.join(words[:8]))}"
        )


def decode(data: bytes) -> tuple[str, str]:
    """Decode UTF-8, UTF-16 with its mark, or else Windows-1252.

    Returns:
        The text, and the encoding: `utf-8`, `utf-16` or `cp1252`.
    """
    if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return data.decode("utf-16", "replace"), "utf-16"
    try:
        return data.decode("utf-8-sig"), "utf-8"
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace"), "cp1252"
