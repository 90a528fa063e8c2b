"""Items: the units of a batch, each with a seed that depends on its text and not on its place."""

import hashlib
import json
from dataclasses import asdict, dataclass, fields, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from tts.delivery import Delivery
from tts.learned_voices import LearnedVoices
from tts.text.files.book import Cover
from tts.text.markup.voices import named_voices
from tts.text.pronounce.lexicon import Lexicon

from .rows import Row

RENDER_VERSION = 1  # raise it when items sound different: finished items are then made again
NO_LEARNED_VOICES = LearnedVoices()
CHECKS = "checks"  # the judge that compares whole items, by the quality checks
START_WORDS, START_CHARACTERS = 6, 60  # that name a passage in a message; chosen by hand
SEEDS = 2**63  # seeds are below this, the range of `Delivery.seed`
# Fields of a Delivery that are part of every key. A field added later is part of it only where it
# is not at its default, so that finished items of older batches keep their keys.
FIRST_FIELDS = (
    "voice",
    "steps",
    "pace",
    "pitch",
    "energy",
    "pauses",
    "sentence_pause",
    "temperature",
    "prosody_temperature",
    "other_seeds",
    "reading",
    "lexicon",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class BatchItem:
    """One utterance of a batch.

    Args:
        id: names its files; unique in a batch.
        text: what to speak.
        delivery: how to speak it.
        line: its line in the input, from 1; in an EPUB, the number of its passage.
        chapter: the number of its chapter, from 1.
        take: the number of its take, from 0.
        pause: silence after it where items are joined, in seconds.
        slot: start and end of its subtitle cue, in seconds; None outside dubbing.
    """

    id: str
    text: str
    delivery: Delivery
    line: int
    chapter: int = 1
    take: int = 0
    pause: float = 0.0
    slot: tuple[float, float] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class InputError:
    """A line of the input that gives no item, the reason, and in a book its chapter and text."""

    line: int
    message: str
    id: str = ""
    chapter: int = 0
    text: str = ""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A part of a book that is not read: its number in the book, its title, and the reason."""

    number: int
    title: str
    why: str


@dataclass(frozen=True, kw_only=True)
class BatchInput:
    """The parsed input of a batch.

    Args:
        items: its items in order.
        errors: its lines that give no item.
        chapters: the titles of the chapters.
        title: its title; by default the name of the file.
        author: the authors of a book.
        notes: sentences on parts of the input that are ignored.
        file: the name of its file, for messages.
        voice_files: those that its rows name by their paths.
        is_book: whether it is a book.
        language: of a book, such as `en-US`; empty if unknown.
        date: of a book, as it states it.
        cover: of a book, as JPEG or PNG.
        left_out: the parts of a book that are not read.
        numbers: the number of each chapter among all parts of its book.
        tracks: the number of the file of each chapter; by default its place in `chapters`.
        track_count: how many files the whole book has; 0 for as many as there are chapters.
    """

    items: tuple[BatchItem, ...]
    errors: tuple[InputError, ...] = ()
    chapters: tuple[str, ...] = ("",)
    title: str = ""
    author: str = ""
    notes: tuple[str, ...] = ()
    file: str = ""
    voice_files: tuple[Path, ...] = ()
    is_book: bool = False
    language: str = ""
    date: str = ""
    cover: Cover | None = None
    left_out: tuple[LeftOut, ...] = ()
    numbers: tuple[int, ...] = ()
    tracks: tuple[int, ...] = ()
    track_count: int = 0

    def place(self, line: int, chapter: int = 0, text: str = "") -> str:
        """A line of the file, for messages; in a book its chapter and its first words."""
        if self.is_book and text:
            named = self.chapters[chapter - 1] if 0 < chapter <= len(self.chapters) else ""
            return f"{named or self.file}, {quoted_start(text)}"
        return f"line {line} of {self.file}" if self.file else f"line {line}"


def quoted_start(text: str) -> str:
    """The first words of a text, within quotes."""
    words = " ".join(text.split())
    start = " ".join(words.split(" ")[:START_WORDS])[:START_CHARACTERS]
    return f"\u201c{start.rstrip('.,;:')}...\u201d" if start < words else f"\u201c{words}\u201d"


def derive_seed(seed: int, text: str, take: int = 0, roll: int = 0) -> int:
    """The seed of a text: different for each take, and for each retry (`roll`) of a take."""
    return int.from_bytes(_digest([seed, text, take, roll])[:8]) % SEEDS


def settings(delivery: Delivery) -> dict[str, Any]:
    """The fields of a delivery except its seed, as JSON values."""
    values = asdict(replace(delivery, lexicon=None))
    del values["seed"]
    for field in fields(delivery):
        if field.name not in FIRST_FIELDS and values.get(field.name) == field.default:
            values.pop(field.name, None)
    if delivery.lexicon:
        values["lexicon"] = _named(delivery.lexicon)
    return values


@lru_cache(maxsize=1)  # all items share one lexicon, which may be long
def _named(lexicon: Lexicon) -> str:
    entries = lexicon.entries.items()
    return fingerprint(
        sorted([" ".join(words), said.phones or said.words] for words, said in entries)
    )


def fingerprint(values: Any) -> str:
    """A hash of JSON values: 32 hexadecimal digits."""
    return _digest(values).hex()[:32]


def item_key(item: BatchItem, order: Row, voices: LearnedVoices = NO_LEARNED_VOICES) -> str:
    """A hash of all inputs of an item: items with equal keys give byte-identical files.

    Args:
        item: the item.
        order: the settings of the batch that change its files, from `JobConfig.key_fields`. A
            judge is part of the key where there are candidates.
        voices: the learned voices of the batch, whose weights are part of the key if it uses them.
    """
    delivery = item.delivery
    if delivery.best_of == 1:
        order = {name: value for name, value in order.items() if name != "judge"}
    inputs = [RENDER_VERSION, item.text, settings(delivery), delivery.seed, item.slot, order]
    if used := voice_hashes(item, voices):
        inputs.append(used)
    return fingerprint(inputs)


def voice_hashes(item: BatchItem, voices: LearnedVoices) -> dict[str, str]:
    """SHA-256 of the weights of each learned voice of an item or of its text, by its name."""
    try:
        named = named_voices(item.text, item.delivery.reading)
    except ValueError:  # the synthesizer refuses this item, and no other
        named = ()
    return {
        used.name: used.hash
        for voice in (item.delivery.voice, *named)
        for used in voices.used_in(voice)
    }


def _digest(values: Any) -> bytes:
    text = json.dumps(values, ensure_ascii=False, sort_keys=True, default=list)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
