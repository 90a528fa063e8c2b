import os

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


@pytest.mark.parametrize("listed", [True, False])
def test_instructions_that_only_linux_lists_are_found(listed, tmp_path, monkeypatch):
    file = tmp_path / "cpuinfo"
    file.write_text(f"flags\t: fpu avx2{' avx_vnni' * listed} sse\n", encoding="utf-8")
    monkeypatch.setattr(processor, "CPUINFO", file)
    processor._features.cache_clear()
    try:
        assert ("AVX_VNNI" in processor.int8_instruction_sets()) == listed
        assert not set(processor.instruction_sets()) - set(processor.INSTRUCTION_SETS)
    finally:
        processor._features.cache_clear()
