"""Files that become text: books, pages, subtitles, plain text."""
