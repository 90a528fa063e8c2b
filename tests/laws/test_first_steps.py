"""Each task of the first steps is done by its block, copied as it stands.

A block runs in a process and a folder of its own. Its programs are those of this environment, and
players keep what they hear. Servers listen on free ports, and a voice is trained for a hundredth
of the usual time.
"""

import asyncio
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import soundfile

from tests.laws.documentation import FENCE, FIRST_STEPS, ROOT
from tests.serving import wait_for
from tests.tts.text.files.test_epub import book
from tts.delivery import Delivery
from tts.voice_files import read_card

PLAYERS = ("afplay", "aplay", "ffplay", "paplay", "pw-play")
PORTS = {"tts serve": 8000, "tts demo": 7860, "tts wyoming": 10200}
SHELLS = {
    "sh": ("bash", "-euo", "pipefail", "-c"),
    "python": ("python", "-c"),
    "js": ("node", "--input-type=module", "--eval"),
}
SOUNDS = (".flac", ".m4b", ".mp3", ".wav")
START_SECONDS = 200  # on a busy machine
CLIPS = 25  # of half a minute in all
TEXTS = (
    "The boat left the harbour at dawn, and nobody waved.",
    "We measured the rope twice before we cut it.",
    "A cold wind came down from the hills in the evening.",
    "Seven children were playing with a yellow ball.",
    "Please put the large box on the upper shelf.",
)
SHORT_TRAINING = "--effort 0.01 --keep-all --threads 1 --workers 1 --licence CC0-1.0"


@dataclass(frozen=True)
class Task:
    """A heading of the page, and the first block below it."""

    name: str
    language: str
    code: str

    @property
    def server(self) -> str:
        """The command of ours that it leaves running."""
        return next((command for command in PORTS if self.code.startswith(command)), "")


def sections():
    _, *found = re.split(r"^## (?=.)", FIRST_STEPS.text, flags=re.MULTILINE)
    return found


TASKS = [
    Task(section.partition("\n")[0], found[2], found[3])
    for section in sections()
    if (found := FENCE.search(section))
]
SERVERS = {task.server: task for task in TASKS if task.server}
CLIENTS = [task for task in TASKS if "http://" in task.code]
(TRAINING,) = (task for task in TASKS if "recordings" in task.code)
OTHERS = [task for task in TASKS if not task.server and task not in (*CLIENTS, TRAINING)]


