"""An XML document as a row of tags and text, each knowing where in the document it stands."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from xml.parsers.expat import ExpatError, ParserCreate, errors

from tts.text.normalise.spans import Span

BLANK = "\N{ZERO WIDTH NO-BREAK SPACE} \t\r\n"
ADVICE = {
    errors.XML_ERROR_INVALID_TOKEN: "; write & as &amp; and < as &lt;",
    errors.XML_ERROR_UNDEFINED_ENTITY: "; write the character itself",
    errors.XML_ERROR_TAG_MISMATCH: "; close what was opened last",
    errors.XML_ERROR_NO_ELEMENTS: "; close what was opened",
}
NOTHING: Mapping[str, str] = {}

ParserEvent = tuple[int, int, str, str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class XmlNode:
    """The start or the end of an element, its name as value; text; or silent, as a comment is."""

    span: Span
    line: int
    kind: str
    value: str
    attributes: Mapping[str, str]


def parse_xml(text: str) -> Iterator[XmlNode]:
    """What a document is made of: items that are, end to end, all of it."""
    start = len(text) - len(text.lstrip(BLANK))
    lines = text.count("\n", 0, start)
    data = text[start:].encode("utf-8", "surrogatepass")
    events = [(0, 1, "silent", "", NOTHING), *_events(data, lines)]
    places = [0, *_characters(data, [event[0] for event in events[1:]] + [len(data)], start)]
    for span, (_, line, kind, value, attributes) in zip(pairwise(places), events, strict=True):
        yield XmlNode(span, line + lines, kind, value, attributes)


def _events(data: bytes, lines: int) -> list[ParserEvent]:
    """What the parser finds, with the byte and the line where it begins.

    Entities of the document's own could unfold without end; there are none without a DOCTYPE.
    """
    parser = ParserCreate("utf-8")
    found: list[ParserEvent] = []

    def add(kind: str, value: str = "", attributes: Mapping[str, str] = NOTHING) -> None:
        place = parser.CurrentByteIndex, parser.CurrentLineNumber
        found.append((*place, kind, value, attributes))

    def refuse(*_: object) -> None:
        line = parser.CurrentLineNumber + lines
        raise ValueError(f"expected SSML without a DOCTYPE, not one in line {line}; take it out")

    parser.StartElementHandler = lambda name, attributes: add("start", name, attributes)
    parser.EndElementHandler = lambda name: add("end", name)
    parser.CharacterDataHandler = lambda said: add("text", said)
    parser.DefaultHandlerExpand = lambda _: add("silent")
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(data, True)
    except ExpatError as error:
        trouble = errors.messages[error.code]
        raise ValueError(
            f"expected well-formed SSML, but in line {error.lineno + lines}, column "
            f"{error.offset + 1}: {trouble}{ADVICE.get(trouble, '')}"
        ) from error
    return found


def _characters(data: bytes, places: Sequence[int], start: int) -> Iterator[int]:
    """Places in bytes, in order, as places in characters, the first of them at `start`."""
    before = 0
    for place in places:
        start += len(data[before:place].decode("utf-8", "surrogatepass"))
        before = place
        yield start
