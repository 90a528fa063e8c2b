"""Durations by three models of one size: regression, a continuous and a categorical flow map."""
