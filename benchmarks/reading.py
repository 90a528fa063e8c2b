"""python -m benchmarks.reading FOLDER: the normaliser against labelled readings.

The folder holds files `test_cases_*.txt` as NVIDIA's NeMo text processing has them, in
`tests/nemo_text_processing/en/data_text_normalization`: lines `written~said`, or a line `~written`
with readings below it, each of which is right. A reading is the same if only case, punctuation and
spaces differ. It differs in style if the same numbers and words are said another way, such as
"oh" for "zero" or "the fifth of June" for "June fifth". All others are listed, to be judged by
hand: not each of them is a misreading.
"""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer

from tts.text.normalise.english.numbers import cardinal, ordinal
from tts.text.normalise.english.words.abbreviation_data import MONTH_NAMES
from tts.text.normalise.normalise import normalise

SAME, STYLE, DIFFERENT = "same", "style", "different"
PATTERN = "test_cases_*.txt"
VALUES = {cardinal(str(value)): value for value in (*range(20), *range(20, 100, 10))}
SCALES = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
ORDINALS = {ordinal(str(value)): word for word, value in VALUES.items()} | {
    "hundredth": "hundred",
    **{f"{scale}th": scale for scale in SCALES},
}
# Words that stand for another, or for none, without another sense for a listener.
SYNONYMS = {
    "oh": "zero",
    "o": "zero",
    "a": "one",
    "half": "one half",
    "ave": "avenue",
    "dash": "",
    "and": "",
    "the": "",
    "of": "",
    "on": "",
    "o'clock": "",
    "to": "",
    "dot": "point",
    "miz": "ms",
    "misses": "mrs",
    "oclock": "",
    "hyphen": "",
}
SCHEME = re.compile(r"(?:https?|h t t p(?: s)?) colon slash slash |(?:www|w w w) dot ")  # not read
MONTH = "|".join(MONTH_NAMES).lower()
DAY_FIRST = re.compile(rf"\bthe ((?:\w+ )?\w+(?:st|nd|rd|th)) of ({MONTH})\b")


