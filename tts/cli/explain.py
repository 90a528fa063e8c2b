"""`tts explain`: how a text is normalised and pronounced, and by which rules."""

import json
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from tts.text.frontend import prepare_utterances
from tts.text.markup.tags import MARKUP_RULES
from tts.text.normalise.languages import rewrites_of
from tts.text.normalise.spans import Span
from tts.text.normalise.trace import REPORT_RULES, TracedPassage, trace_text
from tts.text.options import TextOptions
from tts.text.pronounce.g2p import ESPEAK, PART_OF_SPEECH
from tts.text.pronounce.lexicon import Lexicon
from tts.text.pronounce.sentence import CORRECTION, HOMOGRAPH, LEXICON
from tts.text.sections import normalise_document

MIN_TABLE_COLUMNS = 72  # narrower terminals show cells below each other; chosen by hand
CLEANUP_RULES = frozenset(("join_spaces", "join_marks", "trim"))
WORD_RULES = {
    LEXICON: "The user's lexicon takes precedence over the dictionary and all rules.",
    HOMOGRAPH: "A word with several senses is said as the words around it suggest.",
    CORRECTION: "A word that the dictionary lacks or has wrong is said as Americans do.",
    PART_OF_SPEECH: "A word that the dictionary has in several ways is said by its part of speech.",
    ESPEAK: "A word that the dictionary lacks is said as espeak-ng reads it.",
}
# Ordinary reasons for a pronunciation, which do not count as a change.
ROUTINE_RULES = frozenset((PART_OF_SPEECH, ESPEAK))


@dataclass(frozen=True, slots=True)
class ExplainedSpan:
    """A part of a text, the words spoken for it, their phonemes, and the rules applied."""

    span: Span
    written: str
    spoken: str
    phonemes: str
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WordPronunciation:
    """A word's place in the text, its phonemes, and the rule for them, empty if ordinary."""

    span: Span
    phonemes: str
    reason: str


def explain(text: str, reading: TextOptions, lexicon: Lexicon | None = None) -> list[ExplainedSpan]:
    """Explain how a text is spoken.

    Args:
        text: to explain.
        reading: how dates, links and emoji are read.
        lexicon: pronunciations of the user.

    Returns:
        Rows in order, whose `written` parts are the whole text; a part that a rule changed has a
        row of its own.

    Raises:
        ValueError: the text has invalid markup.
    """
    words = [
        WordPronunciation(word.span, line.phonemes[word.start : word.stop].strip(), word.reason)
        for line in prepare_utterances(text, reading, lexicon)
        for word in line.words
    ]
    passages = trace_text(text, normalise_document(text, reading))
    return [row for passage in passages for row in _rows(passage, words)]


def _rows(passage: TracedPassage, words: Sequence[WordPronunciation]) -> Iterator[ExplainedSpan]:
    words = _between(words, *passage.span)
    if passage.rules:
        rules = dict.fromkeys([*passage.rules, *(word.reason for word in words if word.reason)])
        yield ExplainedSpan(
            passage.span, passage.written, passage.spoken, _sound(words), tuple(rules)
        )
        return
    start, end = passage.span
    special = [word for word in words if word.reason]
    cuts = {place for word in special for place in (word.span[0], min(word.span[1], end))}
    for first, last in pairwise(sorted({start, end, *cuts})):
        here = _between(words, first, last)
        same = passage.written[first - start : last - start]
        whys = tuple(word.reason for word in here if word.reason)
        yield ExplainedSpan((first, last), same, same, _sound(here), whys)


def _between(
    words: Sequence[WordPronunciation], start: int, end: int
) -> Sequence[WordPronunciation]:
    """The words that begin within a span of the text."""
    first, last = (
        bisect_left(words, place, key=lambda word: word.span[0]) for place in (start, end)
    )
    return words[first:last]


def _sound(words: Iterable[WordPronunciation]) -> str:
    return " ".join(word.phonemes for word in words if word.phonemes)


def rule_descriptions(rows: Iterable[ExplainedSpan], reading: TextOptions) -> dict[str, str]:
    """A sentence on each rule that some rows name, by its name."""
    descriptions = {rewrite.name: rewrite.description for rewrite in rewrites_of(reading)}
    descriptions |= {**MARKUP_RULES, **WORD_RULES}
    named = (_name(rule) for row in rows for rule in row.rules)
    return {name: descriptions[name] for name in named}


def is_changed(row: ExplainedSpan) -> bool:
    """Whether a row is not read in the ordinary way."""
    return bool({_name(rule) for rule in row.rules} - CLEANUP_RULES - ROUTINE_RULES)


def _name(rule: str) -> str:
    """The name of a rule, without the reasons for it."""
    return rule.partition(":")[0]


def format_json(rows: Sequence[ExplainedSpan], rules: Mapping[str, str]) -> str:
    """Rows and rules as JSON, in ASCII."""
    return json.dumps({"passages": [asdict(row) for row in rows], "rules": rules}, indent=1)


def render_rows(
    rows: Iterable[ExplainedSpan], rules: Mapping[str, str], width: int
) -> RenderableType:
    """A table of rows and a list of rules, for a terminal.

    Rows without a rule and without phonemes are left out, and so are rules that only clean up.

    Args:
        rows: from `explain`.
        rules: from `rule_descriptions`.
        width: columns of the terminal; below `MIN_TABLE_COLUMNS`, cells stand below each other.
    """
    notable = [row for row in rows if row.rules or row.phonemes]
    side_by_side = _table(notable) if width >= MIN_TABLE_COLUMNS else _stack(notable)
    legend = Table.grid(padding=(0, 2))
    named = {_name(rule) for row in notable for rule in _shown_rules(row)}
    for name in (name for name in rules if name in named):
        legend.add_row(Text(_rule_title(name), "cyan"), Text(rules[name]))
    return Group(side_by_side, "", legend) if rules else side_by_side


def _table(rows: Iterable[ExplainedSpan]) -> Table:
    table = Table("written", "spoken", "phonemes", "rule", box=None, padding=(0, 2, 0, 0))
    for row in rows:
        table.add_row(*_cells(row))
    return table


def _stack(rows: Iterable[ExplainedSpan]) -> Group:
    parts: list[RenderableType] = []
    for row in rows:
        written, spoken, *rest = _cells(row)
        below = [spoken, *rest] if row.spoken != row.written else rest
        parts += [written, *(Padding(cell, (0, 0, 0, 2), expand=False) for cell in below if cell)]
    return Group(*parts)


def _cells(row: ExplainedSpan) -> tuple[Text, Text, Text, Text]:
    unreadable = not REPORT_RULES.isdisjoint(row.rules)
    silent = Text("unknown", "bold red") if unreadable else Text("silent", "dim")
    spoken = Text(_visible(row.spoken), "bold" if row.spoken != row.written else "")
    rule = ", ".join(_rule_title(rule) for rule in _shown_rules(row))
    written = Text(_visible(row.written))
    audible = any(map(str.isalpha, row.spoken)) if unreadable else row.spoken.strip()
    return written, spoken if audible else silent, Text(row.phonemes), Text(rule, "cyan")


def _shown_rules(row: ExplainedSpan) -> Sequence[str]:
    """The rules of a row, without those that only clean up after others."""
    return [rule for rule in row.rules if rule not in CLEANUP_RULES] or row.rules


def _rule_title(rule: str) -> str:
    return rule.replace("_", " ")


def _visible(text: str) -> str:
    """A text in one line, with spaces and unprintable characters made visible."""
    plain = " ".join(text.split()) or "␣" * len(text)
    return "".join(one if one.isprintable() else ascii(one)[1:-1] for one in plain)
