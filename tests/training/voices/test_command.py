"""The commands of `tts voice` that make a voice."""

import pytest
from tts.training.voices import command
from tts.training.voices.command import Place, learn_command

from tts.cli.main import run_command


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