@dataclass(frozen=True)
class Place:
    """A folder with what the page says is the user's own."""

    folder: Path

    @property
    def heard(self) -> Path:
        """What the last player has heard."""
        return self.folder / "bin" / "heard"

    @property
    def environment(self) -> dict[str, str]:
        homes = ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME")
        path = os.pathsep.join([str(self.folder / "bin"), os.environ["PATH"]])
        modules = os.pathsep.join([str(ROOT), str(self.folder / "bin")])
        home = dict.fromkeys(homes, str(self.folder / "home"))
        return {**os.environ, **home, "PATH": path, "PYTHONPATH": modules}

    def prepare(self) -> "Place":
        for name in ("bin", "home"):
            (self.folder / name).mkdir()
        (self.folder / "book.epub").write_bytes(book())
        programs = {"python": f'exec {sys.executable} "$@"'}
        programs["tts"] = f'exec {sys.executable} -m tts "$@"'
        keep = f'for last; do :; done; [ -f "$last" ] || last=-; cat "$last" > {self.heard}'
        for name, script in (programs | dict.fromkeys(PLAYERS, keep)).items():
            path = self.folder / "bin" / name
            path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
            path.chmod(0o755)
        no_device = "raise OSError('PortAudio library not found')\n"
        (self.folder / "bin" / "sounddevice.py").write_text(no_device, encoding="utf-8")
        return self

    def run(self, language: str, code: str) -> str:
        """What a block prints."""
        program, *options = SHELLS[language]
        done = subprocess.run(
            [program, *options, code],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            check=False,
            timeout=500,
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode()

    @contextmanager
    def serving(self, task: Task):
        """A free port on which a task serves."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        usual = f":{PORTS[task.server]}"
        moved = task.code.replace(usual, f":{port}")
        command = moved if usual in task.code else f"{task.code.strip()} --port {port}"
        log = self.folder / "home" / "log"
        with log.open("wb") as output:
            server = subprocess.Popen(
                ["bash", "-c", f"exec {command}"],
                cwd=self.folder,
                env=self.environment,
                stdout=output,
                stderr=output,
            )

        def answers() -> bool:
            assert server.poll() is None, log.read_text(encoding="utf-8")
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", port)) == 0

        try:
            wait_for(answers, START_SECONDS)
            yield port
        finally:
            server.terminate()
            server.wait(20)


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path).prepare()


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """The port of the page's own server."""
    with Place(tmp_path_factory.mktemp("served")).prepare().serving(SERVERS["tts serve"]) as port:
        yield port


def test_there_are_twenty_tasks_and_each_is_one_block():
    assert len(TASKS) >= 20
    assert [len(FENCE.findall(section)) for section in sections()] == [1] * len(TASKS)
    assert {task.language for task in TASKS} == SHELLS.keys()
    assert SERVERS.keys() == PORTS.keys()
    assert len(CLIENTS) == 3


def check_outputs(place: Place, code: str) -> int:
    """How many files a block names; each is there, with sound where it is one of sound."""
    files = [place.folder / name for name in re.findall(r"[\w-]+\.(?:mp3|srt|voice)\b", code)]
    for name in re.findall(r"\bout/\w+", code):
        found = [path for path in (place.folder / name).rglob("*") if path.suffix in SOUNDS]
        assert found, name
        files += found
    for path in files:
        assert path.stat().st_size > 50, path
        assert path.suffix not in SOUNDS or soundfile.info(path).duration > 0.3, path
    return len(files)


@pytest.mark.command
@pytest.mark.timeout(600)
@pytest.mark.parametrize("task", OTHERS, ids=lambda task: task.name)
def test_a_block_does_its_task(task, place):
    printed = place.run(task.language, task.code)
    if "aplay" in task.code or (task.code.startswith("tts say") and " -o " not in task.code):
        assert place.heard.stat().st_size > 10_000
    else:
        assert check_outputs(place, task.code) or len(printed) > 5


@pytest.mark.command
@pytest.mark.timeout(600)
def test_recordings_become_a_voice_that_speaks(place, synthesizer):
    """A second run has nothing left to do."""
    record(place.folder / "recordings", synthesizer)
    code = TRAINING.code.replace("--name", f"{SHORT_TRAINING} --name")
    place.run("sh", code)
    assert check_outputs(place, code) == 2
    card = read_card(place.folder / "anna.voice")
    assert (card.name, card.consent, card.licence) == ("anna", "I am the speaker.", "CC0-1.0")
    assert 0.5 < card.minutes < 2
    content = (place.folder / "anna.voice").read_bytes()
    assert len(content) < 3e6
    work = place.folder / "anna-voice"
    assert json.loads((work / "check.json").read_text())["totals"]["clips"] == CLIPS
    assert "<audio" in (work / "listen.html").read_text()
    place.run("sh", code)
    assert (place.folder / "anna.voice").read_bytes() == content


def record(folder, synthesizer):
    """Recordings of a speaker, each with its text."""
    folder.mkdir()
    for number in range(CLIPS):
        text = TEXTS[number % len(TEXTS)]
        speech = synthesizer.speak(text, Delivery(voice="michael", seed=number))
        soundfile.write(folder / f"{number}.wav", speech.audio, speech.sample_rate)
        (folder / f"{number}.txt").write_text(text, encoding="utf-8")


@pytest.mark.command
@pytest.mark.timeout(300)
@pytest.mark.parametrize("task", CLIENTS, ids=lambda task: task.name)
def test_a_client_gets_sound_from_the_server_of_the_page(task, place, served):
    program = task.code.split()[0] if task.language == "sh" else SHELLS[task.language][0]
    if not shutil.which(program):
        pytest.skip(f"there is no {program} here")
    place.run(task.language, task.code.replace(":8000", f":{served}"))
    assert check_outputs(place, task.code)


@pytest.mark.command
@pytest.mark.timeout(300)
def test_home_assistant_finds_the_voices_of_the_page(place):
    with place.serving(SERVERS["tts wyoming"]) as port:
        info = asyncio.run(describe(port))
    assert {"heart", "michael"} <= {voice.name for each in info.tts for voice in each.voices}


async def describe(port):
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
        from wyoming.client import AsyncTcpClient
        from wyoming.info import Describe, Info

    async with AsyncTcpClient("127.0.0.1", port) as client:
        await client.write_event(Describe().event())
        return Info.from_event(await client.read_event())


@pytest.mark.command
@pytest.mark.timeout(300)
@pytest.mark.parametrize("command", ["tts serve", "tts demo"])
def test_a_browser_gets_a_page(command, place):
    with place.serving(SERVERS[command]) as port:
        answer = httpx.get(f"http://127.0.0.1:{port}/", headers={"Accept": "text/html"})
    assert answer.status_code == 200
