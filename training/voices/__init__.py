"""New voices: from recordings to a voice file."""
