"""A sentence as it is about to be said: its words, their parts, their tags and their senses."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import accumulate, chain

from tts.text.normalise.spans import Span, SpannedText
from tts.text.pronounce.g2p import CONSONANT, Pronunciation, onset_class, pronounce
from tts.text.pronounce.homographs import disambiguate
from tts.text.pronounce.letter_a import find_letter_a
from tts.text.pronounce.lexicon import WORD, Lexicon, LexiconEntry
from tts.text.pronounce.part_of_speech import tag_words
from tts.text.pronounce.symbols import PUNCTUATION

MARK = re.compile(f"[{PUNCTUATION}]")
TOKEN = re.compile(f"{WORD.pattern}|{MARK.pattern}")
MARKS = frozenset(PUNCTUATION)
# Why a word is not said as the dictionary says it.
LEXICON, HOMOGRAPH, CORRECTION = "lexicon", "homograph", "correction"
INITIALS = "spell_initials"  # the rewrite that drops the full stop of an initial
LETTER_A = Pronunciation("ˈA", f"{HOMOGRAPH}: the letter")


@dataclass(frozen=True, slots=True)
class TaggedSentence:
    """Words and marks, the parts of each that hyphens join, and the tag and sense of each part."""

    spoken: SpannedText
    tokens: Sequence[re.Match[str]]
    words: Sequence[str]
    parts: Sequence[Sequence[str]]
    tags: Sequence[Sequence[str]]
    senses: Sequence[Sequence[Pronunciation | None]]

    @classmethod
    def of(cls, spoken: SpannedText, lexicon: Lexicon | None = None) -> "TaggedSentence":
        """The sentence that a text is, with the senses that its words tell."""
        tokens = list(TOKEN.finditer(spoken.text))
        words = [token.group() for token in tokens]
        parts = [[part for part in word.split("-") if part] for word in words]
        flat = list(chain.from_iterable(parts))
        tags = tag_words(flat)
        stops = list(accumulate(map(len, parts)))
        slices = [slice(stop - len(part), stop) for part, stop in zip(parts, stops, strict=True)]
        joined = {place for one in slices for place in range(one.start, one.stop - 1)}
        senses: list[Pronunciation | None] = [None] * len(flat)
        for place in find_letter_a(flat, tags, joined):
            senses[place] = LETTER_A
        for place in _initials(spoken, tokens):
            senses[stops[place] - 1] = LETTER_A
        for choice in disambiguate(flat, tags):
            why = f"{HOMOGRAPH}: {', '.join((choice.sense, *choice.reasons))}"
            senses[choice.place] = Pronunciation(choice.phones, why)
        for place in {*joined, *(place + 1 for place in joined)}:
            senses[place] = _pronounce_part(flat[place], lexicon, senses[place])
        tags_of = [tags[one] for one in slices]
        return cls(spoken, tokens, words, parts, tags_of, [senses[one] for one in slices])

    def pronounce(self, place: int, following: str) -> Pronunciation:
        """A word as the dictionary and its sense say it; a mark says itself."""
        if self.words[place] in MARKS:
            return Pronunciation(self.words[place])
        return pronounce(self.parts[place], self.tags[place], self.senses[place], following)

    def is_homograph(self, place: int) -> bool:
        """Whether a word is said as the words around it suggest."""
        return self.senses[place][0] is not None and len(self.parts[place]) == 1

    def token_spans(self, first: int, stop: int) -> Sequence[Span]:
        """Where tokens stand in the text; marks only if they stand alone."""
        if stop - first == 1:
            return (self.tokens[first].span(),)
        pairs = zip(self.tokens[first:stop], self.words[first:stop], strict=True)
        return [token.span() for token, word in pairs if word not in MARKS]

    def span(self, place: int) -> Span:
        """The original text that a word stands for."""
        first, last = self.tokens[place].start(), self.tokens[place].end() - 1
        return self.spoken.spans[first][0], self.spoken.spans[last][1]


def _initials(spoken: SpannedText, tokens: Sequence[re.Match[str]]) -> list[int]:
    """The places of tokens `A` that were written with a full stop, as in A. Smith."""
    places = [place for place, token in enumerate(tokens) if token.group() == "A"]
    if not places:
        return []
    dotted = {change.span[0] for change in spoken.changes if change.rule == INITIALS}
    return [place for place in places if spoken.spans[tokens[place].start()][0] in dotted]


def _pronounce_part(
    part: str, lexicon: Lexicon | None, sense: Pronunciation | None
) -> Pronunciation | None:
    """A part of a compound by the user's lexicon, by its sense, or by our corrections."""
    for why, known in ((LEXICON, lexicon), (CORRECTION, corrections())):
        if why == CORRECTION and sense:
            return sense
        if known and (found := next(known.find([part]), None)):
            return pronounce_entry(found[2], CONSONANT, why)
    return sense


def pronounce_entry(saying: LexiconEntry, following: str, why: str) -> Pronunciation:
    """The phones of an entry of a lexicon, or those of the words it is respelt as."""
    if saying.phones:
        return Pronunciation(saying.phones, why)
    said: list[str] = []
    for word in reversed(saying.words.split(" ")):
        parts = [part for part in word.split("-") if part]
        said.insert(0, pronounce(parts, [""] * len(parts), [None] * len(parts), following).phones)
        following = onset_class(said[0], following)
    return Pronunciation(" ".join(said), why)


@cache
def corrections() -> Lexicon:
    """The words that the dictionary lacks, or has wrong; a test checks what is written there."""
    text = files("tts.text.pronounce").joinpath("corrections.tsv").read_text("utf-8")
    rows = (line.split("\t") for line in text.splitlines() if not line.startswith("#"))
    return Lexicon.from_entries(
        {tuple(WORD.findall(word)): LexiconEntry(phones) for word, phones in rows}
    )
