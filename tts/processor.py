"""The processor that speech is computed on."""

import os
import sys
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

CPUINFO = Path("/proc/cpuinfo")  # of Linux
INSTRUCTION_SETS = ("SSE42", "AVX2", "AVX512F", "NEON")
# Dot products of 8-bit numbers, on Intel and AMD and on ARM, by the names that numpy has for them
INT8_INSTRUCTION_SETS = ("AVX512VNNI", "AVX_VNNI", "ASIMDDP")


def usable_cores() -> int:
    """How many logical cores this process may use; a container may allow fewer than there are."""
    if sys.version_info >= (3, 13):
        return os.process_cpu_count() or 1
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def instruction_sets() -> tuple[str, ...]:
    """The vector instructions that the processor has, by numpy's names, the widest last."""
    return tuple(name for name in INSTRUCTION_SETS if name in _features())


def int8_instruction_sets() -> tuple[str, ...]:
    """The instructions for dot products of 8-bit numbers that the processor has; often none."""
    return tuple(name for name in INT8_INSTRUCTION_SETS if name in _features())


@cache
def _features() -> frozenset[str]:
    """What numpy finds, and what only Linux lists: numpy does not look for AVX-VNNI."""
    core = "numpy._core" if find_spec("numpy._core") else "numpy.core"  # of numpy 1
    found = import_module(f"{core}._multiarray_umath").__cpu_features__
    listed = CPUINFO.read_text(encoding="utf-8").split() if CPUINFO.is_file() else ()
    names = {name for name, there in found.items() if there}
    return frozenset(names | {"AVX_VNNI"} if "avx_vnni" in listed else names)
