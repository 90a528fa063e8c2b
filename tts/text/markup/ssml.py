"""The parser of SSML documents (W3C Speech Synthesis Markup Language 1.1, a part of it)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from tts.error_messages import excerpt, quoted
from tts.text.markup.ssml_elements import ELEMENTS, LANGUAGE_ATTRIBUTE, Effect, Pronounce
from tts.text.markup.tags import Manner, Pause, TextRun
from tts.text.markup.xml import XmlNode, parse_xml
from tts.text.normalise.rule import space_apart
from tts.text.normalise.spans import Span
from tts.text.options import TextOptions

BLANK, ROOT = r"[\ufeff\s]*", r"<speak[\s/>]"
DOCUMENT = re.compile(
    rf"{BLANK}(?:<\?xml\b[^>]*>\s*)?(?:<!--(?:(?!-->).)*-->\s*)*(?:<!DOCTYPE\b.*?)?{ROOT}",
    re.DOTALL,
)
BEGINNING = re.compile(rf"{BLANK}(?:{ROOT}|<\?xml\b|<!)")  # of a complete or a partial document
TAG, TEXT, READING = "SSML tag", "SSML text", "SSML reading"


def is_ssml(text: str) -> bool:
    """Whether a text is an SSML document: its first element is `<speak>`."""
    return DOCUMENT.match(text) is not None


def may_become_ssml(text: str) -> bool:
    """Whether the first part of a text is, or may become, an SSML document."""
    return BEGINNING.match(text) is not None


def parse_ssml(text: str, reading: TextOptions) -> list[TextRun]:
    """Parse an SSML document into runs.

    Args:
        text: the whole document, for which `is_ssml` is true.
        reading: the text options: `say-as` uses them, and `xml:lang` must match the language.

    Returns:
        The runs in order. Their spans are adjacent and cover the whole document.

    Raises:
        ValueError: the XML is not well-formed, or an element, an attribute or a value is not
            supported; the message names the line.

    Example:
        >>> document = '<speak>Hi.<break time="1s"/></speak>'
        >>> [run.pause for run in parse_ssml(document, TextOptions()) if run.pause]
        [Pause(seconds=1.0, exact=True)]
    """
    found, document = parse_xml(text), _Document(text, reading)
    return [run for item in found if (run := document.read(item, found)).span[0] < run.span[1]]


@dataclass
class _Document:
    """The parser's state: the effects of the open elements, and the manner at each depth."""

    text: str
    reading: TextOptions
    effects: list[Effect] = field(default_factory=list)
    manners: list[Manner] = field(default_factory=lambda: [Manner()])

    def read(self, item: XmlNode, following: Iterator[XmlNode]) -> TextRun:
        """The run of a node; for `say-as`, `sub` and `phoneme`, of the whole element."""
        match item.kind:
            case "start":
                return self._open(item, following)
            case "end":
                pause = self.effects.pop().pause
                self.manners.pop()
                return self._tag(item, pause if pause and not pause.exact else None)
            case "text" if item.value != self.text[slice(*item.span)] or item.value == "\n":
                said = " " if item.value == "\n" else item.value
                return self._run(item.span, TEXT, said)
            case "text":
                return self._run(item.span)
            case _:
                return self._tag(item)

    def _tag(self, item: XmlNode, pause: Pause | None = None) -> TextRun:
        return self._run(item.span, TAG, pause=pause)

    def _run(
        self,
        span: Span,
        rule: str = "",
        replacement: str = "",
        phones: str = "",
        pause: Pause | None = None,
    ) -> TextRun:
        manner = self.manners[-1]
        return TextRun(span, manner.prosody, rule, replacement, phones, pause, manner.voice)

    def _open(self, item: XmlNode, following: Iterator[XmlNode]) -> TextRun:
        try:
            effect = self._effect(item)
            if effect.pronounce:
                return self._said(item, following, effect.pronounce)
            outer = self.manners[-1]
            prosody = effect.prosody.within(outer.prosody)
            self.manners.append(Manner(prosody, effect.voice or outer.voice))
        except ValueError as error:
            raise ValueError(
                f"line {item.line} of the SSML, <{excerpt(item.value)}>: {error}"
            ) from error
        self.effects.append(effect)
        return self._tag(item, effect.pause)

    def _effect(self, item: XmlNode) -> Effect:
        if item.value not in ELEMENTS:
            raise ValueError(f"unknown element; elements: {', '.join(ELEMENTS)}")
        if (item.value == "speak") != (not self.effects):
            raise ValueError("only one <speak> is allowed, around the whole document")
        known, act = ELEMENTS[item.value]
        for name in item.attributes:
            if name not in known and not name.startswith(("xmlns", "xsi:")):
                raise ValueError(
                    f"unknown attribute {excerpt(name)}; attributes: {', '.join(known)}"
                )
        language = item.attributes.get(LANGUAGE_ATTRIBUTE, self.reading.language).lower()
        if language not in (self.reading.language, self.reading.language.partition("-")[0]):
            raise ValueError(f"xml:lang must be {self.reading.language}, got {quoted(language)}")
        return act(item.attributes, self.reading)

    def _said(self, start: XmlNode, following: Iterator[XmlNode], say: Pronounce) -> TextRun:
        """A whole element as one run, with the replacement for its text."""
        written, end = "", start
        for end in following:
            if end.kind == "start":
                raise ValueError(f"only text is allowed in it, got <{excerpt(end.value)}>")
            if end.kind == "end":
                break
            written += end.value
        words, phones = say(" ".join(written.split()))
        span = start.span[0], end.span[1]
        return self._run(span, READING, space_apart(words, self.text, span), phones)
