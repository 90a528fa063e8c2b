"""The table of voices that `tts voice list` prints."""

from collections.abc import Callable, Mapping, Sequence

from rich.table import Table

from tts.delivery import Delivery
from tts.voices import VoiceInfo

DEFAULT_VOICE = Delivery().voice

COLUMNS: Mapping[str, Callable[[VoiceInfo], str]] = {
    "voice": lambda voice: f"{voice.name} (default)" if voice.name == DEFAULT_VOICE else voice.name,
    "sex": lambda voice: voice.sex or "",
    "accent": lambda voice: voice.accent or "",
    "word errors": lambda voice: _figure(voice.word_errors, "{:.1f} %"),
    "DistillMOS": lambda voice: _figure(voice.distillmos, "{:.2f}"),
    "similarity": lambda voice: _figure(voice.similarity, "{:.2f}"),
}


def voice_table(offered: Sequence[VoiceInfo]) -> Table:
    """A row for each voice; columns that are empty for all voices are left out."""
    cells = {head: [cell(voice) for voice in offered] for head, cell in COLUMNS.items()}
    shown = {head: column for head, column in cells.items() if any(column)}
    table = Table(*shown, box=None, padding=(0, 2, 0, 0))
    for row in zip(*shown.values(), strict=True):
        table.add_row(*row)
    return table


def _figure(value: float | None, form: str) -> str:
    return "" if value is None else form.format(value)
