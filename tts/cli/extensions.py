"""Commands that packages add to `tts` and `tts voice` as entry points of two groups.

Their packages are imported when such a command runs, not for the list of commands, which has to
be quick and has to work where an extra is not installed.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint, PackageNotFoundError, entry_points, requires
from importlib.util import find_spec
from typing import Annotated, Any

import typer

from tts import DISTRIBUTION

OF_EXTRA = re.compile(r";.*\bextra == ['\"](\w+)['\"]")


@dataclass(frozen=True, slots=True)
class Extension:
    """A line of help of a command, the extra that it needs, and a module that the extra brings."""

    summary: str
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
    "batch": Extension("Turn lists, tables, subtitles or books into audio files.", "batch", "av"),
    "demo": Extension("Open a web page to type texts into and to listen.", "demo", "gradio"),
    "serve": Extension("Serve speech over HTTP (OpenAI's API) and WebSocket.", "serve", "fastapi"),
    "training": Extension("Prepare data, train models and evaluate them.", "train", "pyworld"),
    "wyoming": Extension("Serve speech to Home Assistant (Wyoming).", "wyoming", "wyoming"),
}
VOICE_EXTENSIONS = {
    "check": Extension("Say what is wrong with recordings.", "voices", "librosa"),
    "learn": Extension("Make a voice from recordings: check, align, train.", "voices", "librosa"),
    "train": Extension("Train a voice on checked recordings, or continue.", "voices", "librosa"),
}


@dataclass(frozen=True, slots=True)
class ExtensionGroup:
    """A group of entry points, the command they are added to, and what describes them."""

    entry_points: str
    command: str
    extensions: Mapping[str, Extension]


COMMANDS = ExtensionGroup("tts.commands", "tts", EXTENSIONS)
VOICES = ExtensionGroup("tts.voice_commands", "tts voice", VOICE_EXTENSIONS)


def add_extensions(app: typer.Typer, group: ExtensionGroup = COMMANDS) -> None:
    """Add a command for each entry point; it takes its options from the package itself."""
    for entry in sorted(entry_points(group=group.entry_points), key=lambda entry: entry.name):
        extension = group.extensions.get(entry.name)
        name = f"{group.command} {entry.name}"
        app.command(
            entry.name,
            # the list of commands takes no brackets as they are
            help=(extension.listed if extension else f"Run {entry.value}.").replace("[", r"\["),
            context_settings={"ignore_unknown_options": True},
            add_help_option=False,
        )(_command_of(entry, name, extension.extra if extension else None))


def _command_of(entry: EntryPoint, name: str, extra: str | None) -> Callable[[list[str]], None]:
    def run(arguments: Annotated[list[str], typer.Argument(default_factory=list)]) -> None:
        try:
            code: Any = entry.load()(arguments, prog_name=name, standalone_mode=False)
        except ModuleNotFoundError as error:
            if error.name is None:  # a whole sentence
                raise
            raise ModuleNotFoundError(missing_package(name, error.name, extra)) from error
        if code:
            raise typer.Exit(code)

    return run


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
