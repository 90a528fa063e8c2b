"""The learning rate as a pure function of progress through a stage."""


def factor(step: int, progress: float, *, warmup: int, decay: float) -> float:
    """Up over the first steps, level, then straight down to zero over the last share `decay`."""
    return min(1.0, (step + 1) / warmup, max(0.0, (1 - progress) / decay))
