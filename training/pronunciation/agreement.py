"""The `agreement` command: compares our phonemes with those of a corpus's reader."""

import re
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from pathlib import Path
from typing import Annotated

import typer

from tts.text.frontend import prepare_utterances

from .command import run
from .dictionary import FOLDED

MARKS = re.compile(r"[.,;:?!—…“”\"()]")
SECONDARY = "ˌ"


@dataclass
class Agreement:
    """Counts of words: the reader's, the equal ones, and each difference with an example text."""

    words: int = 0
    equal: int = 0
    but_for_stress: int = 0
    differences: Counter[tuple[str, str]] = field(default_factory=Counter)
    examples: dict[tuple[str, str], str] = field(default_factory=dict)

    def add(self, text: str, ours: Sequence[str], theirs: Sequence[str]) -> None:
        """Count the words of a text, aligned by the equal ones."""
        self.words += len(theirs)
        matcher = SequenceMatcher(None, ours, theirs, autojunk=False)
        for operation, first, last, start, stop in matcher.get_opcodes():
            if operation == "equal":
                self.equal += stop - start
                continue
            for pair in _pairs(ours[first:last], theirs[start:stop]):
                self.differences[pair] += 1
                self.examples.setdefault(pair, text)
                self.but_for_stress += len({word.replace(SECONDARY, "") for word in pair}) == 1

    def report(self, most: int) -> Iterator[str]:
        """Lines: the shares of equal words, then the most common differences."""
        stress = self.equal + self.but_for_stress
        yield (
            f"{self.words} words, {100 * self.equal / self.words:.2f} % equal, "
            f"{100 * stress / self.words:.2f} % up to secondary stress"
        )
        for pair, count in self.differences.most_common(most):
            ours, theirs = pair
            yield f"{count}\tours {ours}\treader {theirs}\t{self.examples[pair]}"


def _pairs(ours: Sequence[str], theirs: Sequence[str]) -> Iterator[tuple[str, str]]:
    if len(ours) == len(theirs):
        yield from zip(ours, theirs, strict=True)
    else:
        yield " ".join(ours), " ".join(theirs)


def words_of(phonemes: str) -> list[str]:
    """The words of a string of phonemes, without punctuation, in our symbols."""
    return MARKS.sub(" ", phonemes).translate(FOLDED).split()


def agreement(
    texts: Annotated[
        Path, typer.Argument(help="Table (.tsv): id, voice, source, text, phonemes; no header.")
    ],
    count: Annotated[
        int, typer.Option(help="Texts to compare, at least 1, spread evenly over the file.")
    ] = 2000,
    differences: Annotated[int, typer.Option(help="Most common differences to print.")] = 40,
) -> None:
    """Compare our phonemes with those that the reader of a corpus was given.

    Needs a table of texts with the reader's phonemes. Prints the share of
    equal words, the most common differences, and the speed; it writes no
    file.

    Example:
      python -m training.pronunciation.agreement texts.tsv --count 500
    """
    lines = texts.read_text(encoding="utf-8").splitlines()
    counts, spoken, seconds = Agreement(), 0, 0.0
    for line in lines[:: max(1, len(lines) // count)][:count]:
        _, _, _, text, phonemes = line.split("\t")
        start = time.process_time()
        said = [line.phonemes for line in prepare_utterances(text)]
        seconds += time.process_time() - start
        spoken += len(said)
        counts.add(text, words_of(" ".join(said)), words_of(phonemes))
    typer.echo("\n".join(counts.report(differences)))
    typer.echo(f"{spoken} sentences, {spoken / seconds:.0f} a second of processor time")


if __name__ == "__main__":
    run(agreement)
