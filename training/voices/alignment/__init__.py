"""Forced alignment of recordings by the acoustic model."""
