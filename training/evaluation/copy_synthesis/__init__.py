"""Copy synthesis: how close a vocoder comes to recordings."""
