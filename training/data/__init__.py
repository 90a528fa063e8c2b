"""Corpora: manifests, features, recordings, and the batches made of them."""
