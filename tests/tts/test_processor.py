"""The cores, and which processors multiply int8 faster than float32."""

import os
import platform

import pytest

from tts import processor
from tts.processor import Int8Support, int8_instructions, int8_support

XEON = "processor\t: 0\nmodel name\t: Xeon\nflags\t\t: fpu avx2 avx512f avx512_vnni avx_vnni\n\n"
LAPTOP = "processor\t: 0\nflags\t\t: fpu avx2 fma avx_vnni\n"
OLD = "processor\t: 0\nmodel name\t: avx_vnni's forerunner\nflags\t\t: fpu avx2 fma avx512f\n"
GRAVITON = "processor\t: 0\nFeatures\t: fp asimd crc32 asimddp i8mm\nCPU part\t: 0xd40\n"
PI5 = "processor\t: 0\nFeatures\t: fp asimd crc32 asimddp\n"
PI4 = "processor\t: 0\nFeatures\t: fp asimd crc32\n"


@pytest.fixture(autouse=True)
def fresh():
    """What was found out before is forgotten, and what is found here too."""
    int8_support.cache_clear()
    yield
    int8_support.cache_clear()


@pytest.mark.parametrize(
    ("cpuinfo", "expected"),
    [
        (XEON, ["AVX512-VNNI", "AVX-VNNI"]),
        (LAPTOP, ["AVX-VNNI"]),
        (OLD, []),
        (GRAVITON, ["I8MM", "dot products"]),
        (PI5, ["dot products"]),
        (PI4, []),
        ("", []),
    ],
)
def test_instructions_in_cpuinfo(cpuinfo, expected):
    assert int8_instructions(cpuinfo) == expected


@pytest.mark.parametrize(
    ("cpuinfo", "machine", "reason"),
    [
        (XEON, "x86_64", "int8 is fast, as the processor has AVX512-VNNI"),
        (OLD, "x86_64", "int8 is not used, as the processor has no VNNI"),
        (PI5, "aarch64", "int8 is fast, as the processor has dot products"),
        (PI4, "aarch64", "int8 is not used, as the processor has no dot products of bytes"),
        (None, "x86_64", "int8 is not used, as the processor has no VNNI"),
    ],
)
def test_linux(monkeypatch, tmp_path, cpuinfo, machine, reason):
    path = tmp_path / "cpuinfo"
    if cpuinfo is not None:
        path.write_text(cpuinfo)
    monkeypatch.setattr(processor, "CPUINFO", path)
    monkeypatch.setattr(platform, "system", lambda: "Linux")
    monkeypatch.setattr(platform, "machine", lambda: machine)
    assert int8_support() == Int8Support(reason.startswith("int8 is fast"), reason)


@pytest.mark.parametrize(
    ("system", "machine"), [("Windows", "AMD64"), ("Darwin", "x86_64"), ("Plan 9", "x86_64")]
)
def test_where_nothing_is_known_int8_is_not_used(monkeypatch, system, machine):
    monkeypatch.setattr(platform, "system", lambda: system)
    monkeypatch.setattr(platform, "machine", lambda: machine)
    monkeypatch.setattr(processor, "SYSCTL", "/no/such/command")
    assert not int8_support().fast
    assert int8_support().reason.startswith("int8 is not used, as ")


@pytest.mark.parametrize(("value", "fast"), [("1", True), ("0", False)])
def test_mac(monkeypatch, tmp_path, value, fast):
    command = tmp_path / "sysctl"
    command.write_text(f'#!/bin/sh\ntest "$2" = hw.optional.arm.FEAT_DotProd && echo {value}\n')
    command.chmod(0o700)
    monkeypatch.setattr(platform, "system", lambda: "Darwin")
    monkeypatch.setattr(platform, "machine", lambda: "arm64")
    monkeypatch.setattr(processor, "SYSCTL", str(command))
    assert int8_support().fast is fast


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="needs Linux")
def test_cores_are_those_that_the_process_may_use():
    allowed = os.sched_getaffinity(0)
    assert processor.usable_cores() == len(allowed)
    try:
        os.sched_setaffinity(0, {min(allowed)})
        assert processor.usable_cores() == 1
    finally:
        os.sched_setaffinity(0, allowed)


def test_the_widest_instructions_have_a_name():
    assert processor.instruction_set() in ("", *processor.INSTRUCTION_SETS)
