"""Corpora: manifests, features, recordings, and what a batch is made of."""
