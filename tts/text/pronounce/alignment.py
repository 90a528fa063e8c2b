"""Alignment of a phoneme string with words: which slice of the phonemes belongs to each word.

The phonemes come from elsewhere, such as a corpus, and may join words (`ɪnðə`) or split them. A
shortest-path search compares each word's own pronunciation with them by edit distance.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from heapq import heappop, heappush
from itertools import combinations, pairwise

from tts.text.pronounce.ipa import REDUCED_VOWELS, VOWELS
from tts.text.pronounce.symbols import STRESS

# The most words joined in one unit between spaces, and the most units that one word is split into.
JOINED, MAX_PARTS_PER_WORD = 4, 8
# The costs of joining or splitting words, of a word without phonemes, and of edits between phones.
# They were chosen by hand; they are not tuned.
JOIN_COST, OMISSION_COST = 0.3, 10.0
GAP_COST, WEAK_GAP_COST, SIMILAR_COST, DISSIMILAR_COST, VOWEL_CONSONANT_COST = (
    1.0,
    0.5,
    0.4,
    0.9,
    2.0,
)
SIMILAR_CONSONANTS = ("tTdð", "ðɹl", "szʃʒ", "nmŋ", "fvw", "kɡ", "pb", "ʧʤʃʒ")
SOUNDLESS = str.maketrans("", "", STRESS + " ")

Slice = tuple[int, int]


def align(phones: str, words: Sequence[str]) -> list[list[Slice]]:
    """Align phonemes with words.

    Args:
        phones: the phonemes of a clause, with spaces between units.
        words: the pronunciation of each word of the clause on its own.

    Returns:
        For each word its slices of `phones`: one, or one for each unit that it is split into. They
        are in order, do not overlap, and leave out only spaces. A word without phonemes has an
        empty slice.

    Example:
        >>> align("ɪnðə bˈɑks", ["ɪn", "ðə", "bˈɑks"])
        [[(0, 2)], [(2, 4)], [(5, 10)]]
    """
    units = _units(phones)
    slices: list[list[Slice]] = []
    for (unit, word), (next_unit, next_word) in pairwise(_path(phones, units, words)):
        if unit == next_unit:
            place = units[unit - 1][1] if unit else 0
            slices.append([(place, place)])
        elif next_word == word + 1:
            slices.append(units[unit:next_unit])
        else:
            slices += _divided(phones, units[unit], words[word:next_word])
    return slices


def _units(heard: str) -> list[Slice]:
    units, start = [], 0
    for unit in heard.split(" "):
        if unit:
            units.append((start, start + len(unit)))
        start += len(unit) + 1
    return units


def _path(heard: str, units: Sequence[Slice], wanted: Sequence[str]) -> list[Slice]:
    """The cheapest path (Dijkstra): how many units and words are consumed after each step."""
    sounds = [_bare(heard[start:stop]) for start, stop in units]
    words = [_bare(word) for word in wanted]
    queue: list[tuple[float, Slice, list[Slice]]] = [(0.0, (0, 0), [(0, 0)])]
    done: set[Slice] = set()
    while queue:
        cost, place, path = heappop(queue)
        if place == (len(units), len(words)):
            return path
        if place not in done:
            done.add(place)
            for step, price in _steps(sounds, words, *place):
                heappush(queue, (cost + price, step, [*path, step]))
    raise AssertionError(f"no way through {heard!r} with {wanted}")


def _steps(
    sounds: Sequence[str], words: Sequence[str], unit: int, word: int
) -> Iterator[tuple[Slice, float]]:
    """The next steps and their costs: a word in one unit or several, several words in one unit, or
    a word without phonemes."""
    left, todo = len(sounds) - unit, len(words) - word
    if not todo:
        return
    if left and sounds[unit] == words[word] and (left == 1) == (todo == 1):
        yield (unit + 1, word + 1), 0.0
        return
    yield (unit, word + 1), OMISSION_COST if words[word] else 0.0
    for parts in range(1, 1 + (left if todo == 1 else min(MAX_PARTS_PER_WORD, left))):
        said = "".join(sounds[unit : unit + parts])
        yield (unit + parts, word + 1), phone_distance(words[word], said) + JOIN_COST * (parts - 1)
    most = min(JOINED, todo, len(sounds[unit])) if left else 0
    for joined in range(2, most + 1):
        said = "".join(words[word : word + joined])
        yield (
            (unit + 1, word + joined),
            phone_distance(said, sounds[unit]) + JOIN_COST * (joined - 1),
        )


def _divided(heard: str, unit: Slice, wanted: Sequence[str]) -> list[list[Slice]]:
    """Cut one unit into words where the edit distance is least; each word gets at least a phone."""
    start, stop = unit
    places = [place for place in range(start + 1, stop) if heard[place - 1] not in STRESS]

    def price(cuts: Sequence[int]) -> float:
        parts = pairwise((start, *cuts, stop))
        pairs = zip(wanted, parts, strict=True)
        return sum(phone_distance(_bare(word), _bare(heard[a:b])) for word, (a, b) in pairs)

    best = min(combinations(places, len(wanted) - 1), key=price)
    return [[part] for part in pairwise((start, *best, stop))]


def _bare(phones: str) -> str:
    """Phones without stress marks, and with a single r for a linking r."""
    return phones.translate(SOUNDLESS).replace("ɹɹ", "ɹ")


@lru_cache(16384)
def phone_distance(wanted: str, heard: str) -> float:
    """The weighted edit distance of two phone strings; 0.0 if they are equal."""
    if wanted == heard:
        return 0.0
    row = [0.0]
    for sound in heard:
        row.append(row[-1] + _gap(sound))
    for phone in wanted:
        above, row = row, [row[0] + _gap(phone)]
        for place, sound in enumerate(heard):
            swapped = above[place] + _swap(phone, sound)
            row.append(min(swapped, above[place + 1] + _gap(phone), row[-1] + _gap(sound)))
    return row[-1]


def _gap(phone: str) -> float:
    return WEAK_GAP_COST if phone in REDUCED_VOWELS else GAP_COST


def _swap(one: str, other: str) -> float:
    if one == other:
        return 0.0
    if (one in VOWELS) != (other in VOWELS):
        return VOWEL_CONSONANT_COST
    alike = one in VOWELS or any(one in kin and other in kin for kin in SIMILAR_CONSONANTS)
    return SIMILAR_COST if alike else DISSIMILAR_COST
