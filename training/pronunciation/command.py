"""Runs a function of this package as a command."""

import sys
from collections.abc import Callable
from typing import Any

import typer


def run(function: Callable[..., Any]) -> None:
    """Call a function with the command line's arguments; errors of use are printed in a line."""
    application = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    application.command()(function)
    try:
        application()
    except (ValueError, OSError) as error:
        sys.exit(f"error: {error}")
