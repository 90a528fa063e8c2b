"""The unit of systemd: its command, folders and credentials."""

import re
import shlex
import shutil
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

import pytest
from tts.app.network import shutdown

from tests.deploy.commands import DEPLOY, parse_tts
from tts.processor import CPUINFO

PATH = DEPLOY / "systemd" / "one-step-tts.service"
ANALYZE = shutil.which("systemd-analyze")


@pytest.fixture(scope="module")
def service():
    unit = ConfigParser(strict=False, interpolation=None, comment_prefixes=("#",))
    unit.optionxform = str
    unit.read(PATH, encoding="utf-8")
    return unit["Service"]


def test_its_command_has_these_options(service):
    program, *words = shlex.split(service["ExecStart"])
    assert Path(program).name == "tts"
    name, params = parse_tts(words)
    assert (name, params["host"]) == ("serve", "127.0.0.1")
    assert params["voice_dir"] == f"/var/lib/{service['StateDirectory']}"
    assert params["key_file"] == "${CREDENTIALS_DIRECTORY}/key"
    assert service["LoadCredential"].startswith("key:/")


def test_the_server_has_time_to_end_and_its_exit_code_is_no_failure(service):
    assert int(service["TimeoutStopSec"]) > shutdown.EXIT_TIMEOUT_SECONDS
    assert service["SuccessExitStatus"] == "143"


def test_it_may_read_what_says_whether_int8_is_fast(service):
    assert CPUINFO.as_posix() == "/proc/cpuinfo"
    assert "ProcSubset" not in service


def test_it_may_bind_its_threads_to_cores(service):
    """Otherwise the filter of system calls kills ONNX Runtime when it makes its threads."""
    filters = re.findall(r"^SystemCallFilter=(.+)$", PATH.read_text("utf-8"), re.MULTILINE)
    assert filters == ["@system-service", "~@privileged"]


@pytest.mark.command
@pytest.mark.skipif(not ANALYZE, reason="needs systemd-analyze")
def test_systemd_finds_no_fault(tmp_path):
    text = PATH.read_text(encoding="utf-8")
    copy = tmp_path / PATH.name
    copy.write_text(text.replace("/opt/one-step-tts/bin/tts", sys.executable), encoding="utf-8")
    done = subprocess.run([ANALYZE, "verify", copy], capture_output=True, text=True, timeout=30)
    assert (done.returncode, done.stderr) == (0, "")
