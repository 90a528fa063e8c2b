"""Footnotes of HTML: references that link to a note which links back."""

import re
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
MAX_NODES = 400  # elements and texts of a note
MAX_CLIMB = 4  # elements from a linked place to the note around it


def read_notes(content: Tag, notes: Literal["silent", "inline"]) -> None:
    """Take the notes out of HTML content, and put each at its first reference if it is read.

    A note is what a short link such as `[1]` leads to, if it links back or is marked as a note.
    """
    places = {str(tag["id"]): tag for tag in content.find_all(id=True)}
    places |= {str(tag["name"]): tag for tag in content.find_all("a", attrs={"name": True})}
    found: dict[int, tuple[Tag, Tag, list[Tag]]] = {}
    bodies: dict[str, Tag | None] = {}
    for link in content.find_all("a", href=re.compile(r"^#.")):
        target = str(link["href"])[1:]
        if not _is_reference(link) or target not in places:
            continue
        if target not in bodies:
            bodies[target] = _body(places[target], content)
        body = bodies[target]
        if body is not None and all(link is not one for one in body.descendants):
            found.setdefault(id(body), (body, link, []))[2].append(link)
    _replace(list(found.values()), notes)


def _replace(found: list[tuple[Tag, Tag, list[Tag]]], notes: str) -> None:
    for body, first, links in found:
        text = _said(body)
        for link in links:
            raised = link.find_parent("sup")
            own = raised is not None and raised.get_text(strip=True) == link.get_text(strip=True)
            whole = raised if own and raised is not None else link
            whole.replace_with(f" ({text})" if notes == "inline" and link is first and text else "")
    for body, _, _ in found:
        _remove(body)


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
    marked = NOTE_KIND.search(
        f"{body.get('epub:type')} {body.get('role')} {body.get('class')} {body.get('id')}"
    )
    back = body.find("a", href=re.compile(r"^#."))
    own = place.name == "a" and place.get("href", "").startswith("#")  # type: ignore[union-attr]
    return body if marked or back or own else None


def _said(body: Tag) -> str:
    """The text of a note without its mark and its links back."""
    for back in body.find_all("a", href=re.compile(r"^#.")):
        if len(back.get_text(strip=True)) <= 6:
            back.decompose()
    return MARK.sub("", " ".join(body.get_text(" ").split()).lstrip("^. ")).strip()


def _remove(body: Tag) -> None:
    """Remove a note, and the elements around it that it leaves empty."""
    around = body.parent
    body.decompose()
    while around is not None and around.parent is not None and around.name in (*BODIES, "ol", "ul"):
        if around.get_text(strip=True):
            break
        above = around.parent
        around.decompose()
        around = above
