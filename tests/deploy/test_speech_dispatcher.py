"""The module of speech-dispatcher, from a client to a player."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile
from tts.app.voices import describe_voices

from tests.deploy.commands import DEPLOY
from tests.serving import wait_for
from tts.delivery import Delivery

FOLDER = DEPLOY / "speech-dispatcher"
MODULE, SPEAK = FOLDER / "one-step-tts.conf", FOLDER / "one-step-tts-speak"
SETTINGS = """
AudioOutputMethod "libao"
DefaultVolume 100
AddModule "one-step-tts" "sd_generic" "one-step-tts.conf"
DefaultModule "one-step-tts"
"""
# What shells, JSON and speech-dispatcher give a meaning to
TEXT = """Dr. Smith said "yes" \\ no, isn't it? It's `late` at $HOME."""
LIBAO = list(Path("/usr/lib").glob("*/speech-dispatcher/spd_libao.so"))


def needs(*programs):
    missing = [program for program in programs if not shutil.which(program)]
    return pytest.mark.skipif(bool(missing), reason=f"needs {', '.join(programs)}")


def test_its_voices_are_offered_and_are_what_they_are_called(synthesizer):
    added = re.findall(
        r'^AddVoice "en" "(\w+)\d" "(\w+)"$', MODULE.read_text("utf-8"), re.MULTILINE
    )
    sexes = {voice["id"]: voice.get("sex") for voice in describe_voices(synthesizer)}
    assert len(added) == 4
    assert all(sexes[name] == sex.lower() for sex, name in added)


@pytest.mark.command
@needs("sh", "curl", "awk")
@pytest.mark.parametrize(
    ("numbers", "delivery"),
    [
        (("0", "0", "100"), {}),
        (("50", "-50", "0"), {"pace": 2.0, "pitch": -3.0, "volume": -6.0}),
        (("-100", "100", "-100"), {"pace": 0.25, "pitch": 6.0, "volume": -60.0}),
    ],
)
def test_its_script_speaks_what_it_reads(numbers, delivery, served, synthesizer, tmp_path):
    command = ["sh", SPEAK, "michael", *numbers]
    environment = os.environ | {"SPEECH_SERVER": served}
    done = subprocess.run(
        command, input=TEXT.encode(), env=environment, check=True, capture_output=True, timeout=30
    )
    path = tmp_path / "heard.wav"
    path.write_bytes(done.stdout)
    assert_says(path, TEXT, Delivery(voice="michael", **delivery), synthesizer)


@pytest.mark.command
@needs("speech-dispatcher", "spd-say", "curl", "awk")
@pytest.mark.skipif(not LIBAO, reason="needs speech-dispatcher's plugin for libao")
def test_a_client_of_speech_dispatcher_is_heard(served, synthesizer, tmp_path):
    address = tmp_path / "socket"
    with dispatcher(tmp_path, address, served):
        wait_for(address.exists)
        client = os.environ | {"SPEECHD_ADDRESS": f"unix_socket:{address}"}
        voice = ["--language", "en", "--voice-type", "male1"]
        say = ["spd-say", "--wait", *voice, "--rate", "50", TEXT]
        subprocess.run(say, env=client, check=True, timeout=30)
    delivery = Delivery(voice="michael", pace=2.0)
    assert_says(tmp_path / "heard.wav", TEXT, delivery, synthesizer)


def dispatcher(folder, address, server):
    """A running speech-dispatcher, without a sound card, and with a player that writes a file."""
    modules, programs = folder / "configuration" / "modules", folder / "programs"
    modules.mkdir(parents=True)
    programs.mkdir()
    shutil.copy(MODULE, modules)
    shutil.copy(SPEAK, programs)
    (modules.parent / "speechd.conf").write_text(SETTINGS, encoding="utf-8")
    (folder / ".libao").write_text("default_driver=null\n", encoding="utf-8")
    player = programs / "play"
    player.write_text(f"#!/bin/sh\ncat > {folder}/heard.wav\n", encoding="utf-8")
    player.chmod(0o755)
    environment = os.environ | {
        "HOME": str(folder),
        "PATH": f"{programs}:{os.environ['PATH']}",
        "SPEECH_SERVER": server,
    }
    folders = ["-C", str(modules.parent), "-L", str(folder), "-P", str(folder / "process")]
    return Terminated(["speech-dispatcher", "-s", *folders, "-S", str(address)], environment)


class Terminated:
    """A process that is ended at the end of a block."""

    def __init__(self, command, environment):
        self.process = subprocess.Popen(
            command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def __enter__(self):
        return self.process

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(20)


def assert_says(path, text, delivery, synthesizer):
    heard, _ = soundfile.read(path, dtype="float32")
    expected = synthesizer.speak(text, delivery).audio.clip(-1, 1)
    np.testing.assert_allclose(heard, expected, rtol=0, atol=1e-3)
