"""Dates, times and years."""
