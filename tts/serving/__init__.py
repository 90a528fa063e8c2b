"""One synthesizer that serves many listeners at once."""
