"""The `tts` command."""
