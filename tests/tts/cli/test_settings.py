"""Values of options from variables and from a file: their order, kinds, places and errors."""

import re
from collections import Counter
from importlib.metadata import EntryPoint

import pytest
import typer
from typer.main import get_command

from tts.cli import extensions
from tts.cli.main import app, main
from tts.cli.settings import Settings, SettingsError, key_of, options, variables_of, walk

ROOT = get_command(app)


@pytest.fixture
def parse(tmp_path):
    """The parameters of a command, by a file and variables."""

    def run(command, *arguments, file="", **variables):
        path = tmp_path / "config.toml"
        path.write_text(file, encoding="utf-8")
        context = ROOT.make_context("tts", [command], obj=Settings(variables, path))
        found = ROOT.commands[command]
        if isinstance(found, extensions.ExtensionCommand):
            found = found.load()
        return found.make_context(command, list(arguments), parent=context).params

    return run


@pytest.mark.parametrize(
    ("pace", "arguments", "variables", "file"),
    [
        (1.0, [], {}, ""),
        (1.1, [], {}, "pace = 1.1"),
        (1.2, [], {}, "pace = 1.1\n[say]\npace = 1.2"),
        (1.3, [], {"TTS_PACE": "1.3"}, "pace = 1.1\n[say]\npace = 1.2"),
        (1.4, [], {"TTS_SAY_PACE": "1.4", "TTS_PACE": "1.3"}, "[say]\npace = 1.2"),
        (1.5, ["--pace", "1.5"], {"TTS_SAY_PACE": "1.4"}, "[say]\npace = 1.2"),
        (1.2, [], {"TTS_PACE": "", "TTS_BATCH_PACE": "3"}, "[say]\npace = 1.2\n[batch]\npace = 2"),
    ],
)
def test_option_comes_before_variable_before_file(pace, arguments, variables, file, parse):
    assert parse("say", "Hi.", *arguments, file=file, **variables)["pace"] == pace


def test_values_have_the_kinds_of_their_options(parse, monkeypatch):
    monkeypatch.setenv("HOME", "/home/anna")
    file = 'day-first = true\nlexicon = "~/names.tsv"\npace = 2\nvoice = "michael"'
    found = parse("say", "Hi.", file=file, TTS_SEED="7")
    assert [found[name] for name in ("day_first", "lexicon", "pace", "voice", "seed")] == [
        True, "/home/anna/names.tsv", 2.0, "michael", 7,
    ]  # fmt: skip
    assert parse("say", "Hi.", file=file, TTS_DAY_FIRST="no")["day_first"] is False


def test_an_option_that_is_repeated_has_a_list_or_words(parse):
    """A single value, which other commands take, is a list of one."""
    file = 'voice = "michael"\n[serve]\norigin = ["https://a.org", "https://b.org"]'
    found = parse("serve", file=file)
    assert found["voice"] == ("michael",)
    assert found["origin"] == ("https://a.org", "https://b.org")
    assert parse("serve", TTS_VOICE="anna.voice 'my voice.voice'")["voice"] == (
        "anna.voice",
        "my voice.voice",
    )


