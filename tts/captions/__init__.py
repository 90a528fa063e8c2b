"""Times of words and phones as subtitles, JSON and TextGrid."""
