"""A release: measurements, the model card, and the shipped files."""
