"""Copy synthesis: how near a vocoder comes to recordings."""
