"""Lists and books into audio."""
