"""Objectives of flow maps side by side."""
