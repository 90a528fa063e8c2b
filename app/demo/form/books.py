"""Handlers of the page's files: a text or a book is opened, and a chapter of it chosen."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr
from anyio import CapacityLimiter, to_thread

from ..handlers import show_errors
from ..limits import DemoLimits
from .controls import CHAPTER, Composer
from .files import Part, check_size, read_document
from .problems import at_field
from .select import options_html

QUIETLY: dict[str, Any] = {
    "show_progress": "hidden",
    "concurrency_limit": None,
    "api_visibility": "private",
}


@dataclass(frozen=True)
class BookHandlers:
    """The functions behind the choice of a file.

    Args:
        limits: of a request.
        turns: files are read one after another, and not on the engine's thread for texts, since a
            file may take long.
    """

    limits: DemoLimits
    turns: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(1))

    async def open(self, path: str | None) -> AsyncIterator[tuple[Any, ...]]:
        """Open a file: its parts, the choice of chapters, and the text of the first part."""
        with show_errors():
            if path is None:
                raise ValueError("no file is chosen")
            check_size(Path(path), self.limits.text_bytes)
            read = partial(read_document, Path(path), self.limits.characters)
            parts = await to_thread.run_sync(read, limiter=self.turns)
            options = [(title, str(number)) for number, (title, _) in enumerate(parts)]
            chapters = gr.HTML("0", options=options_html(CHAPTER, options), visible=len(parts) > 1)
            yield parts, chapters, parts[0][1]

    async def choose(self, parts: list[Part] | None, number: str | None) -> str:
        """The text of a chapter."""
        with show_errors():
            known = {str(place): text for place, (_, text) in enumerate(parts or ())}
            if not isinstance(number, str) or number not in known:
                raise ValueError("there is no such chapter; choose a file first")
            return known[number]

    async def close(self) -> tuple[Any, ...]:
        """No file is open: its parts, and the choice of chapters, are gone."""
        return [], gr.HTML("", visible=False)


def connect_files(books: BookHandlers, composed: Composer) -> None:
    """Connect the file and the choice of a chapter to the text; errors are shown at the file."""
    skipped = tuple(gr.skip() for _ in range(3))
    composed.file.upload(
        at_field(books.open, skipped),
        composed.file,
        [composed.parts, composed.chapters, composed.text, composed.file_problem],
        **QUIETLY,
    )
    composed.file.clear(books.close, None, [composed.parts, composed.chapters], **QUIETLY)
    composed.chapters.input(
        books.choose, [composed.parts, composed.chapters], composed.text, **QUIETLY
    )
