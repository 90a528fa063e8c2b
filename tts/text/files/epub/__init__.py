"""The reader of EPUB books: their archive, package, pages, chapters and notes."""
