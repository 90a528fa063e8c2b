"""Parts of speech: the Penn Treebank tag of each word and mark of a sentence.

A small convolutional network. What is known of a word alone is a sum of vectors, one for each
feature of its spelling that the network has a row for; two convolutions then see the words around
it. Its weights are learned by `tts.training.pronunciation.tagger` and kept as small integers, each
with the scale of its column.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from importlib.resources import files
from io import BytesIO
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]

ANY = "any"  # a feature of every word
WEIGHTS = "part_of_speech.npz"
EMBEDDING, LAYERS = "embedding", ("near", "far", "output")
NEAR_WIDTH, FAR_WIDTH = (
    5,
    3,
)  # words that the first convolution sees, and vectors of those that the second does
# A can, the might, my will: after these no modal verb stands.
NO_MODAL_AFTER = frozenset(("a", "an", "the", "my", "your", "his", "its", "our", "their"))
ROWS = 4  # a larger product is shared out among threads, whose waiting costs more than it saves
MAX_WORD_LETTERS = 64  # letters of a word
REMEMBERED = 16384  # words
PREFIXES, SUFFIXES = (1, 2, 3, 4), (1, 2, 3, 4, 5)
SHAPE = str.maketrans(
    {chr(letter): "X" for letter in range(ord("A"), ord("Z") + 1)}
    | {chr(letter): "x" for letter in range(ord("a"), ord("z") + 1)}
    | dict.fromkeys("0123456789", "d")
)
ROW = re.compile(r"(.)\1+")
LONGEST_SHAPE = 6


def tag_words(words: Sequence[str]) -> list[str]:
    """The Penn Treebank tag of each token of a sentence of normalised text.

    Args:
        words: words as written, contractions and possessives whole, compounds cut at their
            hyphens; and the marks `.,;:?!`, each a token.

    Returns:
        One tag for each token: `["They", "record", "songs", "."]` is `["PRP", "VBP", "NNS", "."]`.
        A contraction has the tag of its weightier part: "don't" is `RB`, "John's" is `NNP`.
    """
    tags = default_tagger().tag(words)
    for place, (before, found) in enumerate(zip(words, tags[1:], strict=False), start=1):
        if found == "MD" and before.lower() in NO_MODAL_AFTER:
            tags[place] = "NN"
    return tags


def spelling_features(word: str) -> list[str]:
    """What the spelling of a word says of it: itself first, then its ends, its shape, and the word
    before its apostrophe."""
    small = word.lower()
    stem, apostrophe, _ = small.partition("'")
    return [
        f"word {small}",
        ANY,
        *(f"suffix {small[-length:]}" for length in SUFFIXES if length < len(small)),
        *(f"prefix {small[:length]}" for length in PREFIXES if length < len(small)),
        f"shape {_shape(word)}",
        *([f"stem {stem}"] if apostrophe else []),
    ]


def feature_hash(feature: str) -> int:
    """The number that a feature is known by."""
    return crc32(feature.encode())


@dataclass(frozen=True, slots=True)
class Layer:
    """A linear layer of the network."""

    weights: Matrix
    bias: Matrix

    def __call__(self, hidden: Matrix) -> Matrix:
        blocks = [hidden[row : row + ROWS] for row in range(0, len(hidden), ROWS)]
        return np.concatenate([block @ self.weights for block in blocks]) + self.bias


@dataclass(frozen=True, slots=True)
class Network:
    """A trained tagger.

    Attributes:
        tags: the tags, in the order of the columns of the output.
        vector: what is known of a word alone.
        near: the first convolution, over a word and two on either side.
        far: the second, over what the first made of a word and of one on either side.
        output: makes the score of each tag of it.
    """

    tags: Sequence[str]
    vector: Callable[[str], Matrix]
    near: Layer
    far: Layer
    output: Layer

    def tag(self, words: Sequence[str]) -> list[str]:
        """One tag for each word."""
        if not words:
            return []
        hidden = np.concatenate([self.vector(_ends(word)) for word in words]).reshape(
            len(words), -1
        )
        hidden = np.maximum(self.near(_window(hidden, NEAR_WIDTH)), 0)
        hidden = np.maximum(self.far(_window(hidden, FAR_WIDTH)), 0)
        return [self.tags[place] for place in self.output(hidden).argmax(axis=1).tolist()]


def load_tagger(data: bytes) -> Network:
    """The tagger in a file that `tts.training.pronunciation.tagger` wrote."""
    with np.load(BytesIO(data), allow_pickle=False) as stored:
        embedding = stored[EMBEDDING] * stored[f"{EMBEDDING}_scale"]
        layers = [
            Layer(stored[name] * stored[f"{name}_scale"], stored[f"{name}_bias"]) for name in LAYERS
        ]
        rows = {feature: row for row, feature in enumerate(stored["features"].tolist())}
        tags = stored["tags"].tolist()
    return Network(tags, lru_cache(REMEMBERED)(partial(_vector, rows, embedding)), *layers)


@cache
def default_tagger() -> Network:
    """The tagger that comes with the package."""
    return load_tagger(files("tts.text.pronounce").joinpath(WEIGHTS).read_bytes())


def _vector(rows: Mapping[int, int], embedding: Matrix, word: str) -> Matrix:
    """The sum of the vectors of those features of a word that have one."""
    known = [
        row
        for feature in spelling_features(word)
        if (row := rows.get(feature_hash(feature))) is not None
    ]
    return embedding[known].sum(axis=0)


def _window(hidden: Matrix, width: int) -> Matrix:
    """Each row beside those before and after it, zeros where there are none."""
    count, size = hidden.shape
    edge = np.zeros((width // 2, size), np.float32)
    padded = np.concatenate([edge, hidden, edge])
    return np.concatenate([padded[place : place + count] for place in range(width)], axis=1)


def _ends(word: str) -> str:
    """A word, or the two ends of a very long one."""
    return (
        word
        if len(word) <= MAX_WORD_LETTERS
        else word[: MAX_WORD_LETTERS // 2] + word[-MAX_WORD_LETTERS // 2 :]
    )


def _shape(word: str) -> str:
    """Capitals as X, other letters as x, digits as d, and no more than two alike in a row."""
    return ROW.sub(r"\1\1", word.translate(SHAPE))[:LONGEST_SHAPE]
