"""When each word is heard, as cues, subtitles, JSON and TextGrid."""
