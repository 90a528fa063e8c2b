"""Files that become text: books, pages, plain text."""
