"""The help of `tts`: what it lists, what it costs, and whether each option says what it takes."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from typer.main import get_command

from tts.cli.extensions import (
    EXTENSIONS,
    LEARNING,
    MACHINE,
    MODELS,
    SERVING,
    SPEAKERS,
    SPEAKING,
    ExtensionCommand,
    install_command,
    missing_package,
)
from tts.cli.help import join_lines
from tts.cli.main import app, main
from tts.cli.settings import options
from tts.cli.settings import walk as walk_all
from tts.delivery import DELIVERY_FIELDS

ROOT = Path(__file__).parents[3]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
HEAVY = {"torch", "torchaudio", "gradio", "fastapi", "av", "wyoming", "pyworld", "ray", "tts.app"}
UNITS = ("factor", "semitones", "decibels", "seconds")
# Counts and shares, which have no unit.
UNITLESS = {"best_of", "steps", "seed", "temperature", "prosody_temperature", "threads"}


def walk(group, path):
    """All commands of the library below a group, with the words that call them."""
    for name, each in group.commands.items():
        if isinstance(each, ExtensionCommand):
            continue
        if hasattr(each, "commands"):
            yield from walk(each, f"{path} {name}")
        else:
            yield f"{path} {name}", each


GROUP = get_command(app)
COMMANDS = dict(walk(GROUP, "tts"))
OPTIONS = {
    f"{path} {option.name}": option
    for path, each in COMMANDS.items()
    for option in each.params
    if option.name != "help"
}


def is_numeric(option):
    if kind := getattr(option, "type_descriptor", None):  # since typer 0.29
        return kind.annotation in (int, float)
    return option.type.name.startswith(("int", "float"))


def shown(capsys, *arguments):
    with pytest.raises(SystemExit) as exit:
        main(arguments)
    return exit.value.code or 0, capsys.readouterr().out


@pytest.fixture(autouse=True)
def columns(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERMINAL_WIDTH", "80")


def test_all_commands_are_here():
    assert sum(map(is_numeric, OPTIONS.values())) == len(DELIVERY_FIELDS) + 1
    assert set(COMMANDS) == {
        "tts say",
        "tts explain",
        "tts doctor",
        "tts export",
        "tts voice blend",
        "tts voice compare",
        "tts voice list",
        "tts voice show",
        "tts vocoder convert",
    }


@pytest.mark.parametrize("path", COMMANDS)
def test_a_command_says_what_it_does_and_gives_examples(path):
    summary, *paragraphs, examples = COMMANDS[path].help.split("\n\n")
    assert re.fullmatch(r"[A-Z][^\n]{20,76}\.", summary)
    assert paragraphs
    assert all(len(paragraph) > 100 for paragraph in paragraphs)
    head, *lines = examples.splitlines()
    assert head == "Examples:"
    assert 2 <= len(lines) <= 4
    assert all("tts " in line and len(line) <= 78 for line in lines)
    assert any(line.startswith(f"  {path}") for line in lines)


@pytest.mark.parametrize("name", OPTIONS)
def test_an_option_says_what_it_takes(name):
    option = OPTIONS[name]
    assert re.fullmatch(r"[A-Z\d-].{15,}\.", option.help)
    if is_numeric(option):
        assert re.search(r"\bfrom -?[\d.]+ to [\d*. -]*\d\b", option.help, re.IGNORECASE)
        assert option.name in UNITLESS or any(unit in option.help.lower() for unit in UNITS)
    if not (option.required or isinstance(option.default, bool)):
        assert option.show_default
        said = option.default is not None or isinstance(option.show_default, str)
        assert said or "Default: " in option.help


def test_lists_all_commands_with_what_they_do(capsys):
    code, out = shown(capsys, "--help")
    assert code == 0
    listed = dict(re.findall(r"^│ (\w+) +(\S.*?) *│$", out, re.MULTILINE))
    assert set(listed) == {"say", "explain", "doctor", "export", "voice", "vocoder", *EXTENSIONS}
    for name, extension in EXTENSIONS.items():
        if extension.listed == extension.summary:
            assert listed[name] == extension.summary, "it takes more than one line"
        else:  # its extra is missing, which takes further lines
            assert extension.listed.startswith(listed[name])
    for name in listed:
        summary = EXTENSIONS[name].summary if name in EXTENSIONS else GROUP.commands[name].help
        assert len(summary.split("\n")[0]) <= 66, "it is wrapped"
        assert re.search(rf"^   tts {name}\b.*  \w", out, re.MULTILINE), "it has no example"
    assert max(map(len, out.splitlines())) <= 80


def test_commands_stand_under_headings(capsys):
    """Every one, in their order, and so in the group of voices."""
    for group, headings in (
        ([], [SPEAKING, SERVING, MODELS, MACHINE]),
        (["voice"], [SPEAKERS, LEARNING]),
    ):
        _, out = shown(capsys, *group, "--help")
        assert re.findall(r"^╭─ (.*?) ─", out, re.MULTILINE) == ["Options", *headings]


def test_the_help_of_every_command_has_examples_and_plain_types():
    """Also of those that packages add. No type is the parser's own, and each is one of a few."""
    for words, command in walk_all(GROUP):
        path = f"tts {' '.join(words)}"
        assert re.search(rf"\n\nExamples?:\n  {path} ?", command.help), path
        valued = [param for param in options(command) if not param.is_flag]
        types = {param.metavar or f"<{param.type.name}>" for param in valued}
        plain = {"<float>", "<int>", "<numbers>", "<path>", "<str>", "NAME=VALUE"}
        assert types <= plain, path


