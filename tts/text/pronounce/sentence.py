"""A tagged sentence: its tokens, their parts, tags and senses, ready for pronunciation."""

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
# The reasons for pronunciations that are not from the dictionary alone.
LEXICON, HOMOGRAPH, CORRECTION = "lexicon", "homograph", "correction"
INITIALS = "spell_initials"  # the rewrite that drops the full stop of an initial
LETTER_A = Pronunciation("ˈA", f"{HOMOGRAPH}: the letter")


@dataclass(frozen=True, slots=True)
class TaggedSentence:
    """A sentence with the tokens and tags that pronunciation needs.

    Args:
        spoken: the normalised text.
        tokens: the matches of its words and punctuation marks.
        words: the text of each token.
        parts: the parts of each token, split at hyphens.
        tags: the Penn tag of each part.
        senses: the pronunciation of each part that its sense decides, or None.
    """

    spoken: SpannedText
    tokens: Sequence[re.Match[str]]
    words: Sequence[str]
    parts: Sequence[Sequence[str]]
    tags: Sequence[Sequence[str]]
    senses: Sequence[Sequence[Pronunciation | None]]

    @classmethod
    def of(cls, spoken: SpannedText, lexicon: Lexicon | None = None) -> "TaggedSentence":
        """Tokenise and tag a text, and find the senses of its words."""
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
        """The pronunciation of a token by its sense and the dictionary; marks stay as they are."""
        if self.words[place] in MARKS:
            return Pronunciation(self.words[place])
        return pronounce(self.parts[place], self.tags[place], self.senses[place], following)

    def is_homograph(self, place: int) -> bool:
        """Whether the pronunciation of a token was chosen by the words around it."""
        return self.senses[place][0] is not None and len(self.parts[place]) == 1

    def token_spans(self, first: int, stop: int) -> Sequence[Span]:
        """The spans of tokens in the normalised text, without marks unless there is one token."""
        if stop - first == 1:
            return (self.tokens[first].span(),)
        pairs = zip(self.tokens[first:stop], self.words[first:stop], strict=True)
        return [token.span() for token, word in pairs if word not in MARKS]

    def span(self, place: int) -> Span:
        """The span of a token in the original text."""
        first, last = self.tokens[place].start(), self.tokens[place].end() - 1
        return self.spoken.spans[first][0], self.spoken.spans[last][1]


def _initials(spoken: SpannedText, tokens: Sequence[re.Match[str]]) -> list[int]:
    """The indices of tokens `A` that were written with a full stop, as in A. Smith."""
    places = [place for place, token in enumerate(tokens) if token.group() == "A"]
    if not places:
        return []
    dotted = {change.span[0] for change in spoken.changes if change.rule == INITIALS}
    return [place for place in places if spoken.spans[tokens[place].start()][0] in dotted]


def _pronounce_part(
    part: str, lexicon: Lexicon | None, sense: Pronunciation | None
) -> Pronunciation | None:
    """A part of a compound by the user's lexicon, by its sense, or by the corrections."""
    for why, known in ((LEXICON, lexicon), (CORRECTION, corrections())):
        if why == CORRECTION and sense:
            return sense
        if known and (found := next(known.find([part]), None)):
            return pronounce_entry(found[2], CONSONANT, why)
    return sense


def pronounce_entry(saying: LexiconEntry, following: str, why: str) -> Pronunciation:
    """The pronunciation of a lexicon entry: its phones, or those of the words it is respelt as."""
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
    """Words that the dictionary lacks or has wrong, from corrections.tsv."""
    text = files("tts.text.pronounce").joinpath("corrections.tsv").read_text("utf-8")
    rows = (line.split("\t") for line in text.splitlines() if not line.startswith("#"))
    return Lexicon.from_entries(
        {tuple(WORD.findall(word)): LexiconEntry(phones) for word, phones in rows}
    )
