"""The inputs of a batch: lists, tables, subtitles and books."""
