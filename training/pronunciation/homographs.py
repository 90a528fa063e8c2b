"""The `homographs` command: train the classifier of the senses of homographs.

It is trained on sentences labelled with a sense: a folder of tables, one for each word, such as
https://github.com/google-research-datasets/WikipediaHomographData, and homographs.txt.
"""

import csv
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Annotated

import typer

from tts.text.normalise.normalise import normalise
from tts.text.pronounce.homograph_features import context_features
from tts.text.pronounce.homographs import save_model
from tts.text.pronounce.part_of_speech import tag_words
from tts.text.sentences import split_sentences

from .command import run
from .maximum_entropy import HomographExample, MaxEntSettings, choose, train
from .tagging import TOKEN

HERE = Path(__file__).parent
BELOW = 2  # sentences by which a word may be worse than always its commoner sense

TagWords = Callable[[Sequence[str]], Sequence[str]]


def homographs_command(
    folder: Annotated[
        Path, typer.Argument(help="Folder of labelled sentences, a table (.tsv) for each word.")
    ],
    out: Annotated[
        Path | None, typer.Option(help="File of weights (.npz) to write. Default: none.")
    ] = None,
    folds: Annotated[
        int, typer.Option(help="Folds of cross-validation, at least 2; 0 does without.")
    ] = 0,
) -> None:
    """Train the classifier of homographs, or cross-validate it.

    Needs tables of labelled sentences. Writes the weights to --out; with
    --folds it prints the accuracy, and the words that it makes worse.

    Examples:
      python -m training.pronunciation.homographs eval --folds 5
      python -m training.pronunciation.homographs train --out homographs.npz
    """
    ours = list(own_examples(tag_words))
    theirs = list(examples(folder, tag_words))
    if not theirs:
        raise ValueError(f"no labelled sentences in {folder}; give a folder of tables (.tsv)")
    if folds:
        typer.echo(report(theirs, cross_validate(theirs, ours, folds)))
    if out:
        save_model(train([*theirs, *ours]), out)


def examples(folder: Path, tagger: TagWords) -> Iterator[HomographExample]:
    """The labelled sentences of a folder whose label is in homograph_labels.tsv."""
    known = {label: (word, sense) for label, word, sense, _ in labels()}
    for path in sorted(folder.glob("*.tsv")):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file, delimiter="\t", quotechar='"'):
                start = _start(row["sentence"], row["homograph"], int(row["start"]))
                if start is not None and row["wordid"] in known:
                    word, sense = known[row["wordid"]]
                    yield from _example(row["sentence"], start, word, sense, tagger)


def own_examples(tagger: TagWords) -> Iterator[HomographExample]:
    """The sentences of homographs.txt."""
    word = sense = ""
    for line in (HERE / "homographs.txt").read_text("utf-8").splitlines():
        if line.startswith("#"):
            continue
        if line[-1] not in ".?!":
            word, _, sense = line.partition(" ")
        else:
            found = re.search(rf"\b{word}\b", line, re.IGNORECASE)
            assert found, line
            for example in _example(line, found.start(), word, sense, tagger):
                yield replace(example, ours=True)


@cache
def labels() -> list[tuple[str, ...]]:
    """The rows of homograph_labels.tsv: label, word, sense, and whether the word is clear."""
    lines = (HERE / "homograph_labels.tsv").read_text("utf-8").splitlines()
    return [tuple(line.split("\t")) for line in lines if not line.startswith("#")]


def _start(sentence: str, word: str, start: int) -> int | None:
    """The index of the word: some tables count characters, some bytes, some neither."""
    in_bytes = len(sentence.encode()[:start].decode(errors="ignore"))
    for place in (start, in_bytes):
        if sentence[place : place + len(word)].lower() == word.lower():
            return place
    found = list(re.finditer(rf"\b{re.escape(word)}\b", sentence, re.IGNORECASE))
    return found[0].start() if len(found) == 1 else None


def _example(
    text: str, start: int, word: str, sense: str, tagger: TagWords
) -> Iterator[HomographExample]:
    """The example, if the word is in the normalised text unchanged."""
    for sentence in split_sentences(normalise(text)):
        tokens = list(TOKEN.finditer(sentence.text))
        words = [token.group() for token in tokens]
        for place, token in enumerate(tokens):
            first, last = sentence.spans[token.start()][0], sentence.spans[token.end() - 1][1]
            if first <= start < last and words[place].lower() == word:
                yield HomographExample(word, sense, context_features(words, tagger(words), place))


def cross_validate(
    theirs: Sequence[HomographExample],
    ours: Sequence[HomographExample],
    folds: int,
    settings: MaxEntSettings | None = None,
) -> list[bool]:
    """Whether each example is right by a model trained on the other folds and on `ours`."""
    right = [False] * len(theirs)
    for fold in range(folds):
        rest = [one for place, one in enumerate(theirs) if place % folds != fold]
        model = train([*rest, *ours], settings)
        for place in range(fold, len(theirs), folds):
            right[place] = choose(model, theirs[place]) == theirs[place].right
    return right


def report(theirs: Sequence[HomographExample], right: Sequence[bool]) -> str:
    """Accuracies over all words, clear words and senses alike, and the words that get worse."""
    doubtful = {word for _, word, _, clear in labels() if clear != "clear"}
    by_sense: dict[str, dict[str, list[bool]]] = defaultdict(lambda: defaultdict(list))
    for example, hit in zip(theirs, right, strict=True):
        by_sense[example.word][example.sense].append(hit)
    clear = [hit for one, hit in zip(theirs, right, strict=True) if one.word not in doubtful]
    balanced = [_share([_share(hits) for hits in senses.values()]) for senses in by_sense.values()]
    lines = [
        f"{len(theirs)} sentences of {len(by_sense)} words",
        f"all words {_share(right):.2%}, clear words {_share(clear):.2%}, "
        f"classes equal {_share(balanced):.2%}",
    ]
    for word, senses in by_sense.items():
        hits = sum(map(sum, senses.values()))
        common = max(map(len, senses.values()))
        if hits < common - BELOW:
            lines.append(f"{word}: {hits} right, its commoner sense {common}")
    return "\n".join(lines)


def _share(values: Sequence[float]) -> float:
    return sum(values) / max(1, len(values))


if __name__ == "__main__":
    run(homographs_command)
