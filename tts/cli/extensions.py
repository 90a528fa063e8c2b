"""Commands that packages add to `tts` and `tts voice` as entry points of two groups.

Their packages are imported when such a command runs, not for the list of commands, which has to
be quick and has to work where an extra is not installed.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint, PackageNotFoundError, entry_points, requires
from importlib.util import find_spec
from typing import Any, ClassVar

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from tts import DISTRIBUTION

# The headings of the list of commands.
SPEAKING, SERVING, MODELS, MACHINE = "Speak", "Serve", "Voices and models", "This machine"
SPEAKERS, LEARNING = "Voices", "New voices from recordings"
PANELS = (None, SPEAKING, SERVING, MODELS, MACHINE, SPEAKERS, LEARNING)
OF_EXTRA = re.compile(r";.*\bextra == ['\"](\w+)['\"]")


@dataclass(frozen=True, slots=True)
class Extension:
    """A line of help of a command, and what it needs.

    Args:
        summary: one line.
        panel: the heading of the help that it stands under.
        extra: what it needs.
        module: that the extra brings.
    """

    summary: str
    panel: str | None
    extra: str
    module: str

    @property
    def listed(self) -> str:
        """The line of help, with the command that installs the extra where that is missing."""
        if _is_installed(self.module):
            return self.summary
        return f"{self.summary} Not installed: {install_command(self.extra)}"


def _is_installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # of a finder that refuses it
        return False


EXTENSIONS = {
    "batch": Extension("Turn lists, subtitles or books into audio files.", SPEAKING, "batch", "av"),
    "demo": Extension(
        "Open a web page to type texts into and to listen.", SERVING, "demo", "gradio"
    ),
    "serve": Extension(
        "Serve speech over HTTP (OpenAI's API) and WebSocket.", SERVING, "serve", "fastapi"
    ),
    "training": Extension(
        "Prepare data, train models and evaluate them.", MODELS, "train", "pyworld"
    ),
    "wyoming": Extension("Serve speech to Home Assistant.", SERVING, "wyoming", "wyoming"),
}
VOICE_EXTENSIONS = {
    "check": Extension("Say what is wrong with recordings.", LEARNING, "voices", "librosa"),
    "learn": Extension("Make a voice of recordings, in one step.", LEARNING, "voices", "librosa"),
    "train": Extension("Train a voice on checked recordings.", LEARNING, "voices", "librosa"),
}


@dataclass(frozen=True, slots=True)
class ExtensionGroup:
    """A group of entry points, the command they are added to, and what describes them."""

    entry_points: str
    command: str
    extensions: Mapping[str, Extension]


COMMANDS = ExtensionGroup("tts.commands", "tts", EXTENSIONS)
VOICES = ExtensionGroup("tts.voice_commands", "tts voice", VOICE_EXTENSIONS)


class ExtensionCommand(TyperCommand):
    """The line of help of a command, in place of the command until that runs."""

    def __init__(self, entry: EntryPoint, extension: Extension | None) -> None:
        summary = extension.listed if extension else f"Run {entry.value}."
        super().__init__(
            entry.name,
            help=summary.replace("[", r"\["),  # the list of commands takes no brackets as they are
            rich_help_panel=extension.panel if extension else None,
        )
        self.entry = entry
        self.extra = extension.extra if extension else None

    def load(self) -> Any:
        """The command itself, from its package.

        Raises:
            ModuleNotFoundError: its package needs another one, which is missing.
        """
        command: Any = get_command(self.entry.load())
        command.name = self.name
        return command


class ExtensibleGroup(TyperGroup):
    """A group with a command for each entry point of `EXTENSION_GROUP`.

    The list of commands shows their lines of help. A package is imported when its command runs.
    """

    context_class = typer.Context
    EXTENSION_GROUP: ClassVar[ExtensionGroup]

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        group = self.EXTENSION_GROUP
        for entry in sorted(entry_points(group=group.entry_points), key=lambda entry: entry.name):
            self.add_command(ExtensionCommand(entry, group.extensions.get(entry.name)))

    def list_commands(self, ctx: Any) -> list[str]:
        """Their names, in the order of the headings."""
        panels = {
            name: PANELS.index(getattr(command, "rich_help_panel", None))
            for name, command in self.commands.items()
        }
        return sorted(panels, key=panels.__getitem__)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name, command, rest = super().resolve_command(ctx, args)
        if not isinstance(command, ExtensionCommand):
            return name, command, rest
        try:
            return name, command.load(), rest
        except ModuleNotFoundError as error:
            if ctx.resilient_parsing:  # a shell asks how to complete a word
                return name, command, rest
            raise _naming_the_extra(error, ctx, command) from error

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except ModuleNotFoundError as error:
            command = self.commands.get(ctx.invoked_subcommand or "")
            if command is None:
                raise
            raise _naming_the_extra(error, ctx, command) from error


class Commands(ExtensibleGroup):
    """The commands of `tts`."""

    EXTENSION_GROUP = COMMANDS


class VoiceCommands(ExtensibleGroup):
    """The commands of `tts voice`."""

    EXTENSION_GROUP = VOICES


def _naming_the_extra(error: ModuleNotFoundError, ctx: Any, command: Any) -> ModuleNotFoundError:
    """The error of a command, as a sentence that says what to install."""
    if error.name is None:  # a whole sentence
        return error
    extra = command.extra if isinstance(command, ExtensionCommand) else None
    path = f"{ctx.command_path} {command.name}"
    return ModuleNotFoundError(missing_package(path, error.name, extra))


def missing_package(command: str, module: str, extra: str | None = None) -> str:
    """Say which package a command lacks, and how to install it.

    Args:
        command: what was run.
        module: the module that could not be imported.
        extra: the extra to name if it brings the module; otherwise the smallest one that does.

    Example:
        >>> missing_package("tts demo", "gradio", "demo")
        "tts demo needs gradio; install it with pip install 'one-step-tts[demo]'"
    """
    return f"{command} needs {module}; install it with {install_command(_extra(module, extra))}"


def install_command(extra: str | None) -> str:
    """The command that installs an extra; of none, all that speech itself needs."""
    if extra:
        return f"pip install '{DISTRIBUTION}[{extra}]'"
    return f"pip install --upgrade --force-reinstall {DISTRIBUTION}"


def _extra(module: str, preferred: str | None) -> str | None:
    """The extra that brings a module: the preferred one if it does, else the smallest.

    Where none is declared to bring it, the preferred one.
    """
    extras = _extras()
    distribution = re.escape(module.partition(".")[0]).replace("_", "[-_]")
    naming = {extra for extra, lines in extras.items() if _any_match(rf"{distribution}\b", lines)}
    included = rf"{DISTRIBUTION}\[(.*,)?({'|'.join(naming)})[],]"
    if preferred and (not naming or preferred in naming or _any_match(included, extras[preferred])):
        return preferred
    return min(naming, key=lambda extra: (len(extras[extra]), extra), default=None)


def _extras() -> dict[str, list[str]]:
    """The requirements of each extra of our distribution."""
    try:
        lines = requires(DISTRIBUTION) or []
    except PackageNotFoundError:  # a source tree that is not installed
        lines = []
    extras = defaultdict[str, list[str]](list)
    for line in lines:
        if match := OF_EXTRA.search(line):
            extras[match[1]].append(line)
    return extras


def _any_match(pattern: str, lines: Iterable[str]) -> bool:
    return any(re.match(pattern, line, re.IGNORECASE) for line in lines)