@dataclass(frozen=True, slots=True)
class Case:
    """A written text, and the readings that are right."""

    written: str
    said: Sequence[str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a case was read.

    Args:
        file: the name of its file.
        written: the text.
        said: the first of the readings that the file has.
        spoken: the reading of the normaliser.
        verdict: `SAME`, `STYLE` or `DIFFERENT`.
    """

    file: str
    written: str
    said: str
    spoken: str
    verdict: str


def main(
    folder: Annotated[Path, typer.Argument(help="The folder of the test cases.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Score the reading of labelled cases, and list those that differ.

    The folder has files test_cases_*.txt, whose lines are a written text, "~" and how it is read,
    such as the English cases of NeMo-text-processing. Those of another style are counted apart.
    Needs nothing but the package. Prints counts by file, and what differs.

    \b
    Examples:
      python -m benchmarks.reading data_text_normalization
      python -m benchmarks.reading data_text_normalization --json
    """
    try:
        outcomes = score(folder)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    typer.echo(
        json.dumps(report(outcomes), ensure_ascii=False, indent=2) if as_json else table(outcomes)
    )


def score(folder: Path, read: Callable[[str], str] | None = None) -> list[Outcome]:
    """Read the cases of all files of a folder.

    Args:
        folder: a folder with files `test_cases_*.txt`.
        read: a function from a written text to its reading; the normaliser if None.

    Returns:
        One outcome for each case.

    Raises:
        ValueError: the folder has no such files.
    """
    files = sorted(folder.glob(PATTERN))
    if not files:
        raise ValueError(f"folder must have files {PATTERN}, got {folder}")
    read = read or _read
    outcomes = list[Outcome]()
    for file in files:
        for case in cases(file.read_text(encoding="utf-8")):
            spoken = read(case.written)
            verdict = compare(spoken, case.said)
            outcomes.append(Outcome(file.name, case.written, case.said[0], spoken, verdict))
    return outcomes


def _read(written: str) -> str:
    return normalise(written).text


def cases(text: str) -> Iterator[Case]:
    """The cases of a file, without those that have nothing to read."""
    written, said = "", list[str]()
    for line in text.splitlines():
        before, tilde, after = line.partition("~")
        if not tilde:
            said += [line] * bool(line.strip())
            continue
        yield from _case(written, said)
        written, said = (before, [after]) if before else (after, [])
    yield from _case(written, said)


def _case(written: str, said: Sequence[str]) -> Iterator[Case]:
    if written.strip() and said:
        yield Case(written, tuple(said))


def compare(spoken: str, said: Sequence[str]) -> str:
    """The verdict of a reading, given those that are right."""
    wanted = [*said, *map(_read, said)]  # so that letters of an acronym are spelt in both
    for verdict, fold in ((SAME, fold_spelling), (STYLE, fold_style)):
        if fold(spoken) in map(fold, wanted):
            return verdict
    return DIFFERENT


def fold_spelling(said: str) -> str:
    """A reading without case, punctuation and spaces.

    Example:
        >>> fold_spelling("Twenty-one, C S Lewis") == fold_spelling("twenty one CS lewis")
        True
    """
    return re.sub(r"[\W_]", "", said.lower())


def fold_style(said: str) -> str:
    """A reading with numbers as digits, months before days, and one word for words that are alike.

    Example:
        >>> fold_style("the fifth of June 2012") == fold_style("june fifth 2012")
        True
    """
    said = re.sub(
        r"[^\w']+", " ", DAY_FIRST.sub(r"\2 \1", SCHEME.sub("", said.lower().replace("-", " ")))
    )
    words = " ".join(SYNONYMS.get(word, word) for word in said.split()).split()
    return "".join(_numbers([_cardinal(word) for word in words]))


def _cardinal(word: str) -> str:
    """An ordinal number, or a decade, as the cardinal number: fifth is five."""
    if word in ORDINALS:
        return ORDINALS[word]
    for plural, single in (("ieths", "y"), ("ieth", "y"), ("ies", "y"), ("ths", "th"), ("s", "")):
        stem = word.removesuffix(plural) + single
        if word.endswith(plural) and (stem in VALUES or stem in ORDINALS):
            return ORDINALS.get(stem, stem)
    return word


def _numbers(words: Sequence[str]) -> Iterator[str]:
    """The words, with each number in digits."""
    total = part = 0
    open_number, last = False, 0
    for word in [*words, ""]:
        if word in VALUES:
            value = VALUES[word]
            joins = open_number and value and (last >= 100 or (last >= 20 and value < 10))
            if open_number and not joins:
                yield str(total + part)
                total = part = 0
            part, open_number, last = part + value, True, value if value else 1
        elif open_number and word == "hundred":
            part, last = part * 100, 100
        elif open_number and word in SCALES:
            total, part, last = total + part * SCALES[word], 0, 1000
        else:
            if open_number:
                yield str(total + part)
            total, part, open_number, last = 0, 0, False, 0
            yield word


def report(outcomes: Sequence[Outcome]) -> dict[str, object]:
    """The counts of each file and of all, and the outcomes that differ, as JSON values."""
    names = sorted({one.file for one in outcomes})
    return {
        "files": {name: _counts([one for one in outcomes if one.file == name]) for name in names},
        "total": _counts(outcomes),
        "different": [asdict(one) for one in outcomes if one.verdict == DIFFERENT],
    }


def _counts(outcomes: Sequence[Outcome]) -> dict[str, int]:
    verdicts = [one.verdict for one in outcomes]
    return {
        "cases": len(verdicts),
        **{verdict: verdicts.count(verdict) for verdict in (SAME, STYLE, DIFFERENT)},
    }


def table(outcomes: Sequence[Outcome]) -> str:
    """The counts as a table, and below it what differs."""
    columns = ("cases", SAME, STYLE, DIFFERENT)
    lines = [f"{'file':<44}" + "".join(f"{column:>10}" for column in columns)]
    for name in [*sorted({one.file for one in outcomes}), "total"]:
        counts = _counts([one for one in outcomes if name in (one.file, "total")])
        lines.append(f"{name:<44}" + "".join(f"{counts[column]:>10}" for column in columns))
    for one in outcomes:
        if one.verdict == DIFFERENT:
            lines += [
                "",
                f"{one.file}: {one.written}",
                f"  wanted  {one.said}",
                f"  spoken  {one.spoken}",
            ]
    return "\n".join(lines)


if __name__ == "__main__":
    typer.run(main)
