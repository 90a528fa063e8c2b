"""Tables of results in pages of Markdown, written from `benchmarks/results`.

A page marks the place of a table by two lines, `<!-- table: one-step -->` and
`<!-- end of table -->`; the text between them is replaced. Any page may hold any of the tables.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..evaluation.copy_synthesis import table as copy_table
from ..evaluation.table import markdown, tables
from .choice_tables import best_of_table, steps_table, temperatures_table

Results = Mapping[str, Any]
PLACE = re.compile(r"(<!-- table: (\S+) -->\n).*?(<!-- end of table -->)", re.DOTALL)
PAGES = ("*.md", "benchmarks/*.md", "checkpoints/*.md", "docs/**/*.md", "training/*.md")
FASTEST = "one-step-tts, onnx int8, 1 step"  # as `benchmarks.speed` names it
SYSTEMS = (  # as the table names them, `benchmarks.speed`, and `benchmarks/peers.py` with a voice
    ("one-step-tts, heart", FASTEST, "ours", "heart"),
    ("hibari-tts", "hibari-tts", "hibari-tts", "heart"),
    ("Piper, joe", "Piper, joe", "piper-tts", "joe"),
    ("Kokoro-82M, heart, int8", "Kokoro-82M, int8", "Kokoro-82M", "heart"),
)
NOT_MEASURED = "Not measured for this version."


def pages_with_tables(root: Path) -> list[Path]:
    """The pages of a source tree that hold a mark, in alphabetical order."""
    found = {path for pattern in PAGES for path in root.glob(pattern)}
    return sorted(path for path in found if PLACE.search(path.read_text(encoding="utf-8")))


def fill(page: str, results: Path) -> str:
    """Replace the tables of a page by those of the results.

    Args:
        page: Markdown with marks.
        results: Folder with `one-step.json` and the others. A table whose file is missing says
            that it was not measured.

    Returns:
        The page; equal to `page` if its tables are up to date.

    Raises:
        ValueError: The name of a table is unknown.
    """

    def replace(place: re.Match[str]) -> str:
        if place[2] not in TABLES:
            raise ValueError(f"unknown table {place[2]!r}; tables: {', '.join(TABLES)}")
        table, *files = TABLES[place[2]]
        paths = [results / file for file in files]
        if all(path.is_file() for path in paths):
            found = [json.loads(path.read_text(encoding="utf-8")) for path in paths]
            body = table(*found).strip()
        else:
            body = NOT_MEASURED
        return f"{place[1]}\n{body}\n\n{place[3]}"

    return PLACE.sub(replace, page)


def _judged(results: Results) -> str:
    return _deeper(tables({**results, "bounds": [], "speed": []}))


def _beside(results: Results) -> str:
    return _deeper(tables({**results, "speed": []}))


def _copied(results: Results) -> str:
    return _deeper([copy_table.page(results)])


def _offered(results: Results) -> str:
    heads = ["voice", "sex", "accent", "sentences", "word errors %", "DistillMOS", "similarity"]
    row = "{name}|{sex}|{accent}|{lines}|{word_errors:.1f}|{distillmos:.2f}|{similarity:.2f}"
    return markdown(heads, [row.format(**voice).split("|") for voice in results["offered"]])


def _brief(results: Results) -> str:
    """The sentences alone, without intervals."""
    heads = ["voice", "word errors %", "DistillMOS", "DistillMOS below its reader"]
    rows = [
        [
            row["voice"],
            f"{100 * row['wer']['value']:.1f}",
            f"{row['distillmos']['value']:.2f}",
            _value(row, "distillmos_below_reader"),
        ]
        for row in results["summary"]
        if (row["kind"], row["system"]) == ("sentence", "1 step")
    ]
    return markdown(heads, rows)


def _speed(results: Results) -> str:
    """This system as it runs by default on one thread; docs/guides/measurements.md explains it."""
    (row,) = [one for one in results["systems"] if one["system"] == FASTEST]
    heads = ["processor time, ms a second of sound", "first sound, ms", "start to first sound, s"]
    heads += ["peak memory, MiB", "installed, MB"]
    return markdown(heads, [_speed_cells(row)])


def _speed_cells(row: Results) -> tuple[str, str, str, str, str]:
    return (
        f"{1000 * row['processor_factor']:.1f}",
        f"{row['first_sound']['50']:.0f}",
        f"{row['start_wall']:.2f}",
        f"{row['peak_mib']:.0f}",
        f"{row['installed']['megabytes']:.0f}",
    )


def _speeds(results: Results) -> str:
    """All systems of the comparison."""
    shown = [markdown(table["heads"], table["rows"]) for table in results["tables"]]
    captions = [table["caption"] for table in results["tables"]]
    parts = [part for pair in zip(captions, shown, strict=True) for part in pair if part]
    return "\n\n".join([*parts, *results["notes"]])


def _precision(results: Results) -> str:
    return markdown(results["heads"], results["rows"])


def _new_voices(rows: Any) -> str:
    """Voices from minutes of recordings, beside the recordings and the nearest offered voice."""
    heads = ["voice", "minutes", "word errors %", "DistillMOS", "DNSMOS", "similarity, share"]
    heads += ["processor minutes", "MB"]
    cells = list[list[str]]()
    for row in rows:
        spent = f"{row['processor_minutes']:.0f}" if "processor_minutes" in row else ""
        made = [spent, f"{row['megabytes']:.1f}"]
        cells.append([row["voice"], f"{row['minutes']:g}", *_judgement(row["speech"]), *made])
    for name, last in {row["voice"]: row for row in rows}.items():
        cells.append([f"recordings of {name}", "", *_judgement(last["recordings"]), "", ""])
        nearest = f"{last['nearest_voice']}, nearest to {name}"
        cells.append([nearest, "", *_judgement(last["nearest"]), "", ""])
    return markdown(heads, cells)


def voice_check_table(results: Results) -> str:
    """What the check of recordings finds of planted faults, and in clips without any."""
    names = list(results)
    faults = dict.fromkeys(fault for one in results.values() for fault in one["faults"])
    rows = [[fault, *(_found(results[name], fault) for name in names)] for fault in faults]
    false = [f"{sum(one['clean'].values())} of {one['clips']}" for one in results.values()]
    heads = ["fault", *(f"found, {name}" for name in names)]
    return markdown(heads, [*rows, ["none (false alarms)", *false]])


def _found(result: Results, fault: str) -> str:
    row = result["faults"].get(fault)
    return f"{row['found']} of {row['planted']}" if row else ""


def _judgement(figures: Results) -> list[str]:
    return [
        f"{figures['word_errors']:.1f}",
        f"{figures['distillmos']:.2f}",
        f"{figures['dnsmos']:.2f}",
        f"{figures['share']:.2f}",
    ]


def _peers(results: Results) -> str:
    """The systems that were measured on the same sentences; claims of makers are left out."""
    heads = ["system", "version", "voice", "word errors %", "DistillMOS", "DNSMOS", "processor s/s"]
    rows = [
        [
            *system,
            f"{100 * values['wer']:.1f}",
            f"{values['distillmos']:.2f}",
            f"{values['dnsmos']:.2f}",
            f"{values['real_time_factor']:.4f}",
        ]
        for system, values in _measured(results).items()
    ]
    return markdown(heads, rows)


def _measured(results: Results) -> dict[tuple[str, str, str], dict[str, float]]:
    """Figures by what they are of, for each system, version and voice."""
    found: dict[tuple[str, str, str], dict[str, float]] = {}
    for figure in results["figures"]:
        if figure["by"] == "measured":
            system = figure["system"], figure["version"], figure["voice"]
            found.setdefault(system, {})[figure["what"]] = figure["value"]
    return found


def _systems(speeds: Results, peers: Results) -> str:
    """This package beside other small systems: speed of one run, quality of another."""
    heads = ["system", "DistillMOS", "word errors %", "processor time, ms a second of sound"]
    heads += ["first sound, ms", "peak memory, MiB", "installed, MB"]
    quality = {(system, voice): each for (system, _, voice), each in _measured(peers).items()}
    rows = list[list[str]]()
    for name, timed, judged, voice in SYSTEMS:
        (speed,) = [one for one in speeds["systems"] if one["system"] == timed]
        values = quality[judged, voice]
        cells = [name, f"{values['distillmos']:.2f}", f"{100 * values['wer']:.1f}"]
        processor, first, _, memory, installed = _speed_cells(speed)
        rows.append([*cells, processor, first, memory, installed])
    return markdown(heads, rows)


def _value(row: Results, name: str) -> str:
    return f"{row[name]['value']:.2f}" if name in row else ""


def _deeper(sections: Sequence[str]) -> str:
    """Move headings two levels down, to stand within a part of a page."""
    return "\n".join(sections).replace("## ", "#### ")


def _known(results: Results) -> str:
    rows = results["sets"]
    heads = [name.replace("_", " ") for name in rows[0]]
    return markdown(heads, [[_figure(value) for value in row.values()] for row in rows])


def _figure(value: Any) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)


TABLES: Mapping[str, tuple[Callable[..., str], *tuple[str, ...]]] = {
    "brief": (_brief, "one-step.json"),
    "voices": (_offered, "voices.json"),
    "one-step": (_judged, "one-step.json"),
    "losses": (_known, "losses.json"),
    "beside": (_beside, "compared.json"),
    "speed": (_speed, "speed.json"),
    "speeds": (_speeds, "speed.json"),
    "systems": (_systems, "speed.json", "peers.json"),
    "peers": (_peers, "peers.json"),
    "precision": (_precision, "precision.json"),
    "new-voices": (_new_voices, "new-voices.json"),
    "voice-check": (voice_check_table, "voice-check.json"),
    "steps": (steps_table, "steps.json"),
    "temperatures": (temperatures_table, "temperatures.json"),
    "best-of": (best_of_table, "best-of.json"),
    "copies": (_copied, "copies.json"),
}