def test_what_all_commands_share_is_not_for_training(tmp_path):
    """Its options of the same names take other values."""
    path = tmp_path / "config.toml"
    path.write_text("steps = 2\n", encoding="utf-8")
    command = typer.Typer()
    command.command()(lambda steps="1,2": None)
    settings = Settings({"TTS_STEPS": "3", "TTS_TRAINING_EVALUATE_STEPS": "4"}, path)
    found = settings.of_command(("training", "evaluate"), get_command(command), ROOT)
    assert found["steps"].value == "4"
    assert not Settings({"TTS_STEPS": "3"}, path).of_command(
        ("training", "evaluate"), get_command(command), ROOT
    )


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        ("pase = 2", "{}: unknown key 'pase'; did you mean pauses?"),
        ("[say]\nport = 2", "{}: unknown key 'port' in [say]"),
        ("[sya]\npace = 2", "{}: unknown table [sya]; did you mean say?"),
        ("[voice-lits]", "{}: unknown table [voice-lits]; did you mean voice-list?"),
        ('[say]\npace = "fast"', "pace in [say] of {} must be a number, got 'fast'"),
        ("seed = 1.5", "seed in {} must be a whole number, got 1.5"),
        ("steps = true", "steps in {} must be a whole number, got True"),
        ("day-first = 1", "day-first in {} must be true or false, got 1"),
        ("voice = 3", "voice in {} must be a text in quotes, got 3"),
        ("voice = [3]", "voice in {} must be a text in quotes, got [3]"),
        (
            "[say.voice]\nname = 'michael'",
            "voice in [say] of {} must be a text in quotes, got {{'name': 'michael'}}",
        ),
        (
            "day-first = true\nday_first = false",
            "day-first and day_first in {} are one option; keep one",
        ),
        ("say = 3", "{}: say is a command; write [say]"),
        ("voice = ", "{} is not TOML: Invalid value"),
        ("pace = 9", "pace must be from 0.25 to 4, got 9.0; pace is set to 9 in {}"),
        (
            "[say]\ndevice = 'tpu'",
            "this machine has no device 'tpu'; use cpu; device is set to 'tpu' in [say] of {}",
        ),
        ("threads = 0", "threads must be from 1 to 1024, got 0; threads is set to 0 in {}"),
        ("lexicon = 'no.tsv'", "no such file: no.tsv; lexicon is set to 'no.tsv' in {}"),
    ],
)
def test_a_wrong_file_is_told_with_its_key(file, sentence, tmp_path, capsys):
    path = tmp_path / "config.toml"
    path.write_text(file, encoding="utf-8")
    with pytest.raises(SystemExit) as exit:
        main(["--config", str(path), "say", "Hi.", "-o", str(tmp_path / "a.wav")])
    assert exit.value.code == 2
    said = capsys.readouterr().err
    assert said.startswith(f"error: {sentence.format(path)}")
    assert said.count("\n") == 1
    assert not (tmp_path / "a.wav").exists()


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"TTS_PACE": "9"}, "pace must be from 0.25 to 4, got 9.0; pace is set to '9' by TTS_PACE"),
        (
            {"TTS_SAY_PACE": "x"},
            "pace must be a number, got 'x'; pace is set to 'x' by TTS_SAY_PACE",
        ),
        (
            {"TTS_DAY_FIRST": "maybe"},
            "day_first must be true or false, got 'maybe'; "
            "day_first is set to 'maybe' by TTS_DAY_FIRST",
        ),
        ({"TTS_CONFIG": "no.toml"}, "no such file: no.toml"),
        ({"TTS_CONFIG": "."}, "cannot read .: is a directory"),
    ],
)
def test_a_wrong_variable_is_told(variables, sentence, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit):
        main(["say", "Hi.", "-o", "a.wav"])
    assert re.fullmatch(f"error: {sentence}\n", capsys.readouterr().err)


def test_an_option_is_not_blamed_on_a_variable(monkeypatch, capsys):
    monkeypatch.setenv("TTS_PACE", "2")
    with pytest.raises(SystemExit):
        main(["say", "Hi.", "--pace", "9"])
    assert capsys.readouterr().err == "error: pace must be from 0.25 to 4, got 9.0\n"


def test_the_help_shows_what_is_set_and_a_wrong_file_does_not_hide_it(
    monkeypatch, capsys, tmp_path
):
    monkeypatch.setenv("TTS_CONFIG", str(tmp_path / "config.toml"))
    for file, default in (("seed = 12345", "[default: 12345]"), ("seed = ", "[default: 0]")):
        (tmp_path / "config.toml").write_text(file, encoding="utf-8")
        with pytest.raises(SystemExit) as exit:
            main(["say", "--help"])
        assert not exit.value.code
        assert default in capsys.readouterr().out


def test_the_file_of_a_user_is_read_if_there_is_one(tmp_path, monkeypatch):
    monkeypatch.setattr("platformdirs.user_config_path", lambda *_, **__: tmp_path / "tts")
    assert Settings({}).table == {}
    (tmp_path / "tts").mkdir()
    (tmp_path / "tts" / "config.toml").write_text("\ufeffpace = 2", encoding="utf-8")
    assert Settings({}).table == {"pace": 2}
    (tmp_path / "tts" / "config.toml").write_bytes(b"a = '\xff'")
    with pytest.raises(SettingsError, match="not UTF-8"):
        _ = Settings({}).table


def test_a_table_of_an_extension_is_checked_by_its_command(tmp_path, monkeypatch):
    """As its package is not imported before."""
    loaded = []
    monkeypatch.setattr(EntryPoint, "load", lambda self: loaded.append(self.name))
    path = tmp_path / "config.toml"
    path.write_text("[serve]\nprot = 3\n[training-train]\nminutes = 2", encoding="utf-8")
    assert not Settings({}, path).of_command(("say",), ROOT.commands["say"], ROOT)
    assert loaded == []
    monkeypatch.undo()
    with pytest.raises(SettingsError, match="unknown key 'prot' in \\[serve\\]; did you mean port"):
        Settings({}, path).everywhere(ROOT)


def test_each_variable_is_of_one_option():
    """A name with its command, such as TTS_VOICE_LIST_JSON, is none that all commands share."""
    names = {"own": Counter(), "shared": Counter()}
    for words, command in walk(ROOT):
        for param in options(command):
            own, *shared = variables_of(words, key_of(param))
            names["own"][own] += 1
            names["shared"].update(shared)
    assert "TTS_SAY_PACE" in names["own"]
    assert max(names["own"].values()) == 1
    assert not set(names["own"]) & set(names["shared"])
    assert "TTS_CONFIG" not in names["own"] + names["shared"]
