"""Voices of a checkpoint, measured one by one."""
