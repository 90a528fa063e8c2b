"""Markup in a text: tags in square brackets, inline phonemes, and SSML documents."""
