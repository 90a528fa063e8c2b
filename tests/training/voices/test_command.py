"""The commands of `tts voice` that make a voice."""

import json
import os
import subprocess
import sys

import pytest
import soundfile
from tts.training.voices import command
from tts.training.voices.command import Place, learn_command

from tts.cli.main import run_command
from tts.delivery import Delivery
from tts.voice_files import read_card

TEXTS = (
    "The boat left the harbour at dawn, and nobody waved.",
    "We measured the rope twice before we cut it.",
    "A cold wind came down from the hills in the evening.",
    "Seven children were playing with a yellow ball.",
    "Please put the large box on the upper shelf.",
)


def run(*arguments, **options):
    return run_command(learn_command, [*map(str, arguments)], "tts voice learn", **options)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--name", "my voice"], "the name of a voice must be printable"),
        (["--name", "ann", "--out", "ann.wav"], "a voice file's name must end in .voice"),
        (["--name", "ann", "--out", "none/ann.voice"], "no such folder: none"),
        (["--name", "ann"], "a voice needs the speaker's consent; give it with --consent"),
        (["--name", "ann", "--consent", " "], "a voice needs the speaker's consent"),
        (["--name", "ann", "--consent", "Yes."], "no such file: recordings"),
    ],
)
def test_what_cannot_work_is_refused_before_any_work(
    arguments, message, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    assert run("recordings", *arguments) == 2
    assert message in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_consent_is_asked_for_at_a_terminal(monkeypatch):
    monkeypatch.setattr(command.sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(command.typer, "prompt", lambda *_, **__: " I am the speaker. ")
    assert command._consent(None) == "I am the speaker."


def test_the_places_of_a_voice_follow_from_its_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    place = Place.of("ann", None)
    assert (str(place.work), str(place.out)) == ("ann-voice", "ann.voice")


@pytest.mark.command
@pytest.mark.timeout(600)
def test_a_folder_of_recordings_becomes_a_voice_that_speaks(synthesizer, tmp_path):
    """In processes of their own, as a user runs them; a second run has nothing left to do."""
    folder = tmp_path / "recordings"
    folder.mkdir()
    for number in range(25):
        speech = synthesizer.speak(
            TEXTS[number % len(TEXTS)], Delivery(voice="michael", seed=number)
        )
        soundfile.write(folder / f"{number}.wav", speech.audio, speech.sample_rate)
        (folder / f"{number}.txt").write_text(TEXTS[number % len(TEXTS)])
    words = [
        "voice",
        "learn",
        "recordings",
        "--name",
        "ann",
        "--consent",
        "A machine.",
        "--keep-all",
    ]
    words += ["--effort", "0.01", "--threads", "1", "--workers", "1", "--licence", "CC0-1.0"]
    environment = {**os.environ, "XDG_DATA_HOME": str(tmp_path)}

    def tts(*arguments):
        return subprocess.run(
            [sys.executable, "-m", "tts", *arguments],
            cwd=tmp_path, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip

    first = tts(*words)
    assert first.returncode == 0, first.stderr
    card = read_card(tmp_path / "ann.voice")
    assert (card.name, card.consent, card.licence) == ("ann", "A machine.", "CC0-1.0")
    assert 0.5 < card.minutes < 2
    assert (tmp_path / "ann.voice").stat().st_size < 3e6
    work = tmp_path / "ann-voice"
    assert json.loads((work / "check.json").read_text())["totals"]["clips"] == 25
    assert "<audio" in (work / "listen.html").read_text()
    content = (tmp_path / "ann.voice").read_bytes()
    assert tts(*words).returncode == 0
    assert (tmp_path / "ann.voice").read_bytes() == content
    spoken = tts("say", "This is me.", "--voice", "ann.voice", "-o", "me.wav")
    assert spoken.returncode == 0, spoken.stderr
    assert soundfile.info(tmp_path / "me.wav").duration > 0.4
