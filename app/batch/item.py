"""Items: what a list or a book is made of, each with a seed of its own wherever it stands."""

import hashlib
import json
from dataclasses import asdict, dataclass, fields, replace
from functools import lru_cache
from typing import Any

from tts.delivery import Delivery
from tts.text.pronounce.lexicon import Lexicon

RENDER_VERSION = 1  # of how items become sound; what was made under another is made again
SEEDS = 2**63
# Fields of a Delivery that are in every key. A later field is in it only where it is not at its
# default, so that what batches made before there was such a field is not made again.
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
    """One thing to be said, and what names its files.

    It stands in a `line` of its list and in a `chapter`, by its number from 1, and what follows it
    there comes after a `pause` in seconds. A `slot` is when to be heard, in seconds of a film.
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
    """What a line of a list has that cannot be said, and why."""

    line: int
    message: str
    id: str = ""


@dataclass(frozen=True, kw_only=True)
class BatchInput:
    """All that a list or a book holds, in order; its chapters by their titles."""

    items: tuple[BatchItem, ...]
    errors: tuple[InputError, ...] = ()
    chapters: tuple[str, ...] = ("",)
    title: str = ""
    author: str = ""


def derive_seed(seed: int, text: str, take: int = 0, roll: int = 0) -> int:
    """The seed of a text: another for each take, and for each time the dice are rolled again."""
    return int.from_bytes(_digest([seed, text, take, roll])[:8]) % SEEDS


def settings(delivery: Delivery) -> dict[str, Any]:
    """All that shapes a delivery but its seed, as JSON has it."""
    values = asdict(replace(delivery, lexicon=None))
    del values["seed"]
    for field in fields(delivery):
        if field.name not in FIRST_FIELDS and values.get(field.name) == field.default:
            values.pop(field.name, None)
    if delivery.lexicon:
        values["lexicon"] = _named(delivery.lexicon)
    return values


@lru_cache(maxsize=1)  # all items have the same, and it may be long
def _named(lexicon: Lexicon) -> str:
    entries = lexicon.entries.items()
    return fingerprint(
        sorted([" ".join(words), said.phones or said.words] for words, said in entries)
    )


def fingerprint(values: Any) -> str:
    """A name for what JSON can say."""
    return _digest(values).hex()[:32]


def item_key(item: BatchItem, order: Any) -> str:
    """What an item is made of: two with one key, made to one order, are the same to the byte."""
    delivery = item.delivery
    return fingerprint(
        [RENDER_VERSION, item.text, settings(delivery), delivery.seed, item.slot, order]
    )


def _digest(values: Any) -> bytes:
    text = json.dumps(values, ensure_ascii=False, sort_keys=True, default=list)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
