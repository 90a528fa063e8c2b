"""Renamed options and commands: old names work until version 0.3, with a warning."""

from typing import Any

import typer
from typer.core import TyperGroup

from tts.cli.help import DocumentedCommand

OPTIONS = {
    "--beside": "--baselines",
    "--no-beside": "--no-baselines",
    "--pause": "--sentence-pause",
    "--rolls": "--retries",
    "--together": "--concurrency",
}
COMMANDS = {"copies": "copy-synthesis", "times": "word-times"}


class RenamedOptions(DocumentedCommand):
    """A command that accepts the old names of its options."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        names = {name for param in self.params for name in (*param.opts, *param.secondary_opts)}
        end = args.index("--") if "--" in args else len(args)
        options = [_option(each, names) for each in args[:end]]
        return super().parse_args(ctx, [*options, *args[end:]])


class RenamedCommands(TyperGroup):
    """A group that accepts the old names of its commands."""

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        command = super().get_command(ctx, cmd_name)
        new = COMMANDS.get(cmd_name)
        if command is None and new:
            command = super().get_command(ctx, new)
            _warn(cmd_name, new)
        return command


def _option(argument: str, names: set[str]) -> str:
    old, equals, value = argument.partition("=")
    new = OPTIONS.get(old)
    if new not in names or old in names:
        return argument
    _warn(old, new)
    return f"{new}{equals}{value}"


def _warn(old: str, new: str) -> None:
    typer.echo(f"warning: {old} is now {new}; the old name works until version 0.3", err=True)
