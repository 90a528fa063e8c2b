"""Sections: a text with its markup obeyed, read aloud up to each place where it is to pause.

A text is plain, or has tags (`tts.text.markup.tags`), or is a document in SSML
(`tts.text.markup.ssml`).
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from tts.text.markup.parse import parse_markup
from tts.text.markup.phoneme_tags import extract_phonemes
from tts.text.markup.tags import Pause, Prosody, TextRun
from tts.text.normalise.normalise import DEFAULT_TEXT_OPTIONS, normalise
from tts.text.normalise.spans import Change, Span, SpannedText
from tts.text.options import TextOptions

# So many characters are read together; a longer text is cut where a paragraph begins after them.
SECTION_CHARACTERS = 4000
GAP = re.compile(r"\s{2,}")
BEGINNING = re.compile(r"""["“'‘(]?[^\W\d_]""")  # of a paragraph


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a document, up to `stop`, as it is read aloud: with the phones that are
    given in it, the tones that begin at places, and the pause that it asks for at its end."""

    spoken: SpannedText
    stop: int
    phone_overrides: Mapping[Span, str]
    prosody: Sequence[tuple[int, Prosody]]
    pause: Pause | None


def split_sections(text: str, reading: TextOptions = DEFAULT_TEXT_OPTIONS) -> Iterator[Section]:
    """The sections of a text, each made when it is asked for; wrong markup is refused at once."""
    return _sections(parse_markup(text, reading), text, reading)


def normalise_document(text: str, reading: TextOptions = DEFAULT_TEXT_OPTIONS) -> SpannedText:
    """All of a text as it is read aloud, markup and all; its parts are one space apart."""
    parts: list[SpannedText] = []
    gap: tuple[Span, ...] = ()
    for section in split_sections(text, reading):
        said = bool(section.spoken.text)
        parts += [SpannedText(" " * len(gap), gap), section.spoken] if said else [section.spoken]
        gap = ((section.stop - 1, section.stop),) if said else gap
    return SpannedText.join(parts)


def has_words(text: str, reading: TextOptions = DEFAULT_TEXT_OPTIONS) -> bool:
    """Whether there is anything to say: few texts without a letter or a digit have, such as emoji
    that are to be read."""
    if any(map(str.isalnum, text)):
        return True
    return any(map(str.isalnum, normalise_document(text, reading).text))


def _sections(runs: Iterable[TextRun], text: str, reading: TextOptions) -> Iterator[Section]:
    """What stands between the pauses of a document."""
    group: list[TextRun] = []
    for run in _blocks(runs, text):
        group.append(run)
        if run.pause:
            yield _section(group, text, reading)
            group = []
    if group:
        yield _section(group, text, reading)


def _blocks(runs: Iterable[TextRun], text: str) -> Iterator[TextRun]:
    """The runs, cut between paragraphs where too much would be read together."""
    begun = 0
    for run in runs:
        start, stop = run.span
        while not run.rule and (
            place := _paragraph(text, max(start, begun + SECTION_CHARACTERS), stop)
        ):
            begun = place
            yield replace(run, span=(start, begun), pause=Pause(0.0, exact=False))
            start = begun
        yield replace(run, span=(start, stop))
        begun = stop if run.pause else begun


def _paragraph(text: str, start: int, stop: int) -> int | None:
    """Where the next paragraph begins, after a blank line; in time that grows with the length."""
    for gap in GAP.finditer(text, start, stop):
        if gap.group().count("\n") > 1 and BEGINNING.match(text, gap.end(), stop):
            return gap.end()
    return None


def _section(group: Sequence[TextRun], text: str, reading: TextOptions) -> Section:
    plain, given = extract_phonemes(SpannedText.join(_written(run, text) for run in group))
    given |= {run.span: run.phones for run in group if run.phones}
    spoken, stop, pause = normalise(plain, reading), group[-1].span[1], group[-1].pause
    if pause and not pause.exact:
        spoken = _ended(spoken, stop)
    tones = [(run.span[0], run.prosody) for run in group]
    return Section(spoken, stop, given, tones, pause)


def _written(run: TextRun, text: str) -> SpannedText:
    written = text[slice(*run.span)]
    if not run.rule:
        return SpannedText.verbatim(written, run.span[0])
    change = Change(run.rule, run.span, written, run.replacement)
    return SpannedText(run.replacement, (run.span,) * len(run.replacement), (change,))


def _ended(spoken: SpannedText, stop: int) -> SpannedText:
    """A text whose last sentence has ended."""
    bare = spoken[: len(spoken.text.rstrip(",;: "))]
    if not bare.text or bare.text[-1] in ".?!":
        return bare
    return SpannedText.join([bare, SpannedText(".", ((stop - 1, stop),))])
