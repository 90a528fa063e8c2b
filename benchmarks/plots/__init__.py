"""Plots of the raw results in `benchmarks/results`, for the model card and the documentation."""
