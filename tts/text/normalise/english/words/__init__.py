"""Abbreviations, acronyms, and words of messages."""
