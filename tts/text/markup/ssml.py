"""A document in SSML as runs of text, each in its tone."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from tts.error_messages import excerpt, quoted
from tts.text.markup.ssml_elements import ELEMENTS, LANGUAGE_ATTRIBUTE, Effect, Pronounce
from tts.text.markup.tags import NEUTRAL, Pause, Prosody, TextRun
from tts.text.markup.xml import XmlNode, parse_xml
from tts.text.normalise.rule import space_apart
from tts.text.options import TextOptions

BLANK, ROOT = r"[\ufeff\s]*", r"<speak[\s/>]"
DOCUMENT = re.compile(
    rf"{BLANK}(?:<\?xml\b[^>]*>\s*)?(?:<!--(?:(?!-->).)*-->\s*)*(?:<!DOCTYPE\b.*?)?{ROOT}",
    re.DOTALL,
)
BEGINNING = re.compile(rf"{BLANK}(?:{ROOT}|<\?xml\b|<!)")  # of a document, or of one to come
TAG, TEXT, READING = "SSML tag", "SSML text", "SSML reading"


def is_ssml(text: str) -> bool:
    """Whether a text is a document in SSML: its first element is <speak>."""
    return DOCUMENT.match(text) is not None


def may_become_ssml(text: str) -> bool:
    """Whether a text of which more may come is a document in SSML, or begins as one may."""
    return BEGINNING.match(text) is not None


def parse_ssml(text: str, reading: TextOptions) -> list[TextRun]:
    """The text runs of an SSML document, in order and without gaps, by the given text options."""
    found, document = parse_xml(text), _Document(text, reading)
    return [run for item in found if (run := document.read(item, found)).span[0] < run.span[1]]


@dataclass
class _Document:
    text: str
    reading: TextOptions
    effects: list[Effect] = field(default_factory=list)
    tones: list[Prosody] = field(default_factory=lambda: [NEUTRAL])

    def read(self, item: XmlNode, following: Iterator[XmlNode]) -> TextRun:
        """The run that an item is, with those that follow where it says something for them."""
        match item.kind:
            case "start":
                return self._open(item, following)
            case "end":
                pause = self.effects.pop().pause
                self.tones.pop()
                return self._tag(item, pause if pause and not pause.exact else None)
            case "text" if item.value != self.text[slice(*item.span)] or item.value == "\n":
                said = " " if item.value == "\n" else item.value
                return TextRun(item.span, self.tones[-1], TEXT, said)
            case "text":
                return TextRun(item.span, self.tones[-1])
            case _:
                return self._tag(item)

    def _tag(self, item: XmlNode, pause: Pause | None = None) -> TextRun:
        return TextRun(item.span, self.tones[-1], TAG, pause=pause)

    def _open(self, item: XmlNode, following: Iterator[XmlNode]) -> TextRun:
        try:
            effect = self._effect(item)
            if effect.pronounce:
                return self._said(item, following, effect.pronounce)
            self.tones.append(effect.prosody.within(self.tones[-1]))
        except ValueError as error:
            raise ValueError(
                f"in line {item.line} of the SSML, <{excerpt(item.value)}>: {error}"
            ) from error
        self.effects.append(effect)
        return self._tag(item, effect.pause)

    def _effect(self, item: XmlNode) -> Effect:
        if item.value not in ELEMENTS:
            raise ValueError(f"expected one of the elements {', '.join(ELEMENTS)}; take it out")
        if (item.value == "speak") != (not self.effects):
            raise ValueError("expected one <speak> around everything; take this one out")
        known, act = ELEMENTS[item.value]
        for name in item.attributes:
            if name not in known and not name.startswith(("xmlns", "xsi:")):
                raise ValueError(
                    f"expected only {', '.join(known)}, not {excerpt(name)}; take it out"
                )
        language = item.attributes.get(LANGUAGE_ATTRIBUTE, self.reading.language).lower()
        if language not in (self.reading.language, self.reading.language.partition("-")[0]):
            raise ValueError(f"expected text in {self.reading.language}, not in {quoted(language)}")
        return act(item.attributes, self.reading)

    def _said(self, start: XmlNode, following: Iterator[XmlNode], say: Pronounce) -> TextRun:
        """All of an element as the words for the text within it."""
        written, end = "", start
        for end in following:
            if end.kind == "start":
                raise ValueError(f"expected only text within it, not <{excerpt(end.value)}>")
            if end.kind == "end":
                break
            written += end.value
        words, phones = say(" ".join(written.split()))
        span = start.span[0], end.span[1]
        return TextRun(span, self.tones[-1], READING, space_apart(words, self.text, span), phones)
