"""Summaries of judged copies, and their Markdown page with a table for each set."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ..bootstrap import bootstrap_estimate
from ..table import ALL_VOICES, estimate_cell, markdown

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Figure:
    """A column: a mean over clips or, with `over`, a rate of sums in percent."""

    heading: str
    name: str
    over: str | None = None
    places: int = 2


FIGURES = (
    Figure("DistillMOS", "distillmos"),
    Figure("DNSMOS", "dnsmos"),
    Figure("WER %", "word_errors", over="words", places=1),
    Figure("PESQ", "pesq"),
    Figure("mel distance", "mel_distance", places=3),
    Figure("spectral convergence", "spectral_convergence", places=3),
    Figure("log-magnitude distance", "log_magnitude_distance", places=3),
    Figure("F0 error, cents", "pitch_error", places=1),
    Figure("voicing error %", "voicing_errors", over="frames", places=1),
    Figure("line excess, dB", "line_excess", places=1),
)
NOTE = """Brackets: 95 % bootstrap intervals over clips.
"""
LEFT_OUT = {
    "pesq": "PESQ needs `pip install 'one-step-tts[pesq]'`, and was not measured.",
    "whisper": "WER needs `--whisper FOLDER`, and was not measured.",
    "mos": "DistillMOS and DNSMOS were not measured (`--no-mos`).",
}


def summarise(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Estimates for each set and system; where a set has several voices, for each of them too."""
    groups: dict[tuple[str, str, str], list[Row]] = {}
    for everyone in (ALL_VOICES, None):
        for row in rows:
            group = row["set"], everyone or row["voice"], row["system"]
            groups.setdefault(group, []).append(row)
    return [
        {"set": name, "system": system, "voice": voice, "clips": len(found), **_figures(found)}
        for (name, voice, system), found in groups.items()
        if voice != ALL_VOICES or len({row["voice"] for row in found}) > 1
    ]


def page(results: Mapping[str, Any]) -> str:
    """A table for each set, one row a system and voice, and a line for what is left out."""
    summary, subject = results["summary"], results["subject"]
    sets = dict.fromkeys(row["set"] for row in summary)
    tables = [f"## {name}\n\n{_table([r for r in summary if r['set'] == name])}\n" for name in sets]
    absent = [f"{line}\n" for name, line in LEFT_OUT.items() if not subject[name]]
    return "\n".join([NOTE, *absent, *tables])


def _figures(rows: Sequence[Row]) -> dict[str, Any]:
    found = {}
    for figure in FIGURES:
        known = [row for row in rows if figure.name in row]
        if known:
            over = [row[figure.over] for row in known] if figure.over else None
            found[figure.name] = asdict(
                bootstrap_estimate([row[figure.name] for row in known], over)
            )
    return found


def _table(rows: Sequence[Row]) -> str:
    known = [figure for figure in FIGURES if any(figure.name in row for row in rows)]
    body = [
        [row["system"], row["voice"], str(row["clips"]), *(_cell(row, f) for f in known)]
        for row in rows
    ]
    return markdown(["system", "voice", "clips", *(figure.heading for figure in known)], body)


def _cell(row: Row, figure: Figure) -> str:
    return estimate_cell(
        row.get(figure.name), percent=figure.over is not None, places=figure.places
    )
