"""Join the parts of items into files of chapters and of the whole book, with their subtitles."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from tts.captions.formats import CAPTION_FORMATS, TimedText
from tts.synthetic_tag import synthetic_comment
from tts.text.files.book import Cover

from .audio.encode import AudioMetadata, apply_gain, measure_gain_db, resample, write_encoded
from .audio.format import OutputFormat
from .file_names import safe_file_name
from .item import BatchInput, fingerprint
from .manifest import Manifest, file_sha256, sha256, write_durably
from .parts import PART_SAMPLE_RATE, names_of, times_files
from .rows import Row, voices_of
from .track import Track

JOIN_VERSION = 2  # raise it when joined files change: finished ones are then made again
SPOKEN_LANGUAGE = "en-US"


@dataclass(frozen=True, kw_only=True, slots=True)
class JoinConfig:
    """Which joined files a batch writes.

    Args:
        form: format, sample rate and level of the files.
        chapters: write one file per chapter.
        book: write one file with everything.
        subtitles: formats of subtitles, as lower-case names such as `srt`.
        name: file name of the book; if empty, its title.

    Raises:
        ValueError: a format of subtitles is unknown.
    """

    form: OutputFormat
    chapters: bool = False
    book: bool = True
    subtitles: tuple[str, ...] = ()
    name: str = ""

    def __post_init__(self) -> None:
        for ending in self.subtitles:
            if ending not in CAPTION_FORMATS:
                known = ", ".join(CAPTION_FORMATS)
                raise ValueError(f"subtitles must be one of {known}; got {ending!r}")


@dataclass(frozen=True, kw_only=True)
class JoinedFile:
    """A joined file to write: its path, rows, format, tags, cover and chapter titles."""

    stem: str
    rows: Sequence[Row]
    form: OutputFormat
    subtitles: tuple[str, ...]
    titles: tuple[str, ...]
    tags: Mapping[str, str]
    cover: Cover | None = None

    @property
    def id(self) -> str:
        return f"{self.stem}.{self.form.format}"

    @property
    def key(self) -> str:
        """A hash of all its inputs: equal keys give byte-identical files."""
        parts = [
            [row["text"], row["chapter"], row["pause"], row["slot"], *map(row["files"].get, names)]
            for row, names in ((row, names_of(row)) for row in self.rows if "error" not in row)
        ]
        form, cover = asdict(self.form), self.cover and sha256(self.cover.data)
        return fingerprint(
            [JOIN_VERSION, parts, form, self.subtitles, self.titles, dict(self.tags), cover]
        )


def join(
    listing: BatchInput, rows: Mapping[str, Row], folder: Path, wanted: JoinConfig, ledger: Manifest
) -> list[str]:
    """Write the joined files that are missing or out of date.

    Args:
        listing: the input of the batch.
        rows: manifest rows by item id.
        folder: the output folder.
        wanted: which files to write.
        ledger: the manifest of joined files; it is updated.

    Returns:
        The names of all joined files in the folder, subtitles included.
    """
    joints = [joint for joint in _joints(listing, rows, wanted) if _said(joint)]
    for joint in joints:
        if not ledger.is_complete(joint.id, joint.key):
            ledger.add(_made(joint, folder))
    ledger.order(joint.id for joint in joints)
    return [name for row in ledger.rows.values() for name in row["files"]]


def _joints(
    listing: BatchInput, rows: Mapping[str, Row], wanted: JoinConfig
) -> Iterator[JoinedFile]:
    if wanted.chapters:
        yield from _chapters(listing, rows, wanted)
    if wanted.book:
        title = wanted.name or listing.title
        tags = {**_book_tags(listing, title), "title": listing.title or title}
        joined = [rows[item.id] for item in listing.items if item.id in rows]
        joint = _joint(safe_file_name(title) or "book", joined, wanted, tags, listing.chapters)
        yield replace(joint, cover=listing.cover)


def _chapters(
    listing: BatchInput, rows: Mapping[str, Row], wanted: JoinConfig
) -> Iterator[JoinedFile]:
    by_chapter: dict[int, list[Row]] = {}
    for item in listing.items:
        if item.id in rows:
            by_chapter.setdefault(item.chapter, []).append(rows[item.id])
    for number, own in by_chapter.items():
        title, (track, count) = listing.chapters[number - 1], _track(listing, number)
        tags = {
            **_book_tags(listing, wanted.name),
            "title": title or f"Chapter {track}",
            "track": f"{track}/{count}",
        }
        joint = _joint(chapter_stem(listing, number), own, wanted, tags)
        yield replace(joint, cover=listing.cover)


def chapter_stem(listing: BatchInput, number: int) -> str:
    """The path of a chapter's file without its ending; `number` is its place in `chapters`."""
    track, count = _track(listing, number)
    name = f"{track:0{max(2, len(str(count)))}} {listing.chapters[number - 1]}"
    return f"chapters/{safe_file_name(name)}"


def _track(listing: BatchInput, number: int) -> tuple[int, int]:
    """The number of a chapter's file, and how many files the whole book has."""
    count = listing.track_count or len(listing.chapters)
    return listing.tracks[number - 1] if listing.tracks else number, count


def _book_tags(listing: BatchInput, name: str) -> dict[str, str]:
    """The tags that all files of a book share; players group files by album and album artist."""
    return {
        "album": listing.title or name,
        "artist": listing.author,
        "album_artist": listing.author,
        "date": listing.date,
        "language": listing.language or SPOKEN_LANGUAGE,
        "genre": "Audiobook" if listing.is_book else "",
    }


def _joint(
    stem: str,
    rows: Sequence[Row],
    wanted: JoinConfig,
    tags: Mapping[str, str],
    titles: tuple[str, ...] = (),
) -> JoinedFile:
    said = (row for row in rows if "error" not in row)
    voices = (voice for row in said for voice in voices_of(row))
    tags = {**tags, "comment": synthetic_comment(*voices)}
    return JoinedFile(
        stem=stem,
        rows=rows,
        form=wanted.form,
        subtitles=wanted.subtitles,
        titles=titles,
        tags={name: value for name, value in tags.items() if value},
    )


def _said(joint: JoinedFile) -> bool:
    return any("error" not in row for row in joint.rows)


def _made(joint: JoinedFile, folder: Path) -> Row:
    """Write a file and its subtitles, and return its manifest row."""
    track = Track.of(joint.rows, folder)
    path = folder / joint.id
    path.parent.mkdir(parents=True, exist_ok=True)
    _write(path, track, joint)
    names = [joint.id]
    times = track.times() if joint.subtitles else TimedText("")
    for name, written in times_files(joint.stem, times, joint.subtitles).items():
        write_durably(folder / name, written)
        names.append(name)
    return {
        "id": joint.id,
        "key": joint.key,
        "seconds": round(track.seconds, 6),
        "items": len(track.places),
        "missing": len(joint.rows) - len(track.places),
        "late": track.late,
        "files": {name: file_sha256(folder / name) for name in names},
    }


def _write(path: Path, track: Track, joint: JoinedFile) -> None:
    """Write with one gain for the whole file; for a loudness target, the sound is read twice."""
    labels = AudioMetadata(
        chapters=track.marks(joint.titles) if joint.titles else (),
        tags=joint.tags,
        cover=joint.cover,
    )
    decibels = measure_gain_db(
        resample(track.sound(), PART_SAMPLE_RATE, joint.form.sample_rate), joint.form
    )
    pieces = resample(track.sound(), PART_SAMPLE_RATE, joint.form.sample_rate)
    write_encoded(path, apply_gain(pieces, decibels), joint.form, labels)
