"""The training loop: optimizer, schedule, averages, state, stages in a row."""
