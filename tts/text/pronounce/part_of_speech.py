"""A part-of-speech tagger: the Penn Treebank tag of each token of a sentence.

It is a small convolutional network in numpy. A word's vector is the sum of the embeddings of its
spelling features; two convolutions over the words around it follow, then a linear layer for the
tags. `tts.training.pronunciation.tagger` trains it, and stores its weights as small integers with a
scale for each column.
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
NEAR_WIDTH, FAR_WIDTH = 5, 3  # the kernel widths of the two convolutions, in words
# No modal verb follows these: a can, the might, my will.
NO_MODAL_AFTER = frozenset(("a", "an", "the", "my", "your", "his", "its", "our", "their"))
# Rows of a matrix product at once: for more, numpy uses threads, which cost more than they save.
ROWS = 4
MAX_WORD_LETTERS = 64  # only the ends of a longer word are used
REMEMBERED = 16384  # words whose vectors are cached
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
        words: words as written, with contractions and possessives whole and compounds split at
            their hyphens; and the marks `.,;:?!`, each a token.

    Returns:
        One tag for each token. A contraction or possessive has one tag for the whole: "don't" is
        `RB`, "John's" is `NNP`.

    Example:
        >>> tag_words(["They", "record", "songs", "."])
        ['PRP', 'VBP', 'NNS', '.']
    """
    tags = default_tagger().tag(words)
    for place, (before, found) in enumerate(zip(words, tags[1:], strict=False), start=1):
        if found == "MD" and before.lower() in NO_MODAL_AFTER:
            tags[place] = "NN"
    return tags


def spelling_features(word: str) -> list[str]:
    """The features of a word: the word, its suffixes and prefixes, its shape, and the part before
    an apostrophe."""
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
    """The CRC-32 of a feature, by which its row of the embedding is found."""
    return crc32(feature.encode())


@dataclass(frozen=True, slots=True)
class Layer:
    """A linear layer: rows of `hidden` (tokens, inputs) to rows of outputs, in float32."""

    weights: Matrix
    bias: Matrix

    def __call__(self, hidden: Matrix) -> Matrix:
        blocks = [hidden[row : row + ROWS] for row in range(0, len(hidden), ROWS)]
        return np.concatenate([block @ self.weights for block in blocks]) + self.bias


@dataclass(frozen=True, slots=True)
class Network:
    """A trained tagger.

    Attributes:
        tags: the tags, in the order of the output columns.
        vector: a function from a word to its vector.
        near: the first convolution, over a word and two on either side.
        far: the second convolution, over a position and one on either side.
        output: the linear layer that scores each tag.
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
    """Load a tagger from the bytes of a file that `tts.training.pronunciation.tagger` wrote."""
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
    """The tagger that the package ships."""
    return load_tagger(files("tts.text.pronounce").joinpath(WEIGHTS).read_bytes())


def _vector(rows: Mapping[int, int], embedding: Matrix, word: str) -> Matrix:
    """The sum of the embeddings of a word's features; features without a row are skipped."""
    known = [
        row
        for feature in spelling_features(word)
        if (row := rows.get(feature_hash(feature))) is not None
    ]
    return embedding[known].sum(axis=0)


def _window(hidden: Matrix, width: int) -> Matrix:
    """Each row concatenated with its neighbours within `width`, with zeros beyond the ends."""
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
    """The shape of a word: capitals are X, other letters x, digits d, at most two in a row."""
    return ROW.sub(r"\1\1", word.translate(SHAPE))[:LONGEST_SHAPE]
