"""The help of every command of training: what it needs and writes, examples, every option."""

import re
import shlex
from collections.abc import Callable, Iterator

import pytest
import typer
from tts.training.__main__ import app
from tts.training.pronunciation.agreement import agreement
from tts.training.pronunciation.command import as_command
from tts.training.pronunciation.dictionary import dictionary
from tts.training.pronunciation.homographs import homographs_command
from tts.training.pronunciation.tagger import tagger
from tts.training.pronunciation.tagging import tagging
from typer.main import get_command

from tts.cli.main import run_command

MODULES: dict[str, Callable[..., None]] = {
    "agreement": agreement,
    "dictionary": dictionary,
    "homographs": homographs_command,
    "tagger": tagger,
    "tagging": tagging,
}
COLUMNS = 80


def commands() -> Iterator[tuple[str, typer.core.TyperCommand]]:
    """Every command by what is typed for it."""
    group = get_command(app)
    for name, command in group.commands.items():
        yield f"tts training {name}", command
    for name, function in MODULES.items():
        yield f"python -m training.pronunciation.{name}", get_command(as_command(function))


COMMANDS = dict(sorted(commands()))


def examples(command: typer.core.TyperCommand) -> list[str]:
    """The examples at the end of a help; its heading has the number of them."""
    _, heading, lines = re.split(r"\n\n(Examples?):\n", command.help or "")
    found = lines.splitlines()
    assert heading == ("Example" if len(found) == 1 else "Examples")
    assert all(line.startswith("  ") for line in found)
    return [line.strip() for line in found]


@pytest.mark.parametrize("asked", COMMANDS)
def test_help_has_a_summary_what_is_needed_and_examples(asked):
    command = COMMANDS[asked]
    summary, *rest = (command.help or "").split("\n\n")
    assert summary.endswith(".")
    assert len(summary) <= 80
    assert rest, "it says nothing but its summary"
    assert re.search(r"\bNeeds\s", command.help)
    assert re.search(r"\bwrites\s", command.help, re.IGNORECASE)
    assert 1 <= len(examples(command)) <= 3


@pytest.mark.parametrize("asked", COMMANDS)
def test_every_argument_and_option_has_help(asked):
    helps = {param.name: getattr(param, "help", None) for param in COMMANDS[asked].params}
    assert helps
    assert [name for name, text in helps.items() if not (text and text.endswith("."))] == []


@pytest.mark.parametrize("asked", COMMANDS)
def test_every_example_is_understood(asked):
    """With all that is required, and no option that is not there; nothing is run."""
    for line in examples(COMMANDS[asked]):
        given = shlex.split(line)
        start = asked.split()
        assert given[: len(start)] == start
        COMMANDS[asked].make_context(asked, given[len(start) :])


@pytest.mark.parametrize("asked", ["tts training", *COMMANDS])
def test_an_example_is_one_line_of_a_terminal_of_80_columns(asked, monkeypatch, capsys):
    """A line that wraps, or that ends in a backslash and spaces, cannot be copied into a shell."""
    monkeypatch.setenv("TERMINAL_WIDTH", str(COLUMNS))
    command = COMMANDS.get(asked) or get_command(app)
    assert command.main(["--help"], prog_name=asked, standalone_mode=False) == 0
    shown = capsys.readouterr().out.splitlines()
    assert max(map(len, shown)) <= COLUMNS
    for line in examples(command):
        assert len(f"  {line}") <= COLUMNS - 2  # a column of space on either side
        assert f"   {line}" in [each.rstrip() for each in shown]


def test_the_examples_of_the_group_are_of_its_commands():
    lines = examples(get_command(app))
    assert len(lines) == 3
    for line in lines:
        program, group, name, *given = shlex.split(line)
        COMMANDS[f"{program} {group} {name}"].make_context(name, given)


@pytest.mark.parametrize("asked", COMMANDS)
def test_defaults_are_in_one_form(asked):
    for param in COMMANDS[asked].params:
        assert not re.search(r"\bif (none|empty|left out)\b|shipped", param.help), param.help


@pytest.mark.parametrize(
    "arguments",
    [
        "losses model.safetensors --features none --sets val",
        "word-times --corpus none --out out --sphinx",
        "alignment --features none --out out --voices nova",
    ],
)
def test_what_is_measured_is_looked_for_before_a_model_is_loaded(
    arguments, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    for load in ("tts.synthesis.load", "tts.torch_checkpoint.load_checkpoint"):
        monkeypatch.setattr(load, lambda *_, **__: pytest.fail("a model is loaded"))
    assert run_command(app, arguments.split(), "tts training") == 2
    assert re.fullmatch(r"error: no such folder: none(/val)?\n", capsys.readouterr().err)
    assert not list(tmp_path.iterdir())
