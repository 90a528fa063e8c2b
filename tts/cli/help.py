"""Help texts of commands, from their docstrings."""

import inspect
from typing import Any

from typer.core import TyperCommand

from tts.cli.usage_errors import USAGE_ERROR


class DocumentedCommand(TyperCommand):
    """A command whose help is its docstring, with paragraphs that fit any terminal."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.help = join_lines(self.help or "")

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except USAGE_ERROR as error:
            if getattr(error, "ctx", None) is None:  # as where an option lacks its value
                error.ctx = ctx
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
