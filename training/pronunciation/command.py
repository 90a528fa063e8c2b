"""Runs a module of this package as a command, with no more than typer installed."""

import sys
from collections.abc import Callable
from typing import Any

import typer


def run(function: Callable[..., Any]) -> None:
    """Call a function with the arguments of the command line; a wrong call says why and exits."""
    application = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    application.command()(function)
    try:
        application()
    except (ValueError, OSError) as error:
        sys.exit(f"error: {error}")
