"""Build the items of a batch from what a reader finds: ids, seeds, voices, paces and takes."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import product
from pathlib import Path
from typing import Any

from tts.delivery import DELIVERY_RANGES, Delivery
from tts.error_messages import quoted
from tts.learned_voices import LearnedVoices, ModelFiles
from tts.text.cast import Cast, unknown_names_note
from tts.text.files.book import BookOptions
from tts.text.files.chapter_selection import READ_BY_DEFAULT, ChapterSelection
from tts.text.language_detection import detect_language
from tts.text.language_warnings import (
    VOICE_LANGUAGE,
    explain_no_words,
    find_unspeakable,
    is_speakable,
)
from tts.text.markup.voices import named_voices
from tts.validation import check_ranges, check_types
from tts.voices import parse_voice_blend

from ..file_names import check_id, file_name_part, fold_file_name
from ..item import NO_LEARNED_VOICES, BatchInput, BatchItem, InputError, LeftOut, derive_seed
from ..voices import RowVoices

DEFAULT_BOOK_OPTIONS = BookOptions()
MOST_TAKES = 1000  # of a line; chosen by hand, against a slip of the keyboard


@dataclass(frozen=True, kw_only=True)
class InputOptions:
    """How an input becomes items.

    A line gives an item for every combination of voice, pace and take. A voice or pace in its own
    row overrides `others` or `paces`.

    Args:
        delivery: the delivery of items whose row says nothing else.
        voices: all voices of the acoustic model.
        offered: the voices that an error message lists.
        takes: takes of each line, from 1 to 1000.
        others: voices to speak each line in; empty for the voice of `delivery`.
        paces: paces to speak each line at; empty for the pace of `delivery`.
        book: read a .txt as a book instead of a list.
        book_options: what of a book is read: notes, alternative texts of pictures.
        selection: which chapters of a book are read.
        text_column: the column or field of a list that has the texts.
        id_column: the column or field of a list that has the ids.
        learned: voices from files.
        models: that voice files in rows must belong to; None if rows cannot name files.
        cast: who speaks lines such as `Anna: Hello.`; None where names are text.

    Raises:
        OSError: a voice file cannot be read.
        ValueError: a voice is unknown or its file is damaged, a value is out of its range, or one
            is given twice.
    """

    delivery: Delivery
    voices: tuple[str, ...]
    offered: tuple[str, ...] = ()
    takes: int = 1
    others: tuple[str, ...] = ()
    paces: tuple[float, ...] = ()
    book: bool = False
    book_options: BookOptions = DEFAULT_BOOK_OPTIONS
    selection: ChapterSelection = READ_BY_DEFAULT
    text_column: str = "text"
    id_column: str = "id"
    learned: LearnedVoices = NO_LEARNED_VOICES
    models: ModelFiles | None = None
    cast: Cast | None = None

    def __post_init__(self) -> None:
        check_types(self)
        check_ranges(self, {"takes": (1, MOST_TAKES)})
        if not self.text_column or self.text_column == self.id_column:
            raise ValueError(
                f"text_column must be a name other than id_column, got {self.text_column!r}"
            )
        for voice in (self.delivery.voice, *self.others):
            self.check(voice, self.learned)
        self._check_cast()
        low, high = DELIVERY_RANGES["pace"]
        for pace in self.paces:
            if not low <= pace <= high:
                raise ValueError(f"paces must be from {low} to {high}, got {pace:g}")
        _check_different("voices", map(file_name_part, self.others))
        _check_different("paces", (f"{pace:g}" for pace in self.paces))

    def name_columns(self, row: Mapping[str, Any]) -> Mapping[str, Any]:
        """A row of a list with its text and its id under these names."""
        chosen = {self.text_column: "text", self.id_column: "id"}
        if list(chosen) == ["text", "id"]:
            return row
        others = {name: value for name, value in row.items() if name not in ("text", "id")}
        return others | {chosen[name]: row[name] for name in chosen if name in row}

    def _check_cast(self) -> None:
        for name, voice in (self.cast.voices if self.cast else {}).items():
            try:
                self.check(voice, self.learned)
            except ValueError as error:
                raise ValueError(f"{quoted(name)} in the cast: {error}") from error

    def check(self, voice: str, learned: LearnedVoices) -> None:
        """Check that a voice or every voice of a blend exists, and can be used.

        Args:
            voice: a voice or blend.
            learned: voices from files, with those that rows name.
        """
        learned.check_left_out(voice)
        offered = (*(self.offered or self.voices), *learned.names)
        parse_voice_blend(voice, (*self.voices, *learned.names), offered)
        for used in learned.used_in(voice):
            used.file  # noqa: B018 - it is read once, and refused if it is damaged


@dataclass(frozen=True, kw_only=True, slots=True)
class InputEntry:
    """A line of the input: its text, and the fields of `Delivery` that its row sets."""

    line: int
    id: str
    text: str
    overrides: Mapping[str, Any] = field(default_factory=dict)
    pause: float = 0.0
    slot: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class _Chapter:
    """A chapter: its title, its number among all parts of a book, and that of its file."""

    title: str
    number: int = 0
    track: int = 0


class BatchInputBuilder:
    """Collects items and errors. A chapter is counted once it has an item."""

    def __init__(
        self, reader: InputOptions, title: str, file: str = "", folder: Path = Path()
    ) -> None:
        self.reader, self.title, self.file = reader, title, file or title
        self._voices = RowVoices(reader.learned, reader.models, folder)
        self._notes: dict[str, None] = {}
        self._unread: dict[str, tuple[int, int]] = {}  # the first line, and how many
        self._uncast: dict[str, None] = {}
        self._items: list[BatchItem] = []
        self._wrong: list[InputError] = []
        self._chapters: list[_Chapter] = []
        self._begun: _Chapter | None = _Chapter("")
        self._book: dict[str, Any] = {}
        self._lines: dict[str, int] = {}

    def describe_book(
        self, details: Mapping[str, Any], left_out: tuple[LeftOut, ...], track_count: int
    ) -> None:
        """Say that the input is a book.

        Args:
            details: fields of `BatchInput`: title, author, language, date and cover.
            left_out: the parts that are not read.
            track_count: how many files the whole book has.
        """
        self._book = {
            **details,
            "is_book": True,
            "left_out": left_out,
            "track_count": track_count,
        }

    def begin(self, chapter: str, number: int = 0, track: int = 0) -> None:
        """Start a chapter with this title; in a book with its number and that of its file."""
        self._begun = _Chapter(chapter, number, track)

    def add(self, passage: InputEntry) -> None:
        """Add the items of a line, or its error."""
        try:
            passage = self._voiced(self._casted(passage))
            self._check_named(passage.text)
            self._examine(passage)
            found = self._crossed(passage)
            self._name(found)
        except ValueError as error:
            text = passage.text if self._book else ""
            self.refuse(passage.line, str(error), passage.id, text)
        else:
            self._items += found

    def refuse(self, line: int, why: str, id: str = "", text: str = "") -> None:
        chapter = self._chapter_number() if text else 0
        self._wrong.append(InputError(line=line, message=why, id=id, chapter=chapter, text=text))

    def note(self, sentence: str) -> None:
        """Keep a note for the user; the same note is kept once."""
        self._notes[sentence] = None

    def listing(self) -> BatchInput:
        """The finished input."""
        own = {"title": self.title, **self._book}
        if self._book:
            own["numbers"] = tuple(chapter.number for chapter in self._chapters)
            own["tracks"] = tuple(chapter.track for chapter in self._chapters)
        for what, (first, count) in self._unread.items():
            more = f" and {count - 1} more" if count > 1 else ""
            self.note(f"line {first}{more}: {what}")
        return BatchInput(
            items=tuple(self._items),
            errors=tuple(self._wrong),
            chapters=tuple(chapter.title for chapter in self._chapters) or ("",),
            notes=tuple(filter(None, (*self._notes, unknown_names_note(self._uncast)))),
            file=self.file,
            voice_files=tuple(self._voices.files),
            **own,
        )

    def _chapter_number(self) -> int:
        """The number of the chapter of the next item, from 1."""
        return len(self._chapters) + (self._begun is not None)

    def _examine(self, passage: InputEntry) -> None:
        """Refuse a text in another script, and remember what else the voices cannot read."""
        reading = self.reader.delivery.reading
        scripts = find_unspeakable(passage.text, reading)
        if scripts and not is_speakable(passage.text, reading):
            raise ValueError(explain_no_words(passage.text, reading))
        language = detect_language(passage.text)
        unread = [f"{script} letters are left out" for script in scripts]
        unread += [f"seems to be {language}; read as {VOICE_LANGUAGE}"] if language else []
        for what in unread:
            first, count = self._unread.get(what, (passage.line, 0))
            self._unread[what] = first, count + 1

    def _casted(self, passage: InputEntry) -> InputEntry:
        """A line without its name, in the voice of the cast; what its row sets comes first."""
        if not (cast := self.reader.cast):
            return passage
        self._uncast |= dict.fromkeys(cast.unknown_names(passage.text))
        lines = cast.lines(passage.text)
        if len(lines) != 1:
            return replace(passage, text=cast.to_tags(passage.text))
        overrides = {**lines[0].member.overrides(self.reader.delivery), **passage.overrides}
        return replace(passage, text=lines[0].text, overrides=overrides)

    def _voiced(self, passage: InputEntry) -> InputEntry:
        """A line whose voice is checked, and names no file."""
        if "voice" not in passage.overrides:
            return passage
        voice = self._voices.name(passage.overrides["voice"])
        self.reader.check(voice, self._voices.learned)
        return replace(passage, overrides={**passage.overrides, "voice": voice})

    def _check_named(self, text: str) -> None:
        """Check the voices that the markup of a text names; wrong markup is reported later."""
        try:
            named = named_voices(text, self.reader.delivery.reading)
        except ValueError:
            return
        for voice in named:
            self.reader.check(voice, self._voices.learned)

    def _crossed(self, passage: InputEntry) -> list[BatchItem]:
        """The items of a line: one for each voice, pace and take, with these in the id."""
        voices = self._axis("voice", self.reader.others, passage)
        paces = self._axis("pace", self.reader.paces, passage)
        takes = [(f"_t{take}" * (self.reader.takes > 1), take) for take in range(self.reader.takes)]
        chapter = self._chapter_number()
        return [
            BatchItem(
                id=f"{passage.id}{_suffix(voice)}{_suffix(pace)}{called}",
                text=passage.text,
                delivery=self._delivery(passage, take, voice | pace),
                line=passage.line,
                chapter=chapter,
                take=take,
                pause=passage.pause,
                slot=passage.slot,
            )
            for voice, pace, (called, take) in product(voices, paces, takes)
        ]

    def _axis(
        self, name: str, values: tuple[Any, ...], passage: InputEntry
    ) -> list[dict[str, Any]]:
        """The values of one option as keyword arguments; none if the row sets it."""
        return [{name: value} for value in values if name not in passage.overrides] or [{}]

    def _delivery(self, passage: InputEntry, take: int, crossed: dict[str, Any]) -> Delivery:
        """The delivery of an item; a seed from the row is used as it is for the first take."""
        usual = self.reader.delivery
        seed = passage.overrides.get("seed", usual.seed)
        if take or "seed" not in passage.overrides:
            seed = derive_seed(seed, passage.text, take)
        return replace(usual, **{**passage.overrides, **crossed, "seed": seed})

    def _name(self, found: list[BatchItem]) -> None:
        """Check that the ids are valid and differ on systems that ignore case."""
        names = [fold_file_name(item.id) for item in found]
        for item, name in zip(found, names, strict=True):
            check_id(item.id)
            if name in self._lines:
                line = self._lines[name]
                raise ValueError(f"the id {item.id!r} is already used by line {line}")
        self._lines |= {name: item.line for item, name in zip(found, names, strict=True)}
        if self._begun is not None:
            self._chapters.append(self._begun)
            self._begun = None


def _check_different(option: str, named: Iterable[str]) -> None:
    """Check that no name occurs twice, since names tell files apart."""
    for name, count in Counter(named).items():
        if count > 1:
            times = "twice" if count == 2 else f"{count} times"
            raise ValueError(f"{option} must differ, got {name} {times}")


def _suffix(crossed: dict[str, Any]) -> str:
    return "".join(
        f"_{file_name_part(value) if isinstance(value, str) else f'{value:g}'}"
        for value in crossed.values()
    )
