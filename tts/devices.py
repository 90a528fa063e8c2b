"""Devices that models run on."""

import re
from importlib.util import find_spec

DEVICE = re.compile(r"(cuda|mps|xpu|hpu|mtia|privateuseone|vulkan|xla)(:\d+)?", re.ASCII)


def check_device(device: str) -> None:
    """Check that models can run on a device of this machine.

    Args:
        device: as torch names it: `cpu`, `cuda`, `cuda:1`, `mps`.

    Raises:
        ModuleNotFoundError: it is not `cpu`, and PyTorch is not installed.
        ValueError: the machine has no such device, or torch does not support it.

    Example:
        >>> check_device("gpu")
        Traceback (most recent call last):
        ...
        ValueError: this machine has no device 'gpu'; use cpu
    """
    if device == "cpu":
        return
    if not DEVICE.fullmatch(device):
        raise ValueError(f"this machine has no device {device!r}; use cpu")
    require_torch(f"the device {device!r}")

    import torch

    try:
        torch.zeros(1, device=device).item()
    except (RuntimeError, AssertionError, TypeError) as error:
        raise ValueError(f"this machine has no device {device!r}; use cpu") from error


def require_torch(what: str) -> None:
    """Check that PyTorch is installed, for `what`, which a message names.

    Raises:
        ModuleNotFoundError: it is not.
    """
    if not find_spec("torch"):
        raise ModuleNotFoundError(
            f"{what} needs PyTorch; install it with pip install 'one-step-tts[torch]'"
        )
