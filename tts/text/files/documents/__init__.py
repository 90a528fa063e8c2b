"""Readers of other documents as books: HTML, Markdown, .docx, .rtf and PDF."""
