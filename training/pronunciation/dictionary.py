"""The `dictionary` command: makes the pronouncing dictionary from misaki's lexicons."""

import gzip
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from tts.text.pronounce.dictionary import DEFAULT, PAUSE, UNCERTAIN, VOWEL
from tts.text.pronounce.symbols import INVENTORY

from .command import run

Lexicon = Mapping[str, str | Mapping[str, str | None]]
# symbols of misaki that are folded into ours: a schwa, a flap, a glottal stop
FOLDED = str.maketrans("ɐɾʔ", "əTt")
# words that misaki's code, not its lexicons, pronounces: by what follows, or by their tag
WEAK: Mapping[str, Mapping[str, str]] = {
    "a": {DEFAULT: "ə"},
    "am": {PAUSE: "æm", DEFAULT: "əm"},
    "an": {DEFAULT: "ən"},
    "by": {PAUSE: "bˈI", "ADV": "bˈI", DEFAULT: "bI"},
    "can": {PAUSE: "kˈæn", "NOUN": "kˈæn", DEFAULT: "kæn"},
    "I": {"PRP": "ˌI", DEFAULT: "ˈI"},
    "in": {PAUSE: "ˈɪn", "IN": "ɪn", DEFAULT: "ˈɪn"},
    "might": {"NOUN": "mˈIt", DEFAULT: "mˌIt"},
    "the": {VOWEL: "ði", DEFAULT: "ðə"},
    "to": {PAUSE: "tu", VOWEL: "tʊ", DEFAULT: "tə"},
    "used": {DEFAULT: "jˈuzd"},
    "will": {PAUSE: "wˈɪl", "NOUN": "wˈɪl", DEFAULT: "wɪl"},
}


def table(gold: Lexicon, silver: Lexicon) -> bytes:
    """The lines of the dictionary, sorted; gold entries replace silver ones."""
    lines = {word: UNCERTAIN + _written(said) for word, said in silver.items()}
    lines |= {word: _written(said) for word, said in gold.items()}
    lines |= {word: _written(said) for word, said in WEAK.items()}
    encoded = sorted((word.encode(), phones.encode()) for word, phones in lines.items())
    return b"".join(b"%s\t%s\n" % pair for pair in encoded)


def _written(said: str | Mapping[str, str | None]) -> str:
    if isinstance(said, str):
        return _folded(said)
    return " ".join(f"{_key(key)}={_folded(phones or '')}" for key, phones in said.items())


def _key(key: str) -> str:
    """Our key for one of misaki, which calls the end of a sentence or clause None."""
    return PAUSE if key == "None" else key


def _folded(phones: str) -> str:
    folded = phones.translate(FOLDED)
    if unknown := set(folded) - set(INVENTORY):
        raise ValueError(f"phones must be of the inventory, got {sorted(unknown)} in {phones!r}")
    return folded


def dictionary(
    folder: Annotated[
        Path, typer.Argument(help="Folder of misaki's data, with us_gold.json and us_silver.json.")
    ],
    out: Annotated[Path, typer.Option(help="Dictionary (.tsv.gz) to write.")],
) -> None:
    """Make the pronouncing dictionary from misaki's US lexicons.

    Needs misaki's data. Writes a compressed table, and prints its words and
    size.

    Example:
      python -m training.pronunciation.dictionary misaki/data --out words.tsv.gz
    """
    lines = table(*(_read(folder / f"us_{name}.json") for name in ("gold", "silver")))
    out.write_bytes(gzip.compress(lines, mtime=0))
    words, size = lines.count(b"\n"), out.stat().st_size
    typer.echo(f"{words} words, {size / 1e6:.2f} MB")


def _read(path: Path) -> Lexicon:
    return json.loads(path.read_text(encoding="utf-8"))


if __name__ == "__main__":
    run(dictionary)
