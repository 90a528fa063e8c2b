"""A page to compare voices by ear: the same sentences by each, in one HTML file."""

import base64
import html
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float

from tts.audio import write_audio
from tts.delivery import Delivery
from tts.files import atomic_write
from tts.palette import page_style
from tts.synthesis import Synthesizer

# Written for this project: questions, numbers, names, short and long sentences.
SENTENCES = (
    "The old lighthouse keeper counted every ship that passed before breakfast.",
    "Could you bring me a glass of water and the blue notebook?",
    "On the third of March, twenty-four people signed the letter.",
    "No.",
    "She thought about it, smiled, and closed the door behind her.",
    "Fresh bread, sharp cheese and a handful of cherries: what more do we need?",
    "Nobody had measured the river since the flood of nineteen fifty-three.",
    "Thank you for waiting. Your call is important to us.",
    "If the judge agrees, the youngest of the five brothers will inherit the garden.",
    "What a strange, wonderful noise that machine makes!",
)
STYLE = """
body {
  max-width: 80rem; margin: 2rem auto; padding: 0 1rem;
  background: var(--page); color: var(--ink); font: 1rem/1.5 var(--sans);
}
h1 { font-size: 1.75rem; line-height: 1.25 }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; padding: .5rem; border-top: 1px solid var(--edge); vertical-align: top }
th, td::before { color: var(--pale); font-weight: 400 }
audio { width: 100%; min-width: 13rem; height: 2.2rem }
@media (max-width: 40rem) {
  thead { display: none }
  td { display: block; border: 0; padding: .25rem 0 }
  td[data-head]::before { content: attr(data-head); font-size: .92rem }
  tr { display: block; border-top: 1px solid var(--edge); padding: .5rem 0 }
}
"""


@dataclass(frozen=True)
class Column:
    """Recordings or speech for a page.

    Args:
        head: of the column, such as a voice.
        sounds: for each row.
    """

    head: str
    sounds: Sequence[Float[np.ndarray, " _"]]


def spoken(synthesizer: Synthesizer, voice: str, texts: Sequence[str] = SENTENCES) -> Column:
    """A column of texts spoken by a voice."""
    delivery = Delivery(voice=voice)
    return Column(voice, [synthesizer.speak(text, delivery).audio for text in texts])


def write_page(
    path: Path,
    title: str,
    texts: Sequence[str],
    columns: Sequence[Column],
    sample_rate: int,
    facts: Mapping[str, str] | None = None,
) -> None:
    """Write a page of players, whole or not at all.

    Args:
        path: of the HTML file, which holds all sound.
        title: of the page.
        texts: of the rows.
        columns: with a sound for each text.
        sample_rate: of the sounds, in Hz.
        facts: names and values above the table.

    Raises:
        OSError: it cannot be written.
    """
    heads = "".join(f"<th>{html.escape(column.head)}</th>" for column in columns)
    rows = "".join(
        f"<tr><td>{html.escape(text)}</td>"
        + "".join(_cell(column, index, sample_rate) for column in columns)
        + "</tr>\n"
        for index, text in enumerate(texts)
    )
    lines = "".join(
        f"<li>{html.escape(name)}: {html.escape(value)}</li>"
        for name, value in (facts or {}).items()
    )
    page = (
        f'<!doctype html>\n<html lang="en"><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{html.escape(title)}</title><style>{page_style(STYLE)}</style>\n"
        f"<h1>{html.escape(title)}</h1>\n{f'<ul>{lines}</ul>' if lines else ''}\n"
        f"<table><thead><tr><th>Text</th>{heads}</tr></thead>\n<tbody>\n{rows}</tbody></table>\n"
    )
    with atomic_write(path) as partial:
        partial.write_text(page, encoding="utf-8")


def _cell(column: Column, index: int, sample_rate: int) -> str:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "sound.mp3")
        write_audio(path, column.sounds[index], sample_rate)
        sound = base64.b64encode(path.read_bytes()).decode()
    head = html.escape(column.head, quote=True)
    player = f'<audio controls preload="none" src="data:audio/mpeg;base64,{sound}"></audio>'
    return f'<td data-head="{head}">{player}</td>'
