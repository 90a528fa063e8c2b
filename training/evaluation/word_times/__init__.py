"""Errors of word times against aligners."""
