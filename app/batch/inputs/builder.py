"""What was found in a list or a book, gathered into items: each with a safe name and its seed."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any

from tts.delivery import Delivery
from tts.validation import check_ranges, check_types
from tts.voices import parse_voice_blend

from ..file_names import check_id, file_name_part, fold_file_name
from ..item import BatchInput, BatchItem, InputError, derive_seed

MOST_TAKES = 1000


@dataclass(frozen=True, kw_only=True)
class InputOptions:
    """How a list or a book is read: the delivery of what does not say otherwise, by these voices.

    Each line is said so many times, in each of the `others`, if there are any, instead of the
    delivery's voice, and so at each of the paces; all of them together are its items. A voice or a
    pace that its row names is the only one it has. As a `book`, a .txt is no list. Of the voices
    those `offered` are named where one is wrong.
    """

    delivery: Delivery
    voices: tuple[str, ...]
    offered: tuple[str, ...] = ()
    takes: int = 1
    others: tuple[str, ...] = ()
    paces: tuple[float, ...] = ()
    book: bool = False

    def __post_init__(self) -> None:
        check_types(self)
        check_ranges(self, {"takes": (1, MOST_TAKES)})
        for voice in (self.delivery.voice, *self.others):
            self.check(voice)
        for pace in self.paces:
            replace(self.delivery, pace=pace)
        for named in (list(map(file_name_part, self.others)), [f"{pace:g}" for pace in self.paces]):
            if len(set(named)) < len(named):
                raise ValueError(f"expected each voice and each pace once, not {', '.join(named)}")

    def check(self, voice: str) -> None:
        """Refuse what is neither one of the voices nor a blend of some."""
        parse_voice_blend(voice, self.voices, self.offered)


@dataclass(frozen=True, kw_only=True, slots=True)
class InputEntry:
    """What a line says: its text, and what its row names of a Delivery."""

    line: int
    id: str
    text: str
    overrides: Mapping[str, Any] = field(default_factory=dict)
    pause: float = 0.0
    slot: tuple[float, float] | None = None


class BatchInputBuilder:
    """Items and wrong lines as they are found, in chapters that each hold an item."""

    def __init__(self, reader: InputOptions, title: str) -> None:
        self.reader, self.title, self.author = reader, title, ""
        self._items: list[BatchItem] = []
        self._wrong: list[InputError] = []
        self._chapters: list[str] = []
        self._begun: str | None = ""
        self._lines: dict[str, int] = {}

    def begin(self, chapter: str) -> None:
        """What is added from now on is in another chapter."""
        self._begun = chapter

    def add(self, passage: InputEntry) -> None:
        """The items of a passage, or why there are none."""
        try:
            self.reader.check(passage.overrides.get("voice", self.reader.delivery.voice))
            found = self._crossed(passage)
            self._name(found)
        except ValueError as error:
            self.refuse(passage.line, str(error), passage.id)
        else:
            self._items += found

    def refuse(self, line: int, why: str, id: str = "") -> None:
        self._wrong.append(InputError(line=line, message=why, id=id))

    def listing(self) -> BatchInput:
        """All of it."""
        return BatchInput(
            items=tuple(self._items),
            errors=tuple(self._wrong),
            chapters=tuple(self._chapters) or ("",),
            title=self.title,
            author=self.author,
        )

    def _crossed(self, passage: InputEntry) -> list[BatchItem]:
        """A passage in each voice, at each pace and in each take, named by what was asked for."""
        voices = self._axis("voice", self.reader.others, passage)
        paces = self._axis("pace", self.reader.paces, passage)
        takes = [(f"_t{take}" * (self.reader.takes > 1), take) for take in range(self.reader.takes)]
        chapter = len(self._chapters) + (self._begun is not None)
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
        """What is crossed, each alone; nothing, where the row has its own."""
        return [{name: value} for value in values if name not in passage.overrides] or [{}]

    def _delivery(self, passage: InputEntry, take: int, crossed: dict[str, Any]) -> Delivery:
        """A seed that a row names is its first take's."""
        usual = self.reader.delivery
        seed = passage.overrides.get("seed", usual.seed)
        if take or "seed" not in passage.overrides:
            seed = derive_seed(seed, passage.text, take)
        return replace(usual, **{**passage.overrides, **crossed, "seed": seed})

    def _name(self, found: list[BatchItem]) -> None:
        """No two items have names that some system takes for one."""
        names = [fold_file_name(item.id) for item in found]
        for item, name in zip(found, names, strict=True):
            check_id(item.id)
            if name in self._lines:
                line = self._lines[name]
                raise ValueError(
                    f"expected an id of its own, not {item.id!r}, which line {line} has"
                )
        self._lines |= {name: item.line for item, name in zip(found, names, strict=True)}
        if self._begun is not None:
            self._chapters.append(self._begun)
            self._begun = None


def _suffix(crossed: dict[str, Any]) -> str:
    return "".join(
        f"_{file_name_part(value) if isinstance(value, str) else f'{value:g}'}"
        for value in crossed.values()
    )
