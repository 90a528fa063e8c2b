"""Measures, units and money."""
