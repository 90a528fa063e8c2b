"""Readers of text files: EPUB books, XHTML pages, Markdown, subtitles and plain text."""
