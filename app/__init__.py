"""What a person touches. It computes nothing: what it needs is in `tts`."""
