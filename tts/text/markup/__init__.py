"""Markup in a text: tags, phonemes and SSML."""
