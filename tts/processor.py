"""The processor that speech is computed on."""

import os
import sys
from importlib import import_module
from importlib.util import find_spec

INSTRUCTION_SETS = ("SSE42", "AVX2", "AVX512F", "NEON")  # by numpy's names


def usable_cores() -> int:
    """How many logical cores this process may use; a container may allow fewer than there are."""
    if sys.version_info >= (3, 13):
        return os.process_cpu_count() or 1
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def instruction_sets() -> tuple[str, ...]:
    """The vector instructions that numpy finds, the widest last."""
    core = "numpy._core" if find_spec("numpy._core") else "numpy.core"  # of numpy 1
    found = import_module(f"{core}._multiarray_umath").__cpu_features__
    return tuple(name for name in INSTRUCTION_SETS if found.get(name))
