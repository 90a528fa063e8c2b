"""Runs a function of this package as a command."""

import sys
from collections.abc import Callable
from typing import Any

import typer

from tts.cli.help import DocumentedCommand


def run(function: Callable[..., Any]) -> None:
    """Call a function with the command line's arguments; errors of use are printed in a line."""
    try:
        as_command(function)()
    except (ValueError, OSError) as error:
        sys.exit(f"error: {error}")


def as_command(function: Callable[..., Any]) -> typer.Typer:
    """A command whose arguments and help are those of a function."""
    application = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    application.command(cls=DocumentedCommand)(function)
    return application