@pytest.mark.parametrize("command", ["say", "batch", "serve"])
def test_a_flag_shows_no_type_and_a_folder_is_one(command, capsys):
    code, out = shown(capsys, command, "--help")
    assert code == 0
    assert f"Usage: tts {command} " in out
    assert set(re.findall(r"<([\w ]+)>", out)) <= {
        "float", "folder", "int", "numbers", "path", "str",
    }  # fmt: skip


@pytest.mark.parametrize("group", [[], ["voice"], ["vocoder"]])
def test_the_examples_of_a_group_are_indented(group, capsys):
    _, out = shown(capsys, *group, "--help")
    after = re.split(r"^ Examples?: *\n", out, flags=re.MULTILINE)[1]
    assert after.startswith("   tts ")


def test_without_arguments_it_shows_its_help(capsys):
    assert shown(capsys) == shown(capsys, "--help")


def test_its_entry_points_are_those_it_describes():
    assert set(PROJECT["entry-points"]["tts.commands"]) == set(EXTENSIONS)


@pytest.mark.parametrize("name", EXTENSIONS)
def test_an_extra_brings_what_a_command_needs(name):
    extension = EXTENSIONS[name]
    needed = PROJECT["optional-dependencies"][extension.extra]
    assert any(re.match(rf"{extension.module}\b", line) for line in needed)


def test_a_command_whose_extra_is_missing_is_listed_with_it(monkeypatch):
    demo = EXTENSIONS["demo"]
    assert demo.listed == demo.summary
    monkeypatch.setitem(sys.modules, "gradio", None)  # as where it is not installed
    assert demo.listed == f"{demo.summary} Not installed: pip install 'one-step-tts[demo]'"


def test_the_list_of_commands_shows_a_missing_extra():
    """And costs no heavy import."""
    program = (
        "import sys; sys.modules['gradio'] = None; import atexit; from tts.cli.main import main; "
        f"atexit.register(lambda: print('loaded', sorted({HEAVY!r} & set(sys.modules)))); main([])"
    )
    environment = {"PYTHONPATH": str(ROOT), "COLUMNS": "120"}
    process = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=environment, timeout=50
    )
    assert process.returncode == 0, process.stderr
    assert "Not installed: pip install 'one-step-tts[demo]'" in process.stdout
    others = [each for name, each in EXTENSIONS.items() if name != "demo"]
    missing = 1 + sum(each.listed != each.summary for each in others)
    assert process.stdout.count("Not installed") == missing
    assert "loaded ['gradio']" in process.stdout  # the name that stands for its absence


def test_a_command_without_its_extra_says_how_to_install_it(monkeypatch, capsys):
    monkeypatch.delitem(sys.modules, "tts.app.demo.page", raising=False)
    monkeypatch.setitem(sys.modules, "gradio", None)
    with pytest.raises(SystemExit) as exit:
        main(["demo", "--port", "0"])
    assert exit.value.code == 2
    assert capsys.readouterr().err == (
        "error: tts demo needs gradio; install it with pip install 'one-step-tts[demo]'\n"
    )


@pytest.mark.parametrize(
    ("module", "extra"),
    [
        ("faster_whisper", "evaluate"),
        ("uvicorn.config", "serve"),
        ("distillmos", "mos"),
        ("torch", "torch"),
        ("huggingface_hub", "torch"),
        ("nothing", None),
    ],
)
def test_a_missing_package_is_named_with_its_extra(module, extra):
    sentence = f"tts x needs {module}; install it with {install_command(extra)}"
    assert missing_package("tts x", module) == sentence


@pytest.mark.parametrize(
    ("module", "of_command", "extra"),
    [
        ("fastapi", "serve", "serve"),
        ("torch", "serve", "torch"),
        ("torch", "train", "train"),
        ("distillmos", "evaluate", "evaluate"),
        ("nothing", "serve", "serve"),
    ],
)
def test_the_extra_of_a_command_is_named_if_it_brings_the_package(module, of_command, extra):
    sentence = f"tts x needs {module}; install it with {install_command(extra)}"
    assert missing_package("tts x", module, of_command) == sentence


def test_paragraphs_are_joined_and_examples_are_not():
    text = "One\n\nTwo\nthree.\nFour.\n\nExamples:\n  a\n  b\n"
    assert join_lines(text) == "One\n\nTwo three. Four.\n\nExamples:\n  a\n  b"


def test_say_uses_one_thread_unless_asked():
    """The threads of torch wait for each other, which makes speech slow on a busy machine."""
    (threads,) = [each for each in COMMANDS["tts say"].params if each.name == "threads"]
    assert threads.default == 1


def test_a_short_option_shows_the_help_of_every_command(capsys):
    for words in ([], ["say"], ["voice", "list"], ["batch"]):
        assert shown(capsys, *words, "-h") == shown(capsys, *words, "--help")
