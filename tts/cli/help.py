"""Commands with the help of their docstrings and the settings of the user."""

import inspect
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import typer
from typer.core import TyperCommand

from tts.cli.settings import Setting, Settings, SettingsError
from tts.cli.usage_errors import USAGE_ERROR, usage_message

SETTINGS = "tts.settings"  # the place of a command's settings among what its context keeps
# The types of values in the usage, for those whose names are the parser's own.
TYPES = {"int range": "<int>", "float range": "<float>"}


class DocumentedCommand(TyperCommand):
    """A command whose help is its docstring, with paragraphs that fit any terminal.

    Its options have the values that the user has set in variables or in a file.
    """

    context_class = typer.Context

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.help = join_lines(self.help or "")
        for param in self.params:
            if param.param_type_name == "option":
                param.metavar = param.metavar or TYPES.get(param.type.name)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        settings = self.settings(ctx, args)
        ctx.meta[SETTINGS] = settings
        ctx.default_map = {name: setting.value for name, setting in settings.items()}
        with _naming_origins(ctx):
            try:
                return super().parse_args(ctx, args)
            except USAGE_ERROR as error:
                if getattr(error, "ctx", None) is None:  # as where an option lacks its value
                    error.ctx = ctx
                raise

    def invoke(self, ctx: Any) -> Any:
        with _naming_origins(ctx):
            return super().invoke(ctx)

    def settings(self, ctx: Any, args: Sequence[str]) -> dict[str, Setting]:
        """What the user has set for the command, which is not needed to show its help."""
        if not isinstance(ctx.obj, Settings) or ctx.resilient_parsing:
            return {}
        try:
            return ctx.obj.of_command(_words(ctx), self, ctx.find_root().command)
        except SettingsError:
            if set(ctx.help_option_names).isdisjoint(args):
                raise
            return {}


class DiagnosticCommand(DocumentedCommand):
    """A command that runs where settings are wrong, as it is for finding out what is."""

    def settings(self, ctx: Any, args: Sequence[str]) -> dict[str, Setting]:
        try:
            return super().settings(ctx, args)
        except SettingsError:
            return {}


def _words(ctx: Any) -> tuple[str, ...]:
    """The words of a command after `tts`."""
    return (*_words(ctx.parent), ctx.command.name) if ctx.parent else ()


@contextmanager
def _naming_origins(ctx: Any) -> Iterator[None]:
    """Add to an error by what each value that it mentions was set, if not as an option."""
    try:
        yield
    except (USAGE_ERROR, ValueError, OSError) as error:
        message = usage_message(error) if isinstance(error, USAGE_ERROR) else str(error)
        for name, setting in ctx.meta[SETTINGS].items():
            source = ctx.get_parameter_source(name)
            if source and source.name == "DEFAULT_MAP" and setting.is_mentioned(message):
                note = str(setting)
                if note not in getattr(error, "__notes__", ()):
                    error.add_note(note)
        raise


def join_lines(text: str) -> str:
    """Join the lines of each paragraph; indented lines, such as examples, stay as they are.

    A line of `\\b`, which click puts before lines that it keeps, is left out.

    Example:
        >>> join_lines("Speak a text\\ninto a file.\\n\\nExamples:\\n  tts say Hi.\\n  tts say Ho.")
        'Speak a text into a file.\\n\\nExamples:\\n  tts say Hi.\\n  tts say Ho.'
    """
    joined: list[str] = []
    for line in inspect.cleandoc(text).replace("\b\n", "").splitlines():
        before = joined[-1] if joined else ""
        if before and line and not before.startswith(" ") and not line.startswith(" "):
            joined[-1] = f"{before} {line}"
        else:
            joined.append(line)
    return "\n".join(joined)
