"""Small .docx and PDF files, made by hand as the formats are specified."""

from io import BytesIO
from xml.sax.saxutils import escape
from zipfile import ZipFile

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
TYPES = f"""<Types xmlns="{PACKAGE}/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/>
<Override PartName="/word/document.xml" ContentType="application/\
vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>"""
RELATIONS = f"""<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1"
Type="{OFFICE}/officeDocument" Target="word/document.xml"/></Relationships>"""
DOCUMENT_RELATIONS = f"""<Relationships xmlns="{PACKAGE}/relationships">
<Relationship Id="r1" Type="{OFFICE}/styles" Target="styles.xml"/>
<Relationship Id="r2" Type="{OFFICE}/footnotes" Target="footnotes.xml"/></Relationships>"""
STYLE_NAMES = ("Title", "heading 1", "heading 2", "toc 1")
CORE = """<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/\
core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{}</dc:title>
<dc:creator>{}</dc:creator></cp:coreProperties>"""


def docx(paragraphs, notes=(), title="", author=""):
    """A .docx file of paragraphs: styles and texts, in which `^` refers to the next note."""
    styles = "".join(
        f'<w:style w:type="paragraph" w:styleId="{name.replace(" ", "")}">'
        f'<w:name w:val="{name}"/></w:style>'
        for name in STYLE_NAMES
    )
    count, body = 0, ""
    for style, text in paragraphs:
        runs = []
        for index, part in enumerate(text.split("^")):
            if index:
                count += 1
                runs.append(f'<w:r><w:footnoteReference w:id="{count}"/></w:r>')
            runs.append(_run(part))
        kind = f'<w:pPr><w:pStyle w:val="{style.replace(" ", "")}"/></w:pPr>' if style else ""
        body += f"<w:p>{kind}{''.join(runs)}</w:p>"
    bodies = "".join(
        f'<w:footnote w:id="{number}"><w:p>{_run(note)}</w:p></w:footnote>'
        for number, note in enumerate(notes, 1)
    )
    files = {
        "[Content_Types].xml": TYPES,
        "_rels/.rels": RELATIONS,
        "word/_rels/document.xml.rels": DOCUMENT_RELATIONS,
        "word/document.xml": f'<w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>',
        "word/styles.xml": f'<w:styles xmlns:w="{WORD}">{styles}</w:styles>',
        "word/footnotes.xml": f'<w:footnotes xmlns:w="{WORD}">{bodies}</w:footnotes>',
        "docProps/core.xml": CORE.format(escape(title), escape(author)),
    }
    target = BytesIO()
    with ZipFile(target, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target.getvalue()


def _run(text):
    return f'<w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r>'


def pdf(pages, title="", bookmarks=()):
    """A PDF of pages: lines of place (x, y in points), size and text; bookmarks are (page, title).

    Without lines a page has no text, as a scan.
    """
    count = len(pages)
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(count))
    objects = {
        1: f"<< /Type /Catalog /Pages 2 0 R /Outlines {4 + 2 * count} 0 R >>",
        2: f"<< /Type /Pages /Count {count} /Kids [{kids}] >>",
        3: "<< /Type /Font /Subtype /Type1 /BaseFont /Courier /Encoding /WinAnsiEncoding >>",
    }
    for number, lines in enumerate(pages):
        content = "".join(
            f"BT /F1 {size} Tf 1 0 0 1 {x} {y} Tm ({_quoted(text)}) Tj ET\n"
            for x, y, size, text in lines
        )
        objects[4 + 2 * number] = (
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 420 595] "
            f"/Resources << /Font << /F1 3 0 R >> >> /Contents {5 + 2 * number} 0 R >>"
        )
        objects[5 + 2 * number] = f"<< /Length {len(content)} >>\nstream\n{content}endstream"
    first = 4 + 2 * count
    last = first + len(bookmarks)
    objects[first] = f"<< /Type /Outlines /First {first + 1} 0 R /Last {last} 0 R >>"
    for place, (page, name) in enumerate(bookmarks, first + 1):
        following = f"/Next {place + 1} 0 R " if place < last else ""
        objects[place] = (
            f"<< /Title ({name}) /Parent {first} 0 R {following}/Dest [{4 + 2 * page} 0 R /Fit] >>"
        )
    objects[last + 1] = f"<< /Title ({title}) >>"
    data, places = b"%PDF-1.4\n", []
    for number in sorted(objects):
        places.append(len(data))
        data += f"{number} 0 obj\n{objects[number]}\nendobj\n".encode("cp1252")
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    size = len(places) + 1
    return (
        data
        + (
            f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n<< /Size {size} /Root 1 0 R "
            f"/Info {last + 1} 0 R >>\nstartxref\n{len(data)}\n%%EOF"
        ).encode()
    )


def _quoted(text):
    return text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")


def printed(lines, *, head="", foot=""):
    """The lines of a page: a line with a leading space is indented, an empty one is a blank."""
    found = [(50, 575, 8, head)] if head else []
    for number, line in enumerate(lines):
        if line:
            x = 50 + 12 * line.startswith(" ")
            found.append((x, 540 - 14 * number, 10, line.strip()))
    return [*found, (200, 20, 8, foot)] if foot else found
