"""`Lexicon`: pronunciations of words, which take precedence over the dictionary."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tts.deprecation import warn_renamed
from tts.error_messages import excerpt, naming_read_errors, quoted
from tts.text.files.plain import decode_utf8
from tts.text.normalise.normalise import normalise
from tts.text.pronounce import ipa
from tts.text.pronounce.alignment import MAX_PARTS_PER_WORD
from tts.validation import check_types, coerce_argument

WORD = re.compile(r"(?<![A-Za-z0-9'-])['-]*[A-Za-z0-9][A-Za-z0-9'-]*")
RESPELT = re.compile(r"[A-Za-z' -]*[A-Za-z][A-Za-z' -]*")
POSSESSIVE = ("'s", "'S")

Phrase = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LexiconEntry:
    """The pronunciation of a word or phrase: its phonemes, or other words that sound alike.

    Args:
        phones: phonemes, or empty where `words` has the pronunciation.
        words: a respelling in small letters, or empty.
        reason: why, as `tts explain` shows it.
    """

    phones: str = ""
    words: str = ""
    reason: str = ""

    @classmethod
    def parse(cls, written: str) -> "LexiconEntry":
        """Parse a respelling of plain letters, or IPA between slashes or with other letters.

        Raises:
            ValueError: the IPA has an unknown sign, or the respelling has too many words.
        """
        if RESPELT.fullmatch(written):
            words = written.lower().split()
            if len(words) > MAX_PARTS_PER_WORD:
                raise ValueError(
                    f"a respelling must have at most {MAX_PARTS_PER_WORD} words, got {len(words)}"
                )
            return cls(words=" ".join(words))
        return cls(phones=ipa.parse_ipa(written))

    def possessive(self) -> "LexiconEntry":
        phones, words = self.phones and ipa.with_s(self.phones), self.words and f"{self.words}'s"
        return LexiconEntry(phones, words, self.reason)


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Pronunciations of your own words and phrases. `Lexicon.of` and `Lexicon.load` make one.

    An entry in small letters applies however the word is written. One with capitals applies as it
    is written, and all in capitals. Possessives follow. A lexicon does not change, and threads
    may share it.

    Args:
        entries: a pronunciation by the words of its phrase, as normalised text has them.
        longest_phrase_words: for each first word, the number of words of its longest phrase.

    Example:
        >>> from tts import Delivery, Lexicon
        >>> lexicon = Lexicon.of({"Anais": "ænəˈiːs", "Cholmondeley": "chumley"})
        >>> delivery = Delivery(lexicon=lexicon)
    """

    entries: Mapping[Phrase, LexiconEntry] = field(default_factory=dict)
    longest_phrase_words: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_types(self)

    def __hash__(self) -> int:
        return hash((len(self.entries), len(self.longest_phrase_words)))

    @classmethod
    def of(cls, sayings: Mapping[str, str]) -> "Lexicon":
        """A lexicon from a mapping of words or phrases to their pronunciation.

        Args:
            sayings: for each word or phrase its IPA, such as `ænəˈiːs`, or a respelling in plain
                letters, such as `chumley`.

        Raises:
            ValueError: a pronunciation cannot be read, or a word comes twice.

        Example:
            >>> Lexicon.of({"ion": "/ˈaɪɑːn/"}).entries[("ion",)].phones
            'ˈIɑn'
        """
        coerce_argument("sayings", Mapping, sayings)
        return cls._of(("", key, saying) for key, saying in sayings.items())

    @classmethod
    def load(cls, path: Path | str) -> "Lexicon":
        r"""A lexicon from a file in UTF-8.

        Args:
            path: a `.json` file with `{"word": "pronunciation"}`; or any other file with a word, a
                tab and its pronunciation in each line. Empty lines, and lines that begin with
                `#`, are skipped.

        Raises:
            FileNotFoundError: there is no such file.
            OSError: it is a folder, or cannot be read.
            ValueError: a line cannot be read; the message names it.

        Example:
            >>> from pathlib import Path
            >>> _ = Path("names.tsv").write_text("Anais\tænəˈiːs\n", encoding="utf-8")
            >>> lexicon = Lexicon.load("names.tsv")
        """
        path = Path(path)
        if path.is_dir():
            raise IsADirectoryError(f"not a file: {path}")
        if not path.is_file():
            raise FileNotFoundError(f"no such file: {path}")
        with naming_read_errors(path):
            data = path.read_bytes()
        text = decode_utf8(data, str(path))
        return cls._of(_json(path, text) if path.suffix == ".json" else _lines(path, text))

    @classmethod
    def _of(cls, rows: Iterable[tuple[str, str, str]]) -> "Lexicon":
        """A lexicon from rows of a place, with which errors begin, a word and its pronunciation."""
        entries: dict[Phrase, LexiconEntry] = {}
        for place, written, saying in rows:
            coerce_argument("a word of the lexicon", str, written)
            word, where = quoted(written), place or "the lexicon: "
            coerce_argument(f"the pronunciation of {word}", str, saying)
            phrase = tuple(WORD.findall(normalise(written).text))
            if not phrase:
                raise ValueError(f"{where}{word} has no word")
            if phrase in entries:
                raise ValueError(f"{where}{word} is there twice; remove one")
            try:
                entries[phrase] = LexiconEntry.parse(saying.strip())
            except ValueError as error:
                raise ValueError(
                    f"{place}cannot pronounce {word} as {quoted(saying)}: {error}"
                ) from error
        return cls.from_entries(entries)

    @classmethod
    def from_entries(cls, entries: Mapping[Phrase, LexiconEntry]) -> "Lexicon":
        """A lexicon of parsed entries, and of the same entries all in capitals."""
        shouted = {tuple(word.upper() for word in phrase): said for phrase, said in entries.items()}
        longest: dict[str, int] = {}
        for phrase in (known := shouted | dict(entries)):
            longest[phrase[0]] = max(longest.get(phrase[0], 0), len(phrase))
        return cls(known, longest)

    @classmethod
    def checked(cls, entries: Mapping[Phrase, LexiconEntry]) -> "Lexicon":
        """The old name of `from_entries`, with the same `entries`."""
        warn_renamed("Lexicon.checked", "Lexicon.from_entries")
        return cls.from_entries(entries)

    def find(self, words: Sequence[str]) -> Iterator[tuple[int, int, LexiconEntry]]:
        """Find phrases in a list of words, the longest at each place.

        Yields:
            The index of the first word, the index after the last one, and the entry.
        """
        place = 0
        while place < len(words):
            found = self._at(words, place)
            if found:
                yield place, *found
            place = found[0] if found else place + 1

    def _at(self, words: Sequence[str], place: int) -> tuple[int, LexiconEntry] | None:
        word = words[place]
        heads = {word, word.lower(), word[:-2], word[:-2].lower()}
        most = max([self.longest_phrase_words.get(head, 0) for head in heads])
        for stop in range(min(len(words), place + most), place, -1):
            phrase = tuple(words[place:stop])
            if saying := self._known(phrase):
                return stop, saying
            if phrase[-1].endswith(POSSESSIVE):
                saying = self._known((*phrase[:-1], phrase[-1][:-2]))
                if saying:
                    return stop, saying.possessive()
        return None

    def _known(self, phrase: Phrase) -> LexiconEntry | None:
        return self.entries.get(phrase) or self.entries.get(tuple(map(str.lower, phrase)))


