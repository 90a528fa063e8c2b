"""Speech sends nothing: ONNX Runtime reports its use to Microsoft unless it is told not to."""

import os
import subprocess
import sys

import pytest

SPEAK = "import tts; tts.load(runtime='onnx').speak('Hello.')"


@pytest.mark.command
@pytest.mark.skipif(sys.platform != "linux", reason="the folder of reports is that of Linux")
def test_speech_keeps_no_reports_for_microsoft(tmp_path):
    folders = {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    kept = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    subprocess.run([sys.executable, "-c", SPEAK], env=kept | folders, check=True, timeout=50)
    assert list(tmp_path.rglob("*")) == []
