"""The processor that speech is computed on: its cores, and whether it multiplies int8 fast."""

import ctypes
import os
import platform
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

CPUINFO, SYSCTL = Path("/proc/cpuinfo"), "/usr/sbin/sysctl"
ARM = "aarch64", "arm64"
# Instructions that sum products of bytes, as Linux and macOS name them.
LINUX_FLAGS = {"avx512_vnni": "AVX512-VNNI", "avx_vnni": "AVX-VNNI"}
LINUX_ARM_FLAGS = {"i8mm": "I8MM", "asimddp": "dot products"}
MAC_KEYS = {
    "hw.optional.arm.FEAT_I8MM": "I8MM",
    "hw.optional.arm.FEAT_DotProd": "dot products",
    "hw.optional.avx512vnni": "AVX512-VNNI",
}
WINDOWS_ARM_DOT_PRODUCTS = 43  # PF_ARM_V82_DP_INSTRUCTIONS_AVAILABLE
INSTRUCTION_SETS = ("SSE42", "AVX2", "AVX512F", "NEON")  # by numpy's names, the widest last


def usable_cores() -> int:
    """How many logical cores this process may use; a container may allow fewer than there are."""
    if sys.version_info >= (3, 13):
        return os.process_cpu_count() or 1
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def instruction_set() -> str:
    """The widest vector instructions that numpy finds; empty if it finds none."""
    core = "numpy._core" if find_spec("numpy._core") else "numpy.core"  # of numpy 1
    found = import_module(f"{core}._multiarray_umath").__cpu_features__
    return next((name for name in reversed(INSTRUCTION_SETS) if found.get(name)), "")


@dataclass(frozen=True)
class Int8Support:
    """Whether int8 is faster than float32, and a sentence with the reason."""

    fast: bool
    reason: str


@cache
def int8_support() -> Int8Support:
    """Whether this processor has instructions that sum products of bytes."""
    found = {"Linux": _on_linux, "Darwin": _on_mac, "Windows": _on_windows}.get(platform.system())
    names = found() if found else []
    if names is None:
        return Int8Support(False, "int8 is not used, as Windows does not say whether it is fast")
    if names:
        return Int8Support(True, f"int8 is fast, as the processor has {names[0]}")
    wanted = "dot products of bytes" if platform.machine().lower() in ARM else "VNNI"
    return Int8Support(False, f"int8 is not used, as the processor has no {wanted}")


def _on_linux() -> list[str]:
    try:
        return int8_instructions(CPUINFO.read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return []


def int8_instructions(cpuinfo: str) -> list[str]:
    """The instructions of the first processor in the text of /proc/cpuinfo, fastest first."""
    for line in cpuinfo.splitlines():
        name, _, value = line.partition(":")
        known = {"flags": LINUX_FLAGS, "features": LINUX_ARM_FLAGS}.get(name.strip().lower())
        if known:
            flags = set(value.split())
            return [title for flag, title in known.items() if flag in flags]
    return []


def _on_mac() -> list[str]:
    return [title for key, title in MAC_KEYS.items() if _sysctl(key) == "1"]


def _sysctl(key: str) -> str:
    try:
        found = subprocess.run([SYSCTL, "-n", key], capture_output=True, text=True, timeout=5)
    except (OSError, subprocess.SubprocessError):
        return ""
    return found.stdout.strip()


def _on_windows() -> list[str] | None:
    """None where it cannot be found out: Windows has no such question for VNNI."""
    kernel = getattr(ctypes, "windll", None)
    if platform.machine().lower() not in ARM or kernel is None:
        return None
    has = kernel.kernel32.IsProcessorFeaturePresent(WINDOWS_ARM_DOT_PRODUCTS)
    return [MAC_KEYS["hw.optional.arm.FEAT_DotProd"]] if has else []
