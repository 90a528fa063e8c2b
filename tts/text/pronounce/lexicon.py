"""A lexicon: how words are to be said, whatever anyone else thinks of them."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tts.deprecation import warn_renamed
from tts.error_messages import excerpt, quoted
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
    """How something is said, by its phones or as other words are, and who says so."""

    phones: str = ""
    words: str = ""
    reason: str = ""

    @classmethod
    def parse(cls, written: str) -> "LexiconEntry":
        """Plain letters are other words; between slashes, or with any other letter, it is IPA."""
        if RESPELT.fullmatch(written):
            words = written.lower().split()
            if len(words) > MAX_PARTS_PER_WORD:
                raise ValueError(
                    f"expected at most {MAX_PARTS_PER_WORD} words for one, not {len(words)}"
                )
            return cls(words=" ".join(words))
        return cls(phones=ipa.parse_ipa(written))

    def possessive(self) -> "LexiconEntry":
        phones, words = self.phones and ipa.with_s(self.phones), self.words and f"{self.words}'s"
        return LexiconEntry(phones, words, self.reason)


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Words and phrases, as normalised text has them, and how each is said.

    An entry in small letters holds however the word is written; one with capitals holds only as
    it stands, or all in capitals. `longest` is the number of words of the longest phrase that
    begins with a word.
    """

    entries: Mapping[Phrase, LexiconEntry] = field(default_factory=dict)
    longest_phrase_words: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_types(self)

    def __hash__(self) -> int:
        return hash((len(self.entries), len(self.longest_phrase_words)))

    @classmethod
    def of(cls, sayings: Mapping[str, str]) -> "Lexicon":
        """A lexicon of words or phrases, each with its IPA or how it might have been spelt.

        Raises:
            ValueError: a word or how it is said is no text, or one that cannot be said.
        """
        coerce_argument("the sayings of a lexicon", Mapping, sayings)
        return cls._of(("the lexicon", key, saying) for key, saying in sayings.items())

    @classmethod
    def load(cls, path: Path | str) -> "Lexicon":
        """A lexicon from a file: `.json` with {"word": "ipa"}, or a word, a tab and its IPA a line.

        An empty line and one that begins with # say nothing.
        """
        path = Path(path)
        if not path.is_file():
            raise FileNotFoundError(f"expected a lexicon at {path}, found none; check the path")
        text = decode_utf8(path.read_bytes(), str(path))
        return cls._of(_json(path, text) if path.suffix == ".json" else _lines(path, text))

    @classmethod
    def _of(cls, rows: Iterable[tuple[str, str, str]]) -> "Lexicon":
        entries: dict[Phrase, LexiconEntry] = {}
        for place, written, saying in rows:
            for given in (written, saying):
                coerce_argument(f"a word and how it is said in {place}", str, given)
            phrase = tuple(WORD.findall(normalise(written).text))
            if not phrase:
                raise ValueError(f"expected a word in {place}, not {quoted(written)}; write one")
            if phrase in entries:
                raise ValueError(
                    f"expected {quoted(written)} once, not again in {place}; take one out"
                )
            try:
                entries[phrase] = LexiconEntry.parse(saying.strip())
            except ValueError as error:
                raise ValueError(f"in {place}, {quoted(written)}: {error}") from error
        return cls.from_entries(entries)

    @classmethod
    def from_entries(cls, entries: Mapping[Phrase, LexiconEntry]) -> "Lexicon":
        """A lexicon of entries that are known to be right, and of them all in capitals."""
        shouted = {tuple(word.upper() for word in phrase): said for phrase, said in entries.items()}
        longest: dict[str, int] = {}
        for phrase in (known := shouted | dict(entries)):
            longest[phrase[0]] = max(longest.get(phrase[0], 0), len(phrase))
        return cls(known, longest)

    @classmethod
    def checked(cls, entries: Mapping[Phrase, LexiconEntry]) -> "Lexicon":
        """The old name of `from_entries`."""
        warn_renamed("Lexicon.checked", "Lexicon.from_entries")
        return cls.from_entries(entries)

    def find(self, words: Sequence[str]) -> Iterator[tuple[int, int, LexiconEntry]]:
        """Where its phrases stand among words, the longest first at each place."""
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
                    f"expected a word, a tab and its IPA in line {number} of {path}, "
                    f"not {quoted(line)}"
                )
            yield f"line {number} of {path}", word, saying


def _json(path: Path, text: str) -> Iterator[tuple[str, str, str]]:
    try:
        pairs = json.loads(text, object_pairs_hook=list)
    except json.JSONDecodeError as error:
        raise ValueError(
            f"expected JSON in {path}, but line {error.lineno}: {error.msg}"
        ) from error
    except (ValueError, RecursionError) as error:  # of numbers too long, or nested too deep
        raise ValueError(f'expected {{"word": "ipa"}} in {path}, but {error}') from error
    for pair in pairs if isinstance(pairs, list) else [pairs]:
        match pair:
            case (str(word), str(saying)):
                line = text.count("\n", 0, max(0, text.find(json.dumps(word, ensure_ascii=False))))
                yield f"line {line + 1} of {path}", word, saying
            case _:
                raise ValueError(f'expected {{"word": "ipa"}} in {path}, not {excerpt(repr(pair))}')
