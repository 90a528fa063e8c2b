"""Identifiers, names of models, addresses and source code."""
