"""The help of the app's commands: complete, and with examples that parse."""

import re
import shlex
from inspect import signature
from typing import get_args

import pytest
import typer
from tts.app.__main__ import app
from tts.app.options import SERVER_VOICE_HELP

from tts.cli.options import (
    DEVICE_HELP,
    PRECISION_HELP,
    RUNTIME_HELP,
    VOICE_DIR_HELP,
    VOICE_HELP,
)
from tts.delivery import DELIVERY_FIELDS

COMMANDS = typer.main.get_command(app).commands
FUNCTIONS = {each.callback.__name__: each.callback for each in app.registered_commands}
# their help is that of `tts say`, and stated there
SHARED = {*DELIVERY_FIELDS, "lexicon", "day_first", "vocoder"}
PARAMETERS = [
    pytest.param(name, parameter, id=f"{name} {parameter.name}")
    for name, command in COMMANDS.items()
    for parameter in command.params
]
OWN = [case for case in PARAMETERS if case.values[1].name not in SHARED]


def test_every_command_is_walked():
    assert list(COMMANDS) == ["batch", "demo", "serve", "wyoming"]


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_has_a_summary_a_description_and_examples_that_parse(name):
    command = COMMANDS[name]
    summary, *description, examples = command.help.split("\n\n")
    assert re.fullmatch(r"[A-Z].{20,90}\.", summary)
    assert description
    head, *lines = examples.splitlines()
    assert head == "Examples:"
    assert max(map(len, lines)) <= 80, "it would be wrapped"
    given = [shlex.split(line) for line in lines]
    own = [words[2:] for words in given if words[:2] == ["tts", name]]
    assert 2 <= len(own) <= len(given) <= 4
    for arguments in own:
        with command.make_context(name, arguments) as context:
            assert not context.args


@pytest.mark.parametrize(("name", "parameter"), PARAMETERS)
def test_every_argument_and_option_says_what_it_does(name, parameter):
    assert parameter.help, "it has no help"
    assert len(parameter.help.split()) >= 4
    assert parameter.help.endswith("."), parameter.help


@pytest.mark.parametrize(("name", "parameter"), OWN)
def test_an_option_tells_its_range_and_its_default(name, parameter):
    """What the help does not show by itself stands in its text."""
    kind, option = get_args(signature(FUNCTIONS[name]).parameters[parameter.name].annotation)
    if {int, float} & {kind, *get_args(kind)} and option.min is None:
        assert re.search(r"from -?\d+ to -?\d+", parameter.help), "its range is not told"
    flag = getattr(parameter, "is_flag", False)
    if parameter.default is None and not parameter.required and not flag:
        assert "Default: " in parameter.help, "its default is not told"


@pytest.mark.parametrize("name", COMMANDS)
def test_words_that_commands_share_are_those_of_tts_say(name):
    helps = {parameter.name: parameter.help for parameter in COMMANDS[name].params}
    assert helps["device"] == DEVICE_HELP
    assert helps["runtime"] == RUNTIME_HELP
    assert helps["precision"] == PRECISION_HELP
    assert helps["voice"] == (VOICE_HELP if name == "batch" else SERVER_VOICE_HELP)
    assert helps["voice_dir"] == VOICE_DIR_HELP
    assert ("Ctrl-C" in COMMANDS[name].help) == (name != "batch")
