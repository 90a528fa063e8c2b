"""The left column of the page: text, voices, settings and files."""
