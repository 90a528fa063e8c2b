"""The command line, `tts`."""
