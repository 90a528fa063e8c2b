"""A parser that splits an XML document into tags and text, each with its position."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from xml.parsers.expat import ExpatError, ParserCreate, errors

from tts.text.normalise.spans import Span

BLANK = "\N{ZERO WIDTH NO-BREAK SPACE} \t\r\n"
ADVICE = {
    errors.XML_ERROR_INVALID_TOKEN: "; write & as &amp; and < as &lt;",
    errors.XML_ERROR_UNDEFINED_ENTITY: "; write the character itself",
    errors.XML_ERROR_TAG_MISMATCH: "; close the element that was opened last",
}
NOTHING: Mapping[str, str] = {}

ParserEvent = tuple[int, int, str, str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class XmlNode:
    """A part of an XML document.

    Args:
        span: its start and end in the document, in characters.
        line: the line that it begins in, counted from 1.
        kind: `start` or `end` of an element, `text`, or `silent` (comments and the like).
        value: the name of the element, or the text with its entities resolved.
        attributes: the attributes of a `start`.
    """

    span: Span
    line: int
    kind: str
    value: str
    attributes: Mapping[str, str]


def parse_xml(text: str) -> Iterator[XmlNode]:
    """Split a document into nodes whose spans are adjacent and cover all of it.

    Raises:
        ValueError: the document is not well-formed, or has a DOCTYPE; the message names the line.
    """
    start = len(text) - len(text.lstrip(BLANK))
    lines = text.count("\n", 0, start)
    data = text[start:].encode("utf-8", "surrogatepass")
    events = [(0, 1, "silent", "", NOTHING), *_events(data, lines)]
    places = [0, *_characters(data, [event[0] for event in events[1:]] + [len(data)], start)]
    for span, (_, line, kind, value, attributes) in zip(pairwise(places), events, strict=True):
        yield XmlNode(span, line + lines, kind, value, attributes)


def _events(data: bytes, lines: int) -> list[ParserEvent]:
    """The events of the parser, each with the byte and the line where it begins.

    A DOCTYPE is refused, since the entities that it defines could expand without limit.
    """
    parser = ParserCreate("utf-8")
    found: list[ParserEvent] = []

    def add(kind: str, value: str = "", attributes: Mapping[str, str] = NOTHING) -> None:
        place = parser.CurrentByteIndex, parser.CurrentLineNumber
        found.append((*place, kind, value, attributes))

    def refuse(*_: object) -> None:
        line = parser.CurrentLineNumber + lines
        raise ValueError(f"line {line} of the SSML: a DOCTYPE is not allowed; remove it")

    parser.StartElementHandler = lambda name, attributes: add("start", name, attributes)
    parser.EndElementHandler = lambda name: add("end", name)
    parser.CharacterDataHandler = lambda said: add("text", said)
    parser.DefaultHandlerExpand = lambda _: add("silent")
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(data, True)
    except ExpatError as error:
        trouble = errors.messages[error.code]
        if trouble == errors.XML_ERROR_NO_ELEMENTS:
            raise ValueError("the SSML ends before </speak>") from error
        raise ValueError(
            f"line {error.lineno + lines}, column {error.offset + 1} of the SSML: "
            f"{trouble}{ADVICE.get(trouble, '')}"
        ) from error
    return found


def _characters(data: bytes, places: Sequence[int], start: int) -> Iterator[int]:
    """Convert ascending byte offsets to character offsets, counted from `start`."""
    before = 0
    for place in places:
        start += len(data[before:place].decode("utf-8", "surrogatepass"))
        before = place
        yield start
