"""The elements of a page that are not shown: by attributes, and by simple rules of style sheets."""

import re
from collections.abc import Set

from tts.text.files.epub.xhtml_tokens import Token

NOT_SHOWN = re.compile(
    r"(?:^|[;{\s])(?:display\s{0,4}:\s{0,4}none|visibility\s{0,4}:\s{0,4}hidden)"
)
DISPLAY = re.compile(r"(?:^|[;{\s])(?:display|visibility)\s{0,4}:")
SELECTOR = re.compile(r"([a-z][a-z0-9]*)?\.([\w-]+)")
BRACE = re.compile(r"[{}]")
PAGE_CLASS = re.compile(
    r"(?:x-ebookmaker-)?page[-_]?(?:num(?:ber)?s?|nos?|break)|folio", re.IGNORECASE
)
PAGE_NUMBER = re.compile(
    r"[\[({]?\s?(?:p(?:g|age|\.)?\.?\s?)?[\divxlcdm]{0,7}\s?[\])}]?", re.IGNORECASE
)
POINTER = re.compile(r"\b(?:noteref|backlink|pagebreak)\b")

HiddenClasses = Set[tuple[str, str]]


def find_hidden_classes(style: str) -> HiddenClasses:
    """The classes that a style sheet hides.

    Args:
        style: the text of the style sheet.

    Returns:
        Pairs of the name of an element, empty for any, and of a class: those of the rules that
        stand in no other rule, such as one for print, and whose selectors are as simple.

    Example:
        >>> sorted(find_hidden_classes("p.x, .y {display: none} @media print {.z {display: none}}"))
        [('', 'y'), ('p', 'x')]
    """
    hidden: set[tuple[str, str]] = set()
    depth, start, selectors = 0, 0, ""
    plain = _without_comments(style).lower()
    for brace in BRACE.finditer(plain):
        text, start = plain[start : brace.start()], brace.end()
        if brace[0] == "{":
            depth += 1
            selectors = text.rpartition(";")[2] if depth == 1 else ""
            continue
        if depth == 1 and DISPLAY.search(text):
            found = {_pair(one) for one in selectors.split(",")} - {("", "")}
            hidden = hidden | found if NOT_SHOWN.search(text) else hidden - found
        depth = max(0, depth - 1)
    return hidden


def is_hidden(token: Token, classes: HiddenClasses) -> bool:
    """Whether the element of a start tag is not shown, or is a pointer to a note or to a page."""
    attributes = token.attributes
    if not attributes:
        return False
    if "hidden" in attributes or (attributes.get("aria-hidden") or "").lower() == "true":
        return True
    if NOT_SHOWN.search((attributes.get("style") or "").lower()) or POINTER.search(token.names()):
        return True
    names = [one.lower() for one in token.classes()]
    return any((tag, one) in classes for tag in ("", token.tag) for one in names)


def is_page_number(token: Token, text: str) -> bool:
    """Whether an element has a class of page numbers, and such a text."""
    classed = any(PAGE_CLASS.fullmatch(one) for one in token.classes())
    return classed and PAGE_NUMBER.fullmatch(text.strip()) is not None


def _without_comments(style: str) -> str:
    first, *others = style.split("/*")
    return first + " ".join(one.partition("*/")[2] for one in others)


def _pair(selector: str) -> tuple[str, str]:
    found = SELECTOR.fullmatch(selector.strip())
    return (found[1] or "", found[2]) if found else ("", "")
