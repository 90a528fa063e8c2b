"""The comparison of flow-map objectives: a small decoder, trained by each for the same time."""
