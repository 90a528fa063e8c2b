"""Sections: the normalised parts of a text between the pauses of its markup.

The text is plain, or has tags (`tts.text.markup.tags`), or is an SSML document
(`tts.text.markup.ssml`).
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from tts.text.markup import ssml
from tts.text.markup.parse import parse_markup
from tts.text.markup.phoneme_tags import extract_phonemes
from tts.text.markup.tags import Pause, Prosody, TextRun
from tts.text.normalise.normalise import DEFAULT_TEXT_OPTIONS, normalise
from tts.text.normalise.spans import Change, Span, SpannedText
from tts.text.options import TextOptions

# A section of so many characters ends at the next paragraph. Long texts are normalised in parts, so
# that the first is ready soon; chosen by hand.
SECTION_CHARACTERS = 4000
GAP = re.compile(r"\s{2,}")
CHANGE_RULES = ("voice tag", "tone tag", ssml.TAG)
END_MARKS = re.compile(r"""[.,;:!?…"”’»)']+(?!\w)""")
BEGINNING = re.compile(r"""["“'‘(]?[^\W\d_]""")  # the beginning of a paragraph


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a document, normalised.

    Args:
        spoken: its normalised text, with spans in the document.
        stop: its end in the document, in characters.
        phone_overrides: the phones that the markup gives, by span of the document.
        prosody: the places in the document where the prosody changes, and the prosody from there.
        pause: the pause of the markup at its end, if any.
        voice: the voice that the markup names for all of it; empty for that of the delivery.
    """

    spoken: SpannedText
    stop: int
    phone_overrides: Mapping[Span, str]
    prosody: Sequence[tuple[int, Prosody]]
    pause: Pause | None
    voice: str = ""


def split_sections(text: str, reading: TextOptions = DEFAULT_TEXT_OPTIONS) -> Iterator[Section]:
    """Split a text into normalised sections.

    Args:
        text: plain text, text with tags, or an SSML document.
        reading: the text options.

    Returns:
        An iterator over the sections, each normalised when it is requested.

    Raises:
        ValueError: the markup is wrong.
    """
    return _sections(parse_markup(text, reading), text, reading)


def normalise_document(text: str, reading: TextOptions = DEFAULT_TEXT_OPTIONS) -> SpannedText:
    """Normalise a text with markup as a whole.

    Args:
        text: plain text, text with tags, or an SSML document.
        reading: the text options.

    Returns:
        The normalised text of all sections, separated by spaces, with spans in the original text.

    Raises:
        ValueError: the markup is wrong.

    Example:
        >>> normalise_document("[pace:0.8]5 km[/pace] [pause:1s] away").text
        'five kilometers away'
    """
    parts: list[SpannedText] = []
    gap: tuple[Span, ...] = ()
    for section in split_sections(text, reading):
        said = bool(section.spoken.text)
        parts += [SpannedText(" " * len(gap), gap), section.spoken] if said else [section.spoken]
        gap = ((section.stop - 1, section.stop),) if said else gap
    return SpannedText.join(parts)


def has_words(text: str, reading: TextOptions = DEFAULT_TEXT_OPTIONS) -> bool:
    """Whether a text has anything to speak. Few texts without letters and digits do, such as emoji
    that are read by name."""
    if any(map(str.isalnum, text)):
        return True
    return any(map(str.isalnum, normalise_document(text, reading).text))


def _sections(runs: Iterable[TextRun], text: str, reading: TextOptions) -> Iterator[Section]:
    """The sections between the pauses and the changes of voice of a document."""
    group: list[TextRun] = []
    for run in _blocks(_with_voice_before(runs, text), text):
        if group and run.voice != group[-1].voice:
            yield _section(group, text, reading)
            group = []
        group.append(run)
        if run.pause:
            yield _section(group, text, reading)
            group = []
    if group:
        yield _section(group, text, reading)


def _with_voice_before(runs: Iterable[TextRun], text: str) -> Iterator[TextRun]:
    """The runs, where tags, and marks right after a change of voice, belong to the voice before."""
    before = ""
    tags: list[TextRun] = []
    for run in runs:
        if run.rule in CHANGE_RULES and not run.pause:
            tags.append(run)
            continue
        start, stop = run.span
        yield from (replace(tag, voice=before) for tag in tags)
        if run.voice != before and not run.rule and (marks := END_MARKS.match(text, start, stop)):
            yield replace(run, span=marks.span(), voice=before)
            start = marks.end()
        if start < stop:
            yield replace(run, span=(start, stop))
        tags, before = [], run.voice
    yield from (replace(tag, voice=before) for tag in tags)


def _blocks(runs: Iterable[TextRun], text: str) -> Iterator[TextRun]:
    """The runs, split between paragraphs where a section would be too long."""
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
    """The start of the next paragraph after a blank line, in linear time."""
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
    return Section(spoken, stop, given, tones, pause, group[-1].voice)


def _written(run: TextRun, text: str) -> SpannedText:
    written = text[slice(*run.span)]
    if not run.rule:
        return SpannedText.verbatim(written, run.span[0])
    change = Change(run.rule, run.span, written, run.replacement)
    return SpannedText(run.replacement, (run.span,) * len(run.replacement), (change,))


def _ended(spoken: SpannedText, stop: int) -> SpannedText:
    """The text with a full stop at its end, if it has no end mark."""
    bare = spoken[: len(spoken.text.rstrip(",;: "))]
    if not bare.text or bare.text[-1] in ".?!":
        return bare
    return SpannedText.join([bare, SpannedText(".", ((stop - 1, stop),))])
