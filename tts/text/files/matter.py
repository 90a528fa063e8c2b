"""Parts of a book that are not read by default, known by types, by titles and by their text."""

import re

# EPUB types, ARIA roles without `doc-`, and types of a guide.
MATTER_OF_TYPE = {
    "cover": "cover",
    "titlepage": "title page",
    "halftitlepage": "title page",
    "halftitle": "title page",
    "title-page": "title page",
    "copyright-page": "copyright page",
    "imprint": "copyright page",
    "imprimatur": "copyright page",
    "colophon": "copyright page",
    "credits": "copyright page",
    "toc": "table of contents",
    "toc-brief": "table of contents",
    "landmarks": "table of contents",
    "page-list": "table of contents",
    "pagelist": "table of contents",
    "loi": "list of illustrations",
    "lot": "list of illustrations",
    "loa": "list of illustrations",
    "lov": "list of illustrations",
    "index": "index",
    "glossary": "glossary",
    "bibliography": "bibliography",
    "footnotes": "notes",
    "endnotes": "notes",
    "rearnotes": "notes",
    "notes": "notes",
    "seriespage": "advertisement",
}
MATTER_OF_TITLE = {
    "cover": r"(?:front |back )?cover(?: page| image)?",
    "title page": r"(?:half[ -]?)?title(?:[ -]?page)",
    "copyright page": r"(?:copyright(?: page| notice| information| and permissions)?|imprint|"
    r"colophon|permissions|legal notice|"
    r"(?:full |the )?licen[cs]e|(?:the )?(?:full )?project gutenberg.*license.*)",
    "table of contents": r"(?:table of |brief |detailed )?contents|contents of .*",
    "list of illustrations": r"(?:list of )?(?:illustrations|figures|tables|maps|plates|"
    r"illustrations and maps|maps and illustrations)",
    "index": r"(?:(?:general|subject|concept|name|author|keyword) )?index|"
    r"index of (?:names|places|subjects|persons|titles|"
    r"first lines|authors|terms)",
    "glossary": r"glossary(?: of [\w ]{1,40})?",
    "bibliography": r"(?:select(?:ed)? |general )?bibliography|works cited|references|"
    r"(?:suggestions for )?further reading",
    "notes": r"(?:foot|end)?notes|notes and references|"
    r"notes (?:to the text|on the (?:text|chapters?))",
    "advertisement": r"(?:also|other books|other titles|books|more|more books) by .{1,60}|"
    r"(?:advance )?praise(?: for .{1,80})?|advertisements?|newsletter(?: sign-?up)?|"
    r"about the publisher|books? (?:available )?from .{1,60}",
}
TITLES = {kind: re.compile(one, re.IGNORECASE) for kind, one in MATTER_OF_TITLE.items()}
NOTE_MARK = re.compile(
    r"[\[(]?(?:(?:pp?\.|page|note) ?)?(?:\d{1,4}\b|[*\u2020\u2021\u00a7\u00b6])", re.I
)
MAX_TITLE_CHARACTERS = 100
MAX_COPYRIGHT_CHARACTERS = 6000
COPYRIGHT_MARKS = (
    re.compile(
        r"(?:copyright|\u00a9|\(c\)) (?:\u00a9 |\(c\) )?(?:by .{1,60} )?(?:1[89]|20)\d\d", re.I
    ),
    re.compile(r"all rights reserved|no part of this (?:book|publication)", re.IGNORECASE),
    re.compile(r"\be?-?ISBN\b", re.IGNORECASE),
    re.compile(r"library of congress|first published|printed in|cover design", re.IGNORECASE),
)


def matter_of_types(names: str) -> str:
    """The matter of EPUB types or ARIA roles, by spaces; empty for those of the text itself."""
    return next((MATTER_OF_TYPE[name] for name in names.split() if name in MATTER_OF_TYPE), "")


def matter_of_title(title: str) -> str:
    """The matter of a title; empty for that of a chapter.

    Example:
        >>> matter_of_title("Table of Contents"), matter_of_title("Notes from Underground")
        ('table of contents', '')
    """
    plain = title.strip(" .:[]\t*\u2014\u2013-")
    if len(plain) > MAX_TITLE_CHARACTERS:
        return ""
    return next((kind for kind, pattern in TITLES.items() if pattern.fullmatch(plain)), "")


def matter_of_text(text: str) -> str:
    """`copyright page` for a short text with two of the marks of such a page; else empty."""
    if len(text) > MAX_COPYRIGHT_CHARACTERS:
        return ""
    marks = sum(pattern.search(text) is not None for pattern in COPYRIGHT_MARKS)
    return "copyright page" if marks > 1 else ""


def is_prose(text: str) -> bool:
    """Whether less than half of the blocks after the title begin with the mark of a note.

    Example:
        >>> is_prose("Notes\\n\\nIt was late."), is_prose("Notes\\n\\n1. See Lee, 1901.")
        (True, False)
    """
    blocks = text.split("\n\n")[1:]
    return 2 * sum(NOTE_MARK.match(block) is not None for block in blocks) < len(blocks)
