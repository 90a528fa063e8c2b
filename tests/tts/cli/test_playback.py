"""Sound is played while it is made, and Ctrl-C stops it. The players are scripts."""

import io
import os
import signal
import sys
import threading
import time
from contextlib import contextmanager
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile

from tests.players import fake_player
from tts.audio import pcm16
from tts.cli.doctor import player as examined
from tts.cli.playback import PLAYERS, find_playback

RATE = 24_000
TONE = np.sin(np.arange(3 * RATE) / 9).astype(np.float32)
SAMPLES = [player.name for player in PLAYERS if player.reads == "samples"]
FILES = [player.name for player in PLAYERS if player.reads == "file"]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the players are shell scripts")


def wait_until(condition):
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.005)


@pytest.mark.parametrize("name", SAMPLES)
def test_a_program_reads_samples_while_they_are_made(name, tmp_path, monkeypatch):
    script = 'echo "$@" > {played}.arguments; exec /bin/cat > {played}'
    played = fake_player(tmp_path, name, monkeypatch, script)
    playback = find_playback()
    assert playback.name == name == examined()
    with playback.open(RATE) as put:
        put(TONE[:2400])
        wait_until(lambda: played.exists() and played.stat().st_size == 4800)
        put(TONE[2400:])
    assert played.read_bytes() == pcm16(TONE).tobytes()
    assert str(RATE) in played.with_suffix(".arguments").read_text("utf-8")


def test_a_program_reads_a_wav_while_it_is_made(tmp_path, monkeypatch):
    played = fake_player(tmp_path, "ffplay", monkeypatch)
    with find_playback().open(RATE) as put:
        put(TONE)
    heard, rate = soundfile.read(io.BytesIO(played.read_bytes()), dtype="int16")
    assert rate == RATE
    np.testing.assert_array_equal(heard, pcm16(TONE))


@pytest.mark.parametrize("name", FILES)
def test_a_program_plays_a_whole_file(name, tmp_path, monkeypatch):
    played = fake_player(tmp_path, name, monkeypatch, "exec /bin/cat speech.wav > {played}")
    with find_playback().open(RATE) as put:
        put(TONE)
        put(TONE)
        assert not played.exists()
    heard, _ = soundfile.read(io.BytesIO(played.read_bytes()), dtype="int16")
    np.testing.assert_array_equal(heard, pcm16(np.concatenate([TONE, TONE])))


@pytest.mark.parametrize(
    ("name", "script", "why"),
    [
        ("aplay", "echo starting >&2; echo no such device >&2; exit 1", "no such device"),
        ("aplay", "exit 0", "it ended before the speech did"),
        ("aplay", "/bin/cat > /dev/null; exit 3", "it ended before the speech did"),
        ("afplay", "echo what a file >&2; exit 1", "what a file"),
    ],
)
def test_a_program_that_fails_is_told_with_its_words(name, script, why, tmp_path, monkeypatch):
    fake_player(tmp_path, name, monkeypatch, script)
    with pytest.raises(OSError, match=f"^cannot play by {name}: {why}; give a file with -o$"):
        play(100)


@pytest.mark.parametrize(
    ("content", "why"),
    [(b"#!/no/such/program\n", "no such file or directory"), (b"\x7fELF", "exec format error")],
)
def test_a_program_that_does_not_start_is_told(content, why, tmp_path, monkeypatch):
    fake_player(tmp_path, "aplay", monkeypatch)
    (tmp_path / "programs" / "aplay").write_bytes(content)
    with pytest.raises(OSError, match=f"^cannot play by aplay: {why}; give a file with -o$"):
        play(100)


def test_what_is_missing_is_named_for_this_system(tmp_path, monkeypatch):
    fake_player(tmp_path, "", monkeypatch)
    for system, own, other in (
        ("linux", "pw-play", "afplay"),
        ("darwin", "afplay", "powershell"),
        ("win32", "powershell", "pw-play"),
    ):
        monkeypatch.setattr("tts.cli.playback.SYSTEM", system)
        with pytest.raises(
            FileNotFoundError, match=f"none of .*ffplay.*{own}.* is installed"
        ) as one:
            find_playback()
        assert other not in str(one.value)


def play(times, error=None):
    with find_playback().open(RATE) as put:
        for _ in range(times):
            put(TONE)
        if error:
            raise error


@contextmanager
def ctrl_c_when(condition):
    """Ctrl-C is pressed as soon as something is so."""

    def press():
        wait_until(condition)
        time.sleep(0.5)  # in which Popen returns, also on a busy machine
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)

    finger = threading.Thread(target=press)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    finger.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            yield
    finally:
        finger.join()
        signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("name", ["aplay", "pw-play"])
def test_ctrl_c_stops_a_program_at_once(name, tmp_path, monkeypatch):
    """Also one that reads nothing, so that the pipe to it is full."""
    played = fake_player(tmp_path, name, monkeypatch, "echo $$ > {played}; exec /bin/sleep 60")
    begun = time.monotonic()
    with (
        ctrl_c_when(lambda: played.exists() and played.read_text("utf-8").strip()),
        find_playback().open(RATE) as put,
    ):
        put(TONE)
    assert time.monotonic() - begun < 5
    with pytest.raises(ProcessLookupError):
        os.kill(int(played.read_text("utf-8")), 0)


def test_nothing_that_plays_is_an_error_that_says_what_to_do(tmp_path, monkeypatch):
    fake_player(tmp_path, "", monkeypatch)
    with pytest.raises(FileNotFoundError) as error:
        find_playback()
    said = str(error.value)
    assert "give a file with -o" in said
    assert "sounddevice is not installed (pip install 'one-step-tts[play]')" in said
    here = [player for player in PLAYERS if sys.platform.startswith(player.system)]
    assert all(player.name in said for player in here)


class Stream:
    """The part of a stream of sounddevice that is used."""

    def __init__(self, samplerate, channels, dtype):
        assert (samplerate, channels, dtype) == (RATE, 1, "int16")
        self.heard, self.done = b"", []

    def start(self):
        self.done.append("start")

    def write(self, data):
        assert len(data) <= RATE // 5  # Ctrl-C waits for it
        self.heard += data

    def stop(self):
        self.done.append("stop")

    def close(self):
        self.done.append("close")


@pytest.fixture
def stream(tmp_path, monkeypatch):
    """The stream that a stand-in for the package opens."""
    made = Stream(RATE, 1, "int16")
    device = SimpleNamespace(
        __spec__=object(),
        query_devices=lambda kind: {"name": "speaker"},
        RawOutputStream=lambda **options: made,
        PortAudioError=RuntimeError,
    )
    fake_player(tmp_path, "aplay", monkeypatch)
    monkeypatch.setitem(sys.modules, "sounddevice", device)
    return made


def test_the_package_sounddevice_comes_first(stream):
    playback = find_playback()
    assert playback.name == "sounddevice" == examined()
    with playback.open(RATE) as put:
        put(TONE)
    assert stream.heard == pcm16(TONE).tobytes()
    assert stream.done == ["start", "stop", "close"]


def test_ctrl_c_drops_what_the_package_has_left(stream):
    with pytest.raises(KeyboardInterrupt):
        play(2, KeyboardInterrupt)
    assert stream.done == ["start", "close"]


def test_a_package_without_a_device_leaves_it_to_a_program(stream, monkeypatch):
    def query_devices(kind):
        raise RuntimeError("no output device")

    monkeypatch.setattr(sys.modules["sounddevice"], "query_devices", query_devices)
    assert find_playback().name == "aplay"
