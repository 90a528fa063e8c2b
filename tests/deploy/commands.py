"""What the files of `deploy` call, checked by the parser of the commands."""

from pathlib import Path

from typer.main import get_command

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"


def parse_tts(words):
    """The name of a command and its parameters; an unknown option is an error."""
    from tts.app.__main__ import app

    name, *arguments = words
    return name, get_command(app).commands[name].make_context(name, list(arguments)).params