def _lines(path: Path, text: str) -> Iterator[tuple[str, str, str]]:
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip() and not line.startswith("#"):
            word, tab, saying = line.partition("\t")
            if not tab or not saying.strip():
                raise ValueError(
                    f"line {number} of {path}: expected a word, a tab and its pronunciation, "
                    f"got {quoted(line)}"
                )
            if more := saying.strip().count("\t"):
                raise ValueError(f"line {number} of {path} must have one tab, got {1 + more}")
            yield f"line {number} of {path}: ", word, saying


def _json(path: Path, text: str) -> Iterator[tuple[str, str, str]]:
    try:
        pairs = json.loads(text, object_pairs_hook=tuple)
    except json.JSONDecodeError as error:
        raise ValueError(
            f"cannot read {path}: not JSON, line {error.lineno}: {error.msg}"
        ) from error
    except (ValueError, RecursionError) as error:  # of numbers too long, or nested too deep
        raise ValueError(f"cannot read {path}: {error}") from error
    if not isinstance(pairs, tuple):  # which only an object is parsed to
        raise ValueError(
            f"{path} must be a JSON object of words and pronunciations, got {_described(pairs)}"
        )
    for word, saying in pairs:
        if not isinstance(saying, str):
            raise ValueError(
                f"{path}: the pronunciation of {quoted(word)} must be text, "
                f"got {_described(saying)}"
            )
        line = text.count("\n", 0, max(0, text.find(json.dumps(word, ensure_ascii=False))))
        yield f"line {line + 1} of {path}: ", word, saying


def _described(value: Any) -> str:
    """A value of parsed JSON, whose objects are tuples, in a few words."""
    if isinstance(value, (list, tuple)):
        return "a list" if isinstance(value, list) else "an object"
    return excerpt(json.dumps(value, ensure_ascii=False))
