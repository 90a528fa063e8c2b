"""What a batch reads: lists, tables, subtitles and books."""
