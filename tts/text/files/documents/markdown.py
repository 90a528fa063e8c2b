"""The reader of Markdown as a book, by markdown-it."""

import re

from markdown_it import MarkdownIt
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.front_matter import front_matter_plugin

from tts.text.files.book import Book, BookOptions
from tts.text.files.documents.html import parse_html, read_chapters

FIELD = re.compile(r"^(title|author|authors|lang|language|date):[ \t]*(.+?)[ \t]*$", re.MULTILINE)
QUOTES = "'\""


def read_markdown(text: str, name: str, options: BookOptions) -> Book:
    """Read a Markdown text as a book.

    Args:
        text: the text: CommonMark with tables, footnotes, and front matter in YAML.
        name: the title of a book that names none.
        options: what of it is read.

    Returns:
        The book. A chapter begins at a heading of the first or second rank. The title is that of
        the front matter, or else the only heading of the first rank.

    Example:
        >>> read_markdown("# One\\n\\nIt was *late*.", "tale", BookOptions()).chapters
        (Chapter(title='One', text='One\\n\\nIt was late.', matter=''),)
    """
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    parser.use(footnote_plugin).use(front_matter_plugin)
    tokens = parser.parse(text)
    head = next((token.content for token in tokens if token.type == "front_matter"), "")
    fields = {key: value.strip(QUOTES) for key, value in FIELD.findall(head)}
    content = parse_html(parser.renderer.render(tokens, parser.options, {}))
    headings = content.find_all("h1")
    only = " ".join(headings[0].get_text().split()) if len(headings) == 1 else ""
    title = fields.get("title") or only or name
    return Book(
        chapters=read_chapters(content, title, options),
        title=title,
        author=fields.get("author") or fields.get("authors", "").strip("[]"),
        language=fields.get("lang") or fields.get("language", ""),
        date=fields.get("date", ""),
    )
