"""Wrong transcripts of a clip, made from right ones, and how well a figure tells them."""

from collections.abc import Mapping, Sequence
from random import Random

import numpy as np

FAULTS = ("a word left out", "two words swapped", "a word added", "another text")
ADDED = "people"  # a word that is rarely there already


def wrong_transcripts(text: str, other: str, random: Random) -> Mapping[str, str]:
    """A transcript with each of the `FAULTS`; `other` is the text of another clip."""
    words = text.split()
    place = random.randrange(len(words))
    pair = random.randrange(max(1, len(words) - 1))
    swapped = [*words[:pair], *words[pair : pair + 2][::-1], *words[pair + 2 :]]
    without = [*words[:place], *words[place + 1 :]]
    more = [*words[:place], ADDED, *words[place:]]
    return dict(zip(FAULTS, [*map(" ".join, (without, swapped, more)), other], strict=True))


def area_under_roc(right: Sequence[float], wrong: Sequence[float]) -> float:
    """The share of pairs in which the wrong one has the higher figure; ties count half."""
    low, high = np.array(right)[:, None], np.array(wrong)
    return float((low < high).mean() + (low == high).mean() / 2)
