"""The help of every command of training: what it needs and writes, examples, every option."""

import re
import shlex
from collections.abc import Callable, Iterator

import pytest
import typer
from tts.training.__main__ import app
from tts.training.pronunciation.agreement import agreement
from tts.training.pronunciation.dictionary import dictionary
from tts.training.pronunciation.homographs import homographs_command
from tts.training.pronunciation.tagger import tagger
from tts.training.pronunciation.tagging import tagging
from typer.main import get_command

MODULES: dict[str, Callable[..., None]] = {
    "agreement": agreement,
    "dictionary": dictionary,
    "homographs": homographs_command,
    "tagger": tagger,
    "tagging": tagging,
}
OF_RELEASES = {"release", "tables"}


def commands() -> Iterator[tuple[str, typer.core.TyperCommand]]:
    """Every command by what is typed for it."""
    group = get_command(app)
    for name in group.commands.keys() - OF_RELEASES:
        yield f"tts training {name}", group.commands[name]
    for name, function in MODULES.items():
        alone = typer.Typer(add_completion=False)
        alone.command()(function)
        yield f"python -m training.pronunciation.{name}", get_command(alone)


COMMANDS = dict(sorted(commands()))


def examples(command: typer.core.TyperCommand) -> list[str]:
    _, _, lines = (command.help or "").partition("Example:\n")
    return lines.replace("\\\n", " ").strip().splitlines()


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
