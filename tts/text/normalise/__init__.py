"""Text normalisation: written text becomes the words to speak."""
