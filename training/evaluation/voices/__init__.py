"""Measurement of each voice of a checkpoint."""
