"""Commands that packages add to `tts` as entry points of the group `tts.commands`.

Their packages are imported when such a command runs, not for the list of commands, which has to
be quick and has to work where an extra is not installed.
"""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import EntryPoint, PackageNotFoundError, entry_points, requires
from importlib.util import find_spec
from typing import Annotated, Any

import typer

from tts import DISTRIBUTION

GROUP = "tts.commands"
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
        if find_spec(self.module):
            return self.summary
        return f"{self.summary} Not installed: {install_command(self.extra)}"


EXTENSIONS = {
    "batch": Extension("Turn lists, tables, subtitles or books into audio files.", "batch", "av"),
    "demo": Extension("Open a web page to type texts into and to listen.", "demo", "gradio"),
    "serve": Extension("Serve speech over HTTP (OpenAI's API) and WebSocket.", "serve", "fastapi"),
    "training": Extension("Prepare data, train models and evaluate them.", "train", "pyworld"),
    "wyoming": Extension("Serve speech to Home Assistant (Wyoming).", "wyoming", "wyoming"),
}


def add_extensions(app: typer.Typer) -> None:
    """Add a command for each entry point; it takes its options from the package itself."""
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name):
        extension = EXTENSIONS.get(entry.name)
        app.command(
            entry.name,
            # the list of commands takes no brackets as they are
            help=(extension.listed if extension else f"Run {entry.value}.").replace("[", r"\["),
            context_settings={"ignore_unknown_options": True},
            add_help_option=False,
        )(_command_of(entry, extension.extra if extension else None))


def _command_of(entry: EntryPoint, extra: str | None) -> Callable[[list[str]], None]:
    def run(arguments: Annotated[list[str], typer.Argument(default_factory=list)]) -> None:
        name = f"tts {entry.name}"
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
        extra: the extra that brings it; without it, the smallest one that does.

    Example:
        >>> missing_package("tts demo", "gradio", "demo")
        "tts demo needs gradio; install it with pip install 'one-step-tts[demo]'"
    """
    return f"{command} needs {module}; install it with {install_command(extra or _extra(module))}"


def install_command(extra: str | None) -> str:
    """The command that installs an extra; of none, all that speech itself needs."""
    if extra:
        return f"pip install '{DISTRIBUTION}[{extra}]'"
    return f"pip install --upgrade --force-reinstall {DISTRIBUTION}"


def _extra(module: str) -> str | None:
    """The smallest extra of our distribution that names the distribution of a module."""
    distribution = re.escape(module.partition(".")[0]).replace("_", "[-_]")
    try:
        lines = requires(DISTRIBUTION) or []
    except PackageNotFoundError:  # a source tree that is not installed
        return None
    sizes = Counter(match[1] for match in map(OF_EXTRA.search, lines) if match)
    naming = [line for line in lines if re.match(rf"{distribution}\b", line, re.IGNORECASE)]
    extras = [match[1] for match in map(OF_EXTRA.search, naming) if match]
    return min(extras, key=lambda extra: sizes[extra], default=None)
