"""Errors of the command line's parser in the words of the other error messages."""

import re
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any

import typer

from tts.error_messages import quoted, short_repr
from tts.text.files.plain import is_path

# the base of the parser's errors: typer's own since version 0.28, click's before
USAGE_ERROR = getattr(typer, "TyperException", None) or import_module("click").ClickException
COMMAND = re.compile(r"No such command (?P<name>'.*?'|\".*?\")\.?(?: Did you mean (?P<like>.*)\?)?")
EXTRA = re.compile(r"Got unexpected extra arguments?(?:\(s\))? \((?P<words>.*)\)", re.DOTALL)
BEFORE_COMMANDS = ("--config",)  # options of `tts` itself that take a value
NO_VALUE = "does not take a value"
REFUSED = re.compile(
    r"(?:(?i:file|directory|path) )?(?P<value>.*?) (?:is not|does not|is a) ", re.DOTALL
)
KINDS = {int: "a whole number", float: "a number"}
# What the parser checks of a path, and what is said of it.
PATHS = {
    "does not exist": "no such file: {}",
    "is not readable": "cannot read {}: permission denied",
    "is not writable": "cannot write {}: permission denied",
    "is a directory": "not a file: {}",
    "is a file": "not a folder: {}",
}


def usage_message(error: Any) -> str:
    """What is wrong with a call of a command.

    Args:
        error: of typer's parser, or of click's.

    Returns:
        A sentence without a full stop; empty where the help was shown instead.
    """
    # by name, as typer has had these classes of click and of its own
    form = FORMS.get(type(error).__name__, _other)
    return form(error)


def with_help(error: Any, message: str, command: str) -> str:
    """A message, and the command that shows the help; no semicolon follows a question mark.

    A wrong number or path needs no help: it is told as functions of the library tell it.
    """
    if _is_wrong_value(error):
        return message
    return f"{message}{' ' if message.endswith('?') else '; '}see `{command} --help`"


def _is_wrong_value(error: Any) -> bool:
    if type(error).__name__ != "BadParameter" or error.param is None:
        return False
    if getattr(error.param, "is_flag", False):
        return True
    return number_kind(error.param) is not None or any(
        f" {said}" in error.message for said in PATHS
    )


def _missing(error: Any) -> str:
    if error.param is None:
        return _other(error)
    return f"missing {error.param.param_type_name} {_name(error.param)}"


def _name(param: Any) -> str:
    """An argument's name as the help shows it, or the longest name of an option."""
    if param.param_type_name == "argument":
        return str(param.metavar or param.name)
    return str(max(param.opts, key=len))


def _unknown_option(error: Any) -> str:
    name = quoted(error.option_name).strip("'")  # on one line
    if name in BEFORE_COMMANDS:
        return f"option {name} stands before the command"
    similar = sorted(error.possibilities or ())
    if _takes_text(error) and (" " in name or not name.lstrip("-")[:1].isalpha()):
        return f"unknown option {name}; write a text that begins with - last, after --"
    return f"unknown option {name}{_suggestion(similar)}"


def _suggestion(similar: Sequence[str]) -> str:
    return f"; did you mean {', '.join(similar)}?" if similar else ""


def _wrong_use(error: Any) -> str:
    takes = "takes no value" if NO_VALUE in error.message else "needs a value"
    return f"option {error.option_name} {takes}"


def _bad_value(error: Any) -> str:
    """A number of another type or out of its range, or a path that cannot be used."""
    if error.param is None:
        return _other(error)
    value, kind = _given(error), number_kind(error.param)
    for said, form in PATHS.items():
        if kind is None and f" {said}" in error.message:
            return form.format(value)
    name = _name(error.param).lstrip("-").replace("-", "_")
    if kind is None and getattr(error.param, "is_flag", False):
        return f"{name} must be true or false, got {short_repr(value)}"
    if kind is None:
        return f"{_name(error.param)}: {_plain(error.message)}"
    try:
        number = kind(value)
    except ValueError:
        return f"{name} must be {KINDS[kind]}, got {short_repr(value)}"
    return f"{name} must be {_range(error.param)}, got {short_repr(number)}"


def _given(error: Any) -> Any:
    """The value that was given: pydantic has it, and older messages begin with it."""
    if problems := getattr(error.__cause__, "errors", None):
        value = problems()[0]["input"]
        return value if isinstance(value, str) else str(value)
    match = REFUSED.match(error.message)
    return match["value"].strip("'\"") if match else error.message


def number_kind(param: Any) -> type | None:
    """The type of a parameter that takes a number, else none."""
    if described := getattr(param, "type_descriptor", None):
        return described.annotation if described.annotation in KINDS else None
    names = {"int": int, "integer": int, "float": float}  # of typer 0.28, and of click
    return names.get(str(param.type.name).split()[0])


def _range(param: Any) -> str:
    """The range of a number; its type where it has none, as of a number too long to be read."""
    described = getattr(param, "type_descriptor", None)
    limits = described.parameter_info if described else param.type
    low, high = getattr(limits, "min", None), getattr(limits, "max", None)
    if low is None and high is None:
        return KINDS[number_kind(param) or float]
    if high is None:
        return f"at least {low}"
    return f"at most {high}" if low is None else f"from {low} to {high}"


def _other(error: Any) -> str:
    message: str = error.format_message()
    if match := COMMAND.match(message):
        if _is_text(error, match["name"][1:-1]):
            return f"unknown command {match['name']}; `tts say` speaks a text or a file"
        similar = [match["like"]] if match["like"] else []
        return f"unknown command {match['name']}{_suggestion(similar)}"
    if match := EXTRA.match(message):
        advice = ""
        if _takes_text(error):
            after = match["words"].startswith("-")
            advice = (
                "options stand before --" if after else "put quotes around a text of several words"
            )
        return "; ".join(filter(None, [f"unexpected argument {quoted(match['words'])}", advice]))
    return _plain(message)


def _is_text(error: Any, name: str) -> bool:
    """Whether what stands where a command should is a text or a file that `tts say` takes."""
    commands = getattr(error.ctx.command, "commands", ()) if error.ctx else ()
    return "say" in commands and (" " in name or is_path(name))


def _takes_text(error: Any) -> bool:
    params = error.ctx.command.params if error.ctx else ()
    return any(param.name == "text" for param in params)


def _plain(message: str) -> str:
    """A sentence in lower case and without a full stop."""
    return f"{message[:1].lower()}{message[1:]}".rstrip(".")


FORMS: Mapping[str, Callable[[Any], str]] = {
    "MissingParameter": _missing,
    "NoSuchOption": _unknown_option,
    "BadOptionUsage": _wrong_use,
    "BadParameter": _bad_value,
}
