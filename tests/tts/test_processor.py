import os
from pathlib import Path

import pytest

from tts import processor


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="needs Linux")
def test_cores_are_those_that_the_process_may_use():
    allowed = os.sched_getaffinity(0)
    assert processor.usable_cores() == len(allowed)
    try:
        os.sched_setaffinity(0, {min(allowed)})
        assert processor.usable_cores() == 1
    finally:
        os.sched_setaffinity(0, allowed)


def test_instruction_sets_are_those_that_linux_lists():
    listed = Path("/proc/cpuinfo")
    flags = listed.read_text(encoding="utf-8").split() if listed.is_file() else []
    if "avx2" not in flags:
        pytest.skip("needs Linux and AVX2")
    found = processor.instruction_sets()
    assert "AVX2" in found
    assert ("AVX512F" in found) == ("avx512f" in flags)
