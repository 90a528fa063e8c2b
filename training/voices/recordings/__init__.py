"""Recordings and transcripts, as the clips of a work folder."""
