"""The `tagger` command: train `tts.text.pronounce.part_of_speech` on tagged sentences.

The sentences are those that `tagging.py` writes. Texts whose number ends in 0 are held out for
evaluation. Constants without a source are chosen by hand and not tuned.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from string import ascii_letters
from typing import Annotated, Any

import numpy as np
import torch
import typer
from jaxtyping import Float, Int
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from tts.audio import check_writable
from tts.text.pronounce import part_of_speech
from tts.text.pronounce.part_of_speech import (
    EMBEDDING,
    FAR_WIDTH,
    LAYERS,
    NEAR_WIDTH,
    feature_hash,
    spelling_features,
)
from tts.text.pronounce.symbols import PUNCTUATION

from .command import run

EVERY = 10  # one text in so many is held out
SEED = 0
EPOCHS = 12
BATCH = 2000  # words
RATE, WARM_UP = 3e-3, 100  # peak learning rate, and steps of linear warm-up
BETAS = 0.9, 0.99
MOST_FEATURES = len(spelling_features("nobody's"))
VECTOR, HIDDEN, LAST = 32, 128, 96  # widths of the word embedding and of the two layers
DROPOUT = 0.2
UNKNOWN = 0.15  # share of words that are trained on as if they were unknown
# least number of occurrences of a feature that is a whole word, and of any other, to be kept
WORD_COUNT, PART_COUNT = 4, 30
NOTHING, NO_TAG = 0, -100
APART = max(NEAR_WIDTH, FAR_WIDTH) // 2  # rows between sentences
LARGEST = 31  # integer that the largest weight of a column is stored as; finer ones tag no better

EncodedSentence = tuple[Tensor, Tensor]


@dataclass(frozen=True, slots=True)
class LabelledSentence:
    """A sentence: the number and the source of its text, its words and their tags."""

    number: int
    source: str
    words: Sequence[str]
    tags: Sequence[str]

    @property
    def held_out(self) -> bool:
        return self.number % EVERY == 0


def tagger(
    tagged: Annotated[
        list[Path], typer.Argument(help="Files of tagged sentences, as `tagging` writes them.")
    ],
    out: Annotated[
        Path | None, typer.Option(help="File of weights (.npz) to write; excludes --check.")
    ] = None,
    epochs: Annotated[int, typer.Option(min=1, help="Passes over the sentences.")] = EPOCHS,
    check: Annotated[
        bool, typer.Option("--check", help="Evaluate the installed weights, without training.")
    ] = False,
) -> None:
    """Train the part-of-speech tagger, and print how often its tags agree.

    Needs files that `tagging` wrote. Writes the weights, and prints the
    agreement on held-out sentences of each source.

    Examples:
      python -m training.pronunciation.tagger tagged.jsonl --out tagger.npz
      python -m training.pronunciation.tagger tagged.jsonl --check
    """
    if check == (out is not None):
        raise ValueError("give either --out or --check")
    if out:
        check_writable(out)
    rows = [row for path in tagged for row in read_tagged_sentences(path)]
    if out is None:
        tag = part_of_speech.tag_words
    else:
        save(*train([row for row in rows if not row.held_out], epochs), out)
        tag = part_of_speech.load_tagger(out.read_bytes()).tag
    for line in agreement([row for row in rows if row.held_out], tag):
        typer.echo(line)


def read_tagged_sentences(path: Path) -> Iterator[LabelledSentence]:
    """Read the sentences of a file that `tagging` wrote."""
    with path.open(encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            number = int(row["id"].split(":")[-2].strip(ascii_letters))
            yield LabelledSentence(number, row["source"], row["words"], row["tags"])


def agreement(
    rows: Iterable[LabelledSentence], tag: Callable[[Sequence[str]], Sequence[str]]
) -> Iterator[str]:
    """For each source, the share of words and marks, and of words alone, that are tagged alike."""
    counts: dict[str, Counter[tuple[bool, bool]]] = defaultdict(Counter)
    for row in rows:
        for word, wanted, found in zip(row.words, row.tags, tag(row.words), strict=True):
            counts[row.source][word not in PUNCTUATION, wanted == found] += 1
    for source, count in counts.items():
        words = count[True, True] / (count[True, True] + count[True, False])
        both = (count[True, True] + count[False, True]) / count.total()
        yield f"{source}: {both:.2%} of {count.total()} tokens, {words:.2%} of words"


def train(rows: Sequence[LabelledSentence], epochs: int) -> tuple["Vocabulary", "TaggerNetwork"]:
    """Train a network on sentences; returns it with its vocabulary."""
    torch.manual_seed(SEED)
    vocabulary = Vocabulary(rows)
    network = TaggerNetwork(len(vocabulary.features), len(vocabulary.tags)).train()
    sentences = [vocabulary.encode(row) for row in rows]
    batches = [batch for _ in range(epochs) for batch in _shuffled(sentences)]
    optimizer = torch.optim.Adam(network.parameters(), lr=RATE, betas=BETAS)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, partial(_rate, steps=len(batches)))
    for known, tags in map(_joined, batches):
        optimizer.zero_grad()
        torch.autograd.backward(functional.cross_entropy(network(known), tags, ignore_index=NO_TAG))
        optimizer.step()
        schedule.step()
    return vocabulary, network.eval()


def save(vocabulary: "Vocabulary", network: "TaggerNetwork", path: Path) -> None:
    """Write the weights as `part_of_speech.load_tagger` reads them."""
    arrays: dict[str, Any] = {
        "tags": np.array(vocabulary.tags),
        "features": np.array(vocabulary.features, np.uint32),
    }
    arrays |= _small(EMBEDDING, network.embedding.weight[1:])
    for name in LAYERS:
        layer = network.get_submodule(name)
        assert isinstance(layer, nn.Linear)
        arrays |= _small(name, layer.weight.T)
        arrays[f"{name}_bias"] = layer.bias.detach().numpy()
    with path.open("wb") as file:
        np.savez_compressed(file, **arrays)


class Vocabulary:
    """The features and tags of a network, in the order of their rows."""

    def __init__(self, rows: Iterable[LabelledSentence]) -> None:
        """The features that occur often enough, and all tags."""
        words = Counter(word for row in rows for word in row.words)
        counts: Counter[str] = Counter()
        for word, count in words.items():
            counts.update(dict.fromkeys(spelling_features(word), count))
        self.features = sorted(
            feature_hash(one) for one, met in counts.items() if met >= _least(one)
        )
        self.tags = sorted({tag for row in rows for tag in row.tags})
        self._row = {feature: row for row, feature in enumerate(self.features, 1)}
        self._place = {tag: place for place, tag in enumerate(self.tags)}
        self._known = {word: self._rows(word) for word in words}

    def encode(self, row: LabelledSentence) -> EncodedSentence:
        """For each word of a sentence the rows of its features, and the index of its tag."""
        known = torch.tensor([self._known[word] for word in row.words])
        return known, torch.tensor([self._place[tag] for tag in row.tags])

    def _rows(self, word: str) -> list[int]:
        known = [
            self._row.get(feature_hash(feature), NOTHING) for feature in spelling_features(word)
        ]
        return [*known, *[NOTHING] * (MOST_FEATURES - len(known))]


class TaggerNetwork(nn.Module):
    """The network of `part_of_speech`, for training. Row 0 of its embedding is no feature."""

    def __init__(self, features: int, tags: int) -> None:
        super().__init__()
        self.embedding = nn.EmbeddingBag(features + 1, VECTOR, mode="sum", padding_idx=NOTHING)
        nn.init.normal_(self.embedding.weight, std=0.1)
        self.near = nn.Linear(NEAR_WIDTH * VECTOR, HIDDEN)
        self.far = nn.Linear(FAR_WIDTH * HIDDEN, LAST)
        self.output = nn.Linear(LAST, tags)

    def forward(self, known: Int[Tensor, "words spelling_features"]) -> Float[Tensor, "words tags"]:
        """Scores of each tag of each word; sentences are separated by rows of zeros."""
        real = known.any(dim=1, keepdim=True)
        hidden = self._dropped(self.embedding(self._forgotten(known)))
        hidden = self._dropped(functional.relu(self.near(_window(hidden, NEAR_WIDTH))) * real)
        hidden = self._dropped(functional.relu(self.far(_window(hidden, FAR_WIDTH))))
        return self.output(hidden)

    def _forgotten(
        self, known: Int[Tensor, "words spelling_features"]
    ) -> Int[Tensor, "words spelling_features"]:
        """In training, hide whole-word features at random, as those of unknown words are."""
        if not self.training:
            return known
        forgotten = torch.rand(len(known)) < UNKNOWN
        return torch.cat([known[:, :1].masked_fill(forgotten[:, None], NOTHING), known[:, 1:]], 1)

    def _dropped(self, hidden: Float[Tensor, "words size"]) -> Float[Tensor, "words size"]:
        return functional.dropout(hidden, DROPOUT, self.training)


def _window(hidden: Float[Tensor, "words size"], width: int) -> Float[Tensor, "words wide"]:
    """Each row joined with its neighbours before and after."""
    half = width // 2
    padded = functional.pad(hidden, (0, 0, half, half))
    return torch.cat([padded[place : place + len(hidden)] for place in range(width)], dim=1)


def _shuffled(sentences: Sequence[EncodedSentence]) -> Iterator[list[EncodedSentence]]:
    """All sentences in batches of about `BATCH` words, in random order."""
    batch: list[EncodedSentence] = []
    for place in torch.randperm(len(sentences)).tolist():
        batch.append(sentences[place])
        if sum(len(tags) for _, tags in batch) >= BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _joined(batch: Iterable[EncodedSentence]) -> EncodedSentence:
    """Several sentences as one, with enough zeros between them that no window spans two."""
    pairs = [
        (functional.pad(known, (0, 0, 0, APART)), functional.pad(tags, (0, APART), value=NO_TAG))
        for known, tags in batch
    ]
    known, tags = zip(*pairs, strict=True)
    return torch.cat(known), torch.cat(tags)


def _rate(step: int, steps: int) -> float:
    """The factor of the learning rate at a step: linear warm-up, then linear decay to 0."""
    return min(1.0, (step + 1) / WARM_UP, 1 - step / steps)


def _least(feature: str) -> int:
    return WORD_COUNT if feature.startswith(("word ", "stem ")) else PART_COUNT


def _small(name: str, weights: Tensor) -> dict[str, NDArray[Any]]:
    """Weights as 8-bit integers, with a scale for each column."""
    exact = weights.detach().numpy()
    scale = np.abs(exact).max(axis=0) / LARGEST
    return {name: np.rint(exact / scale).astype(np.int8), f"{name}_scale": scale}


if __name__ == "__main__":
    run(tagger)
