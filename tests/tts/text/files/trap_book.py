"""A book with twelve traps, made in memory, and what is to be read of it.

The traps: notes in three forms, a cover, front matter, a drop cap, page numbers, hidden text,
superscripts, alternative texts, a table, a poem, a scene break and a doubled title.
"""

import zipfile
from io import BytesIO
from struct import pack
from zlib import compress, crc32

TITLE, AUTHOR, LANGUAGE, DATE = "The Trap", "Ann Author, Bo Writer", "en-GB", "1911-05-01"
CONTAINER = """<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>
<rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles>
</container>"""
METADATA = """<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:title id="sub">A Tale</dc:title><dc:title id="main">The  Trap</dc:title>
<meta refines="#main" property="title-type">main</meta>
<meta refines="#sub" property="title-type">subtitle</meta>
<dc:creator>Ann Author</dc:creator><dc:creator>Bo Writer</dc:creator>
<dc:creator id="t">Cy Translator</dc:creator><meta refines="#t" property="role">trl</meta>
<dc:language>en-GB</dc:language><dc:date>1911-05-01</dc:date>
<meta property="dcterms:modified">2020-01-01T00:00:00Z</meta></metadata>"""
STYLE = ".secret { display: none } @media print { .shown { display: none } } p { margin: 0 }"
PAGES = {
    "cover": '<section epub:type="cover"><img src="cover.png" alt="The Trap, cover"/></section>',
    "title": '<section epub:type="titlepage"><h1>The Trap</h1><p>Ann Author</p></section>',
    "rights": "<p>Copyright \u00a9 1911 by Ann Author. All rights reserved. ISBN 1-2345.</p>",
    "contents": """<h2>Contents</h2><p><a href="one.xhtml">I. The Storm</a> <a href="two.xhtml">
II. The Calm</a> <a href="two.xhtml#c3">III. The End</a></p>""",
    "one": """<section epub:type="chapter"><header><p>I. The Storm</p></header>
<h1>I. <br/>The Storm</h1>
<p><span class="dropcap">T</span> <small>HE</small> night was dark<a epub:type="noteref"
href="#n1">1</a> and<span class="pagenum">[Pg 12]</span> wild.<span epub:type="pagebreak">13</span>
It was <i>late</i>.<a href="notes.xhtml#e1" id="r1" role="doc-noteref"><sup>2</sup></a></p>
<p hidden="hidden">Unseen one.</p><p style="color: red; display:none">Unseen two.</p>
<p class="secret">Unseen three.</p><p class="shown">Seen.</p><p aria-hidden="true">Unseen four.</p>
<p>A plain one<a href="#fn3" id="ref3"><sup>3</sup></a> ends.</p>
<hr/><p>The 4<sup>th</sup> of 10<sup>3</sup> men was gone.<sup>5</sup>
He had 5 m<sup>2</sup> of H<sub>2</sub>O.</p>
<figure><img src="map.png" alt="A map of the coast."/></figure>
<aside epub:type="footnote" id="n1"><p>As nights are.</p></aside>
<h3>Notes</h3><p id="fn3"><a href="#ref3">3</a>. It is plain.</p></section>""",
    "two": """<h1 id="c2">II. The Calm</h1><p>It was calm.</p>
<table><tr><th>Ship</th><th>Men</th></tr><tr><td>Ann</td><td>12</td></tr></table>
<div class="poem"><div class="stanza"><p>The sea,</p><p>the sea.</p></div>
<div class="stanza"><p>It sleeps.</p></div></div>
<div class="chapter"><h1 id="c3">III. The End</h1><p>It ends.</p></div>""",
    "notes": """<section epub:type="endnotes"><h2>Notes</h2><ol><li id="e1"><p>By the clock.
<a href="one.xhtml#r1" role="doc-backlink">\u21a9</a></p></li></ol></section>""",
    "index": "<h1>Index</h1><p>Calm, <a href='two.xhtml'>1</a></p>",
}
NAV = """<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops"><body>
<nav epub:type="toc"><ol><li><a href="one.xhtml">I. The Storm</a></li>
<li><a href="two.xhtml#c2">II. The Calm</a></li><li><a href="two.xhtml#c3">III. The End</a></li>
<li><a href="index.xhtml">Index</a></li></ol></nav></body></html>"""

# What is read, silent notes and no alternative texts: titles and texts.
WANTED = (
    (
        "I. The Storm",
        "I.\nThe Storm\n\nTHE night was dark and wild. It was late.\n\nSeen.\n\nA plain one ends."
        "\n\n* * *\n\nThe 4th of 10^3 men was gone. He had 5 m^2 of H2O.",
    ),
    (
        "II. The Calm",
        "II. The Calm\n\nIt was calm.\n\nShip, Men\n\nAnn, 12\n\nThe sea,\nthe sea.\n\nIt sleeps.",
    ),
    ("III. The End", "III. The End\n\nIt ends."),
)
LEFT_OUT = ("cover", "title page", "copyright page", "table of contents", "notes", "index")


def trap_book(pages=PAGES, contents=NAV) -> bytes:
    """The bytes of the book, an EPUB 3 file; or of one with other pages and contents."""
    target = BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("mimetype", "application/epub+zip")
        archive.writestr("META-INF/container.xml", CONTAINER)
        archive.writestr("OEBPS/book.opf", _package(pages))
        archive.writestr("OEBPS/nav.xhtml", contents)
        archive.writestr("OEBPS/style.css", STYLE)
        archive.writestr("OEBPS/cover.png", cover())
        for name, body in pages.items():
            archive.writestr(f"OEBPS/{name}.xhtml", _page(body))
    return target.getvalue()


def cover() -> bytes:
    """The picture of the cover: a PNG of 64 by 64 white pixels."""
    rows = (b"\0" + b"\xff" * 64 * 3) * 64
    chunks = (
        (b"IHDR", pack(">IIBBBBB", 64, 64, 8, 2, 0, 0, 0)),
        (b"IDAT", compress(rows)),
        (b"IEND", b""),
    )
    packed = (
        pack(">I", len(data)) + name + data + pack(">I", crc32(name + data))
        for name, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(packed)


def _package(pages) -> str:
    items = "".join(
        f'<item id="{name}" href="{name}.xhtml" media-type="application/xhtml+xml"/>'
        for name in pages
    )
    spine = "".join(f'<itemref idref="{name}"/>' for name in pages)
    return (
        f'<package xmlns="http://www.idpf.org/2007/opf">{METADATA}<manifest>{items}'
        '<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>'
        '<item id="image" href="cover.png" media-type="image/png" properties="cover-image"/>'
        f"</manifest><spine>{spine}</spine></package>"
    )


def _page(body: str) -> str:
    return (
        '<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops">'
        f'<head><link rel="stylesheet" href="style.css"/></head><body>{body}</body></html>'
    )
