"""A work folder: one command at a time, and files that are made again when their inputs change."""

import signal
import subprocess
import sys
import time

import pytest
from tts.training.voices.alignment.work import with_segments
from tts.training.voices.inputs import InputFolder
from tts.training.voices.lock import work_lock
from tts.training.voices.processes import results

HOLD = """
import sys, time
from pathlib import Path
from tts.training.voices.lock import work_lock
with work_lock(Path(sys.argv[1])):
    print("locked", flush=True)
    time.sleep(60)
"""


def test_two_commands_do_not_use_one_folder_and_a_killed_one_leaves_it_free(tmp_path):
    holder = subprocess.Popen([sys.executable, "-c", HOLD, tmp_path / "w"], stdout=subprocess.PIPE)
    try:
        assert holder.stdout.readline() == b"locked\n"
        with pytest.raises(ValueError, match="w is in use by another command; wait"):
            work_lock(tmp_path / "w").__enter__()
    finally:
        holder.send_signal(signal.SIGKILL)
        holder.communicate()
    with work_lock(tmp_path / "w"):
        pass


def test_an_interrupted_command_says_that_it_continues(tmp_path, capsys):
    with pytest.raises(KeyboardInterrupt), work_lock(tmp_path / "w"):
        raise KeyboardInterrupt
    assert capsys.readouterr().err == "stopped; the same command continues\n"


def test_a_folder_made_from_other_inputs_is_put_aside_and_comes_back(tmp_path, capsys):
    folder = InputFolder(tmp_path / "runs")
    inputs = [{"the recordings": "r", "--effort": str(number)} for number in range(3)]
    for one in inputs[:2]:
        folder.put_aside(one)
        (folder.path / "state").write_text(one["--effort"])
    assert "changed: --effort; a new training begins" in capsys.readouterr().err
    folder.put_aside(inputs[1])
    assert not capsys.readouterr().err
    folder.put_aside(inputs[0])
    assert (folder.path / "state").read_text() == "0"
    assert (tmp_path / "runs-before/state").read_text() == "1"
    folder.put_aside(inputs[2])
    assert [path.name for path in folder.path.iterdir()] == ["inputs.json"]
    assert (tmp_path / "runs-before/state").read_text() == "0"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["runs", "runs-before"]


def test_features_of_other_inputs_are_made_again(tmp_path):
    folder = InputFolder(tmp_path / "features")
    folder.make_again({"the recordings": "1"})
    (folder.path / "mels").write_text("1")
    folder.make_again({"the recordings": "1"})
    assert (folder.path / "mels").exists()
    folder.make_again({"the recordings": "2"})
    assert not (folder.path / "mels").exists()


def test_cuts_of_a_long_recording_are_not_used_once_it_has_subtitles(tmp_path):
    (tmp_path / "segments.jsonl").write_text('{}\n{"id": "a-0001", "source": "a.wav"}\n')
    long = {"id": "a", "source": "a.wav", "text": "A.", "seconds": 99.0}
    assert [row["id"] for row in with_segments([long], tmp_path)] == ["a-0001"]
    cues = [{**long, "id": f"a-{number}", "seconds": 5.0} for number in range(3)]
    assert with_segments(cues, tmp_path) == cues


def _die(number):
    if number == 2:
        import os

        os.kill(os.getpid(), signal.SIGKILL)
    return number


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_a_worker_that_is_killed_is_an_error_and_no_wait():
    begun = time.monotonic()
    with pytest.raises(OSError, match="a process that reads recordings ended; check that there is"):
        list(results(_die, range(9), 2, batch=2))
    assert time.monotonic() - begun < 60
