"""Footnotes of HTML: references that link to a note which links back."""

import re
from dataclasses import dataclass, field
from itertools import islice
from typing import Literal

from bs4 import Tag

REFERENCE = re.compile(
    r"[\[(]?\s*(?:note\s*)?(?:[0-9]{1,4}|[*†‡§¶#]{1,4}|[a-z]|[ivxlc]+)\s*[\])]?", re.I
)
REFERENCE_KIND = re.compile(r"noteref|footnote-ref|footnote-reference|doc-noteref", re.I)
NOTE_KIND = re.compile(r"(?:foot|end|rear|side)note|doc-(?:foot|end)note", re.I)
BODIES = ("li", "p", "aside", "dd", "div", "tr", "section", "td")
MARK = re.compile(r"^\s*[\[(]?(?:[0-9]{1,4}|[*†‡§¶]{1,4})[\]).:]*\s+")
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
ITEMS = ("li", "p", "aside", "dd", "td")
BLOCKS = (*BODIES, *HEADINGS, "blockquote", "article", "main", "body")
MAX_NOTE_CHARACTERS = 3000  # a longer text is read where it stands; chosen by hand
MAX_NODES = 400  # elements and texts of a note
MAX_CLIMB = 4  # elements from a linked place to the note around it


def read_notes(content: Tag, notes: Literal["silent", "inline"]) -> None:
    """Take the notes out of HTML content, and put each at its first reference if it is read.

    A note is what a short link such as `[1]` leads to, if it links back to where it
    is referred to or is marked as a note, has no heading, and is short.
    """
    places = {str(tag["id"]): tag for tag in content.find_all(id=True)}
    places |= {str(tag["name"]): tag for tag in content.find_all("a", attrs={"name": True})}
    found: dict[int, _Note] = {}
    bodies: dict[str, Tag | None] = {}
    for link in content.find_all("a", href=re.compile(r"^#.")):
        target = str(link["href"])[1:]
        if not _is_reference(link) or target not in places:
            continue
        if target not in bodies:
            bodies[target] = _body(places[target], content)
        body = bodies[target]
        if body is not None and all(link is not one for one in body.descendants):
            note = found.setdefault(id(body), _Note(body, _is_marked(body)))
            note.links.append(link)
            note.known = note.known or _links_back(body, places[target], link, places)
    _replace([note for note in found.values() if note.known], notes)


@dataclass(slots=True)
class _Note:
    """A text that references lead to, and whether it is known to be a note."""

    body: Tag
    known: bool
    links: list[Tag] = field(default_factory=list)


def _replace(found: list[_Note], notes: str) -> None:
    """Put the notes at their references; elements are emptied, as to remove one takes longer."""
    for note in found:
        text = _said(note.body)
        for link in note.links:
            raised = link.find_parent("sup")
            own = raised is not None and raised.get_text(strip=True) == link.get_text(strip=True)
            read = notes == "inline" and link is note.links[0] and text
            _empty(raised if own and raised is not None else link, f" ({text})" if read else "")
    around = {id(note.body.parent): note.body.parent for note in found}
    for note in found:
        _empty(note.body, "")
    for above in around.values():
        _remove_empty(above)


def _empty(tag: Tag, text: str) -> None:
    tag.clear()
    tag.name, tag.attrs = "span", {}
    if text:
        tag.append(text)


def _is_reference(link: Tag) -> bool:
    kind = f"{link.get('epub:type')} {link.get('role')} {link.get('class')}"
    return (
        REFERENCE_KIND.search(kind) is not None
        or REFERENCE.fullmatch(link.get_text(strip=True)) is not None
    )


def _body(place: Tag, content: Tag) -> Tag | None:
    """The element of a note around the place that a reference leads to; None if it is no note."""
    body: Tag | None = place
    for _ in range(MAX_CLIMB):
        if body is None or body is content or body.name in BODIES:
            break
        body = body.parent
    if body is None or body is content or body.name not in BODIES:
        return None
    if len(list(islice(body.descendants, MAX_NODES + 1))) > MAX_NODES:
        return None
    if body.find(HEADINGS) or len(body.get_text()) > MAX_NOTE_CHARACTERS:
        return None
    return body


def _is_marked(body: Tag) -> bool:
    kinds = f"{body.get('epub:type')} {body.get('role')} {body.get('class')} {body.get('id')}"
    return NOTE_KIND.search(kinds) is not None


def _links_back(body: Tag, place: Tag, link: Tag, places: dict[str, Tag]) -> bool:
    """Whether a text links into the block of its reference, or begins with its mark as a link."""
    block = {id(link)}
    for above in islice(link.parents, MAX_CLIMB):
        block.add(id(above))
        if above.name in BLOCKS:
            break
    for back in body.find_all("a", href=re.compile(r"^#.")):
        target = places.get(str(back["href"])[1:])
        if target is None:
            if back is place and _bare(back) == _bare(link) and body.name in ITEMS:
                return True
        elif any(id(one) in block for one in (target, *islice(target.parents, MAX_CLIMB))):
            return True
    return False


def _bare(link: Tag) -> str:
    return link.get_text(strip=True).strip("[]()")


def _said(body: Tag) -> str:
    """The text of a note without its mark and its links back."""
    for back in body.find_all("a", href=re.compile(r"^#.")):
        if len(back.get_text(strip=True)) <= 6:
            back.decompose()
    return MARK.sub("", " ".join(body.get_text(" ").split()).lstrip("^. ")).strip()


def _remove_empty(around: Tag | None) -> None:
    """Remove the elements that notes leave empty."""
    while around is not None and around.parent is not None and around.name in (*BODIES, "ol", "ul"):
        if around.get_text(strip=True):
            break
        above = around.parent
        around.decompose()
        around = above
