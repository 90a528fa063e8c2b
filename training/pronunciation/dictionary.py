"""The `dictionary` command: the table of `tts.text.pronounce.dictionary` from misaki's lexicons."""

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
# misaki's symbols that are folded in ours: a schwa, a flap, a glottal stop.
FOLDED = str.maketrans("ɐɾʔ", "əTt")
# What misaki's code says instead of its lexicons: by what comes after a word, or by its tag.
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
    """The lines of the dictionary, sorted; an entry of the gold lexicon wins over a silver one."""
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
    """misaki calls the end of a sentence or clause None."""
    return PAUSE if key == "None" else key


def _folded(phones: str) -> str:
    folded = phones.translate(FOLDED)
    if unknown := set(folded) - set(INVENTORY):
        raise ValueError(f"expected phones of the inventory in {phones!r}, not {sorted(unknown)}")
    return folded


def dictionary(
    folder: Annotated[Path, typer.Argument(help="misaki's data: us_gold.json, us_silver.json.")],
    out: Annotated[Path, typer.Option(help="The file to write.")],
) -> None:
    """Make the pronouncing dictionary of misaki's US lexicons."""
    lines = table(*(_read(folder / f"us_{name}.json") for name in ("gold", "silver")))
    out.write_bytes(gzip.compress(lines, mtime=0))
    words, size = lines.count(b"\n"), out.stat().st_size
    typer.echo(f"{words} words, {size / 1e6:.2f} MB")


def _read(path: Path) -> Lexicon:
    return json.loads(path.read_text(encoding="utf-8"))


if __name__ == "__main__":
    run(dictionary)
