"""Tables of results in pages of Markdown, so that what a page says is what was measured.

A page marks where a table belongs by two lines, `<!-- table: one-step -->` and
`<!-- end of table -->`; what stands between them is written anew from `benchmarks/results`.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..evaluation.copy_synthesis import table as copy_table
from ..evaluation.table import markdown, tables

Results = Mapping[str, Any]
PLACE = re.compile(r"(<!-- table: (\S+) -->\n).*?(<!-- end of table -->)", re.DOTALL)
NOT_MEASURED = "Not measured for this version."


def fill(page: str, results: Path) -> str:
    """A page with its tables as the results have them.

    Args:
        page: Markdown with marked places.
        results: the folder with `one-step.json` and the others.

    Raises:
        ValueError: the page asks for a table that is none of ours.
    """

    def replace(place: re.Match[str]) -> str:
        if place[2] not in TABLES:
            raise ValueError(f"expected a table of {', '.join(TABLES)}, not {place[2]!r}")
        file, table = TABLES[place[2]]
        path = results / file
        found = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None
        body = table(found).strip() if found else NOT_MEASURED
        return f"{place[1]}\n{body}\n\n{place[3]}"

    return PLACE.sub(replace, page)


def _judged(results: Results) -> str:
    return _deeper(tables({**results, "bounds": [], "speed": []}))


def _beside(results: Results) -> str:
    return _deeper(tables(results))


def _copied(results: Results) -> str:
    return _deeper([copy_table.page(results)])


def _offered(results: Results) -> str:
    heads = ["voice", "sex", "accent", "sentences", "word errors %", "DistillMOS", "similarity"]
    row = "{name}|{sex}|{accent}|{lines}|{word_errors:.1f}|{distillmos:.2f}|{similarity:.2f}"
    return markdown(heads, [row.format(**voice).split("|") for voice in results["offered"]])


def _brief(results: Results) -> str:
    """For a reader in a hurry: the sentences alone, and how far they are from the reader's."""
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


def _value(row: Results, name: str) -> str:
    return f"{row[name]['value']:.2f}" if name in row else ""


def _deeper(sections: Sequence[str]) -> str:
    """Headings of a page become those of a part of one."""
    return "\n".join(sections).replace("## ", "#### ")


def _known(results: Results) -> str:
    rows = results["sets"]
    heads = [name.replace("_", " ") for name in rows[0]]
    return markdown(heads, [[_figure(value) for value in row.values()] for row in rows])


def _figure(value: Any) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)


TABLES: Mapping[str, tuple[str, Callable[[Results], str]]] = {
    "brief": ("one-step.json", _brief),
    "voices": ("voices.json", _offered),
    "one-step": ("one-step.json", _judged),
    "losses": ("losses.json", _known),
    "beside": ("compared.json", _beside),
    "copies": ("copies.json", _copied),
}
