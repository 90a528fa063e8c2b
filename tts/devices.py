"""Devices that models run on."""

import torch


def check_device(device: str) -> None:
    """Check that torch can compute on a device of this machine.

    Args:
        device: as torch names it: `cpu`, `cuda`, `cuda:1`, `mps`.

    Raises:
        ValueError: the machine has no such device, or torch does not support it.

    Example:
        >>> check_device("gpu")
        Traceback (most recent call last):
        ...
        ValueError: this machine has no device 'gpu'; use cpu
    """
    try:
        torch.zeros(1, device=device).item()
    except (RuntimeError, AssertionError, TypeError) as error:
        raise ValueError(f"this machine has no device {device!r}; use cpu") from error
