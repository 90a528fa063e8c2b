"""How good a new voice becomes from minutes of recordings."""
