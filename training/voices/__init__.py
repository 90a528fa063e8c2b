"""A new voice from recordings: `tts voice learn`."""
