"""Evaluation: systems, judges, bootstrap intervals and tables."""
