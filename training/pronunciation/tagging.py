"""The `tagging` command: the front end's sentences, tagged by a spaCy model.

It writes the training data of `tts.training.pronunciation.tagger`: a line of JSON for each sentence
with `id`, `source`, `words` and `tags`. spaCy is needed for this alone.
"""

import csv
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from tts.text.normalise.normalise import normalise
from tts.text.sentences import split_sentences

from .command import run

TOKEN = re.compile(r"(?<![A-Za-z0-9'])'*[A-Za-z0-9][A-Za-z0-9']*|[.,;:?!]")
TEXT_COLUMN = 3  # of a table without a header: id, voice, source, text, phonemes
HEADER = "sentence"
BATCH = 256  # sentences that spaCy tags at once

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class SourceSentence:
    """A sentence of normalised text, with its id and the kind of file it is from."""

    id: str
    source: str
    text: str


@dataclass(frozen=True, slots=True)
class SpacyToken:
    """A token of spaCy: its start in the sentence in characters, and its Penn Treebank tag."""

    start: int
    text: str
    tag: str

    @property
    def stop(self) -> int:
        return self.start + len(self.text)

    @property
    def weight(self) -> int:
        """Its weight among the parts of one of our tokens: a point a character, two a capital."""
        return sum(1 if letter == letter.lower() else 2 for letter in self.text)


def tagging(
    texts: Annotated[
        list[Path],
        typer.Argument(help="Tables of texts (.tsv), or files with a text on each line (.txt)."),
    ],
    spacy: Annotated[Path, typer.Option(help="Folder of a spaCy model with a tagger.")],
    out: Annotated[Path, typer.Option(help="File to write, a line of JSON for each sentence.")],
) -> None:
    """Tag the sentences of texts, after normalisation, with a spaCy model.

    Needs spaCy and a model of it. Writes the sentences for `tagger`.

    Example:
      python -m training.pronunciation.tagging texts.tsv --spacy en --out t.jsonl
    """
    tagger = _tagger(spacy)
    found = (sentence for path in texts for sentence in read_sentences(path))
    with out.open("w", encoding="utf-8") as file:
        for sentence, pieces in _pieces(found, tagger):
            words, tags = merge(sentence.text, pieces)
            row = {"id": sentence.id, "source": sentence.source, "words": words, "tags": tags}
            file.write(json.dumps(row) + "\n")


def read_sentences(path: Path) -> Iterator[SourceSentence]:
    """The sentences of the texts in a file; an id is that of the text and an index."""
    for name, source, text in _texts(path):
        for place, sentence in enumerate(split_sentences(normalise(text))):
            yield SourceSentence(f"{name}:{place}", source, sentence.text)


def merge(text: str, pieces: Iterable[SpacyToken]) -> tuple[list[str], list[str]]:
    """The tokens of a sentence, each with the tag of its part with the highest weight."""
    tokens = list(TOKEN.finditer(text))
    pieces = list(pieces)
    tags: list[str] = []
    place = 0
    for token in tokens:
        while place < len(pieces) - 1 and pieces[place].stop <= token.start():
            place += 1
        stop = place + 1
        while stop < len(pieces) and pieces[stop].start < token.end():
            stop += 1
        tags.append(max(pieces[place:stop], key=lambda piece: piece.weight).tag)
    return [token.group() for token in tokens], tags


def _texts(path: Path) -> Iterator[tuple[str, str, str]]:
    """The id, the source and the text of each text of a file."""
    with path.open(encoding="utf-8", newline="") as file:
        if path.suffix == ".txt":
            for place, line in enumerate(file):
                yield f"{path.stem}:{place}", "lines", line.strip()
        elif HEADER in file.readline():
            file.seek(0)
            for place, row in enumerate(csv.DictReader(file, delimiter="\t", quotechar='"')):
                yield f"{path.stem}:{place}", "homographs", row[HEADER]
        else:
            file.seek(0)
            for line in file:
                name, *_ = columns = line.rstrip("\n").split("\t")
                yield name, "texts", columns[TEXT_COLUMN]


def _tagger(model: Path) -> Any:
    try:
        spacy = import_module("spacy")
    except ModuleNotFoundError:
        raise ValueError("tagging needs spacy; install it with pip install spacy") from None
    if not model.is_dir():
        raise ValueError(f"no such folder: {model}; give that of a spaCy model")
    return spacy.load(model, enable=["tok2vec", "tagger"])


def _pieces(
    found: Iterable[SourceSentence], tagger: Any
) -> Iterator[tuple[SourceSentence, list[SpacyToken]]]:
    pairs = ((sentence.text, sentence) for sentence in found)
    for document, sentence in tagger.pipe(pairs, as_tuples=True, batch_size=BATCH):
        pieces = [SpacyToken(one.idx, one.text, one.tag_) for one in document if not one.is_space]
        yield sentence, pieces


if __name__ == "__main__":
    run(tagging)
