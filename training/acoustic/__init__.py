"""Training of the acoustic model: objectives, terms, losses."""
