"""Choose as many clips as fit a limit, the same share of every voice of every set."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import TypeVar
from zlib import crc32


@dataclass(frozen=True, kw_only=True)
class PackItem:
    """A clip of a set, with its hours and its size in bytes."""

    set: str
    voice: str
    id: str
    hours: float
    size: float


Kind = TypeVar("Kind", bound=PackItem)


def choose_subset(
    sets: Mapping[str, Sequence[Kind]], held_out: Sequence[str], measure: str, limit: float
) -> dict[str, list[Kind]]:
    """Choose clips whose `measure` sums to at most the limit, with all of the held-out sets.

    Every voice of every set keeps the same share, to within a clip, in the order of a hash of the
    ids: a smaller subset is a part of a larger one.

    Args:
        sets: clips by the names of their sets.
        held_out: sets that are kept whole.
        measure: `hours` or `size`.
        limit: largest sum of the measure.

    Raises:
        ValueError: two clips of a set have the same id.
    """
    _refuse_twins(sets)
    groups: dict[tuple[str, str], list[Kind]] = defaultdict(list)
    for item in (item for items in sets.values() for item in items):
        groups[item.set, item.voice].append(item)
    ranked: list[tuple[float, int, str, Kind]] = []
    for group in groups.values():
        group.sort(key=lambda item: (crc32(item.id.encode()), item.id))
        for place, item in enumerate(group):
            share = -1 if item.set in held_out else place / len(group)
            ranked.append((share, crc32(item.id.encode()), item.set, item))
    ranked.sort(key=lambda entry: entry[:3])
    totals = accumulate(getattr(item, measure) for *_, item in ranked)
    kept = {
        (name, item.id)
        for (share, _, name, item), total in zip(ranked, totals, strict=True)
        if total <= limit or share < 0
    }
    return {
        name: [item for item in items if (name, item.id) in kept] for name, items in sets.items()
    }


def _refuse_twins(sets: Mapping[str, Sequence[PackItem]]) -> None:
    for name, items in sets.items():
        if twins := [id for id, count in Counter(item.id for item in items).items() if count > 1]:
            raise ValueError(
                f"several clips of {name} have the id {twins[0]!r}; rename all but one"
            )
