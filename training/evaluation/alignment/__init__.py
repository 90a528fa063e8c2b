"""Errors of forced alignment, and how well its cost tells wrong transcripts."""
