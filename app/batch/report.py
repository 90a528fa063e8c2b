"""The report of a batch: report.html with players, and report.csv, in its output folder."""

import json
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from string import Template
from urllib.parse import quote

from tts.palette import page_style

from .audio.format import OUTPUT_FORMATS, OutputFormat
from .item import BatchInput
from .manifest import write_durably
from .report_table import spreadsheet
from .rows import Row, explanations, gain, improved, voices_of, was_made_again
from .statistics import MEASURES, Measure, Summary, outliers, summaries

STATIC = Path(__file__).parent / "static"
PAGE, TABLE = "report.html", "report.csv"
LISTED = 200  # entries of a list on the page; the table has all. Chosen by hand, to load fast
FIGURES, WORST = ("5 %", "median", "95 %"), "worst"
TALL = 20  # height of a histogram, in units of its SVG


def write_report(
    folder: Path,
    listing: BatchInput,
    rows: Sequence[Row],
    joined: Sequence[Row] = (),
    form: OutputFormat | None = None,
) -> None:
    """Write report.html and report.csv.

    Args:
        folder: the output folder of the batch.
        listing: its input.
        rows: its manifest rows, in order.
        joined: the manifest rows of the files that items were joined to.
        form: the format of the audio files, whose gain the page explains.
    """
    page = _page(listing, rows, joined, form)
    write_durably(folder / PAGE, page.encode(errors="replace"))
    write_durably(folder / TABLE, spreadsheet(rows, listing.errors, listing.notes))


def _page(
    listing: BatchInput, rows: Sequence[Row], joined: Sequence[Row], form: OutputFormat | None
) -> str:
    made = [row for row in rows if "error" not in row]
    found = summaries(made)
    style, script, page = (
        (STATIC / f"report.{ending}").read_text("utf-8") for ending in ("css", "js", "html")
    )
    # in a book, the name of an item has its chapter
    chapters = listing.chapters if len(listing.chapters) > 1 and not listing.is_book else ()
    return Template(page).substitute(
        title=escape(listing.title or "Report"),
        style=page_style(style),
        counts=_counts(listing, rows),
        failures=_failures(listing, rows),
        joined=_whole(joined),
        problems=_troubled(listing, made) + _unread(listing, made) + _notes(listing),
        figures=_figures(listing, found, _gain(made, form)),
        lists=_lists(listing, rows) + _left_out(listing),
        heads=_heads(found, chapters),
        rows=_data(listing, made, [summary.measure for summary in found], chapters),
        script=script,
    )


def _counts(listing: BatchInput, rows: Sequence[Row]) -> str:
    made = [row for row in rows if "error" not in row]
    counts = {
        "items" if len(made) != 1 else "item": f"{len(made):,}",
        "of speech": _length(sum(row["seconds"] for row in made)),
        "failed": f"{len(rows) - len(made) + len(listing.errors):,}",
        "made again": f"{sum(map(was_made_again, made)):,}",
        "with problems": f"{sum(bool(row['troubles']) for row in made):,}",
    }
    if any("choices" in row for row in made):
        counts["better than the first candidate"] = f"{sum(gain(row) > 0 for row in made):,}"
    return " · ".join(f"<span><b>{count}</b> {name}</span>" for name, count in counts.items())


def _length(seconds: float) -> str:
    """A length in minutes, and from an hour on in hours and minutes."""
    minutes = seconds / 60
    if minutes < 60:
        return f"{minutes:.1f} minutes"
    hours, minutes = divmod(round(minutes), 60)
    return f"{hours:,} h {minutes} min"


def _gain(made: Sequence[Row], form: OutputFormat | None) -> str:
    """Whether the levels are those before or after the gain; empty if there is none."""
    if not form or (form.loudness is None and not form.volume):
        return ""
    # items without files of their own are measured as they are joined, before the gain
    of, when = ("each item", "after") if any(row["audio"] for row in made) else ("files", "before")
    if form.loudness is None:
        return f"Measured {when} the gain of {form.volume:g} dB."
    return f"Measured {when} the gain that brings {of} to {form.loudness:g} LUFS."


def _figures(listing: BatchInput, found: Sequence[Summary], note: str) -> str:
    """The table of measures, with a link to the worst item of each."""
    if not found:
        return ""
    said = f'<p class="note">{note}</p>' if note else ""
    lines = "".join(_measured(listing, summary) for summary in found)
    heads = "".join(f"<th>{name}</th>" for name in (*FIGURES, WORST))
    return (
        f'<section><h2>Measurements</h2>{said}<div class="wide"><table id="measures"><thead><tr>'
        f'<th class="name">of all items</th><th></th>{heads}</tr></thead>'
        f"<tbody>{lines}</tbody></table></div></section>"
    )


def _measured(listing: BatchInput, summary: Summary) -> str:
    measure, worst = summary.measure, summary.worst
    figures = (summary.low, summary.median, summary.high)
    named = zip(FIGURES, figures, strict=True)
    cells = "".join(
        f'<td data-name="{name}">{measure.shown(figure)}</td>' for name, figure in named
    )
    name, sound = escape(_name(listing, worst)), _sound(worst)
    value = measure.shown(measure.of(worst))
    about = f'<br><span class="note">{escape(measure.about)}</span>'
    link = f'<a href="{sound}">{name}</a>' if sound else name
    return (
        f'<tr><td class="name">{measure.title}{about}</td>'
        f'<td class="shape">{_histogram(summary)}</td>'
        f'{cells}<td class="worst" data-name="{WORST}">{value} <br>{link}</td></tr>'
    )


def _histogram(summary: Summary) -> str:
    """A histogram as SVG; a bin with a single item is still visible."""
    counts, title = summary.counts, f"Histogram of {summary.measure.title}"
    tall = [-(-count * TALL // max(counts)) for count in counts]
    bars = "".join(f"M{x} {TALL}v-{y}h.8v{y}z" for x, y in enumerate(tall) if y)
    box = f'viewBox="0 0 {len(counts)} {TALL}" preserveAspectRatio="none"'
    return f'<svg {box} role="img" aria-label="{title}"><path d="{bars}"/></svg>'


def _whole(joined: Sequence[Row]) -> str:
    """The list of joined audio files, with their lengths."""
    endings = tuple(f".{form}" for form in OUTPUT_FORMATS)
    entries = [
        _entry(name, _length(row["seconds"]), "", "", _address(name))
        for row in joined
        for name in row["files"]
        if name.endswith(endings)
    ]
    return _list("Joined files", "", entries)


def _failures(listing: BatchInput, rows: Sequence[Row]) -> str:
    """The list of items that failed."""
    failed = [
        (one.line, _place(listing, one.line, one.id, one.chapter, one.text), one.text, one.message)
        for one in listing.errors
    ]
    chapters = {item.id: item.chapter for item in listing.items}
    for row in rows:
        if "error" in row:
            line, id, text = row["line"], row["id"], row["text"]
            name = _place(listing, line, id, chapters.get(id, 0), text)
            failed.append((line, name, text, row["error"]))
    failed.sort(key=lambda one: one[0])
    return _list("Failed", "", [_entry(name, "", text, why) for _, name, text, why in failed])


def _troubled(listing: BatchInput, made: Sequence[Row]) -> str:
    """The list of items that may sound wrong."""
    entries = [_item(listing, row, "; ".join(row["troubles"])) for row in made if row["troubles"]]
    return _list("With problems", "The best of all candidates, and its problems.", entries)


def _unread(listing: BatchInput, made: Sequence[Row]) -> str:
    """The list of items of which the voices cannot read all, or not as it is meant."""
    entries = [
        _item(listing, row, "; ".join(row["warnings"])) for row in made if row.get("warnings")
    ]
    return _list("Not read as written", "Letters or a language that the voices lack.", entries)


def _notes(listing: BatchInput) -> str:
    """The list of what was ignored in the input."""
    return _list("Notes on the input", "", [_entry("", "", "", note) for note in listing.notes])


def _lists(listing: BatchInput, rows: Sequence[Row]) -> str:
    """The lists of items that were made again, or chosen, or are outliers."""
    made = [row for row in rows if "error" not in row]
    again = _list(
        "Made again",
        "The problems of the candidates that were discarded.",
        [_item(listing, row, _rolls(row)) for row in made if was_made_again(row)],
    )
    chosen = _list(
        "Chosen",
        "Items of which another candidate than the first was kept; the largest gains first.",
        [_item(listing, row, "\n".join(explanations(row))) for row in improved(made)],
    )
    far = _list(
        "Outliers",
        "Within all limits, but far from the median of the same voice and pace.",
        [_item(listing, row, why) for row, why in outliers(made)],
    )
    return again + chosen + far


def _left_out(listing: BatchInput) -> str:
    """The list of the parts of a book that were not read."""
    entries = [
        _entry(part.title, f"{part.number} · {part.why}", "", "") for part in listing.left_out
    ]
    return _list("Left out", "Parts of the book that were not read.", entries)


def _place(listing: BatchInput, line: int, id: str, chapter: int, text: str) -> str:
    """What names an item: its line and its id, or in a book its chapter and its first words."""
    if listing.is_book:
        return listing.place(line, chapter, text)
    return " · ".join(filter(None, (f"Line {line}", id)))


def _name(listing: BatchInput, row: Row) -> str:
    """What names a finished item: its id, or in a book its chapter and its first words."""
    return listing.place(row["line"], row["chapter"], row["text"]) if listing.is_book else row["id"]


def _rolls(row: Row) -> str:
    bad = (roll for roll in row["rolls"] if roll["troubles"])
    old = (f"Seed {roll['seed']}: {'; '.join(roll['troubles'])}" for roll in bad)
    return "\n".join((*old, f"Kept: seed {row['seed']}"))


def _item(listing: BatchInput, row: Row, why: str) -> str:
    known = [(measure, measure.of(row)) for measure in MEASURES]
    figures = [f"{one.shown(value)} {one.unit}" for one, value in known if value is not None]
    details = " · ".join((", ".join(voices_of(row)), f"{row['seconds']:.2f} s", *figures))
    if row["quality"].get("wer"):
        details += f"\nHeard: {row['quality']['heard']}"
    return _entry(_name(listing, row), details, row["text"], why, _sound(row))


def _entry(name: str, details: str, text: str, why: str, sound: str = "") -> str:
    """An entry of a list as HTML, with a player if it has sound."""
    lines = {"text": text, "why": why, "told": details}
    shown = "".join(f'<p class="{kind}">{escape(line)}</p>' for kind, line in lines.items() if line)
    player = f'<audio controls preload="none" src="{sound}"></audio>' if sound else ""
    named = f'<span class="id">{escape(name)}</span>' if name else ""
    return f"<li><div>{named}{shown}</div>{player}</li>"


def _list(title: str, note: str, entries: Sequence[str]) -> str:
    if not entries:
        return ""
    left = len(entries) - LISTED
    more = f'<p class="note">and {left:,} more in report.csv</p>' if left > 0 else ""
    said = f'<p class="note">{note}</p>' if note else ""
    shown = "".join(entries[:LISTED])
    return f'<section><h2>{title}</h2>{said}<ul class="sheet">{shown}</ul>{more}</section>'


def _heads(found: Sequence[Summary], chapters: Sequence[str]) -> str:
    texts = ("item", "voice", "text", *(("chapter",) if chapters else ()))
    kinds = {"item": "name", "text": "words"}
    cells = [
        f'<th class="{kinds.get(name, "word")}"><button>{name}</button></th>' for name in texts
    ]
    cells.append('<th data-digits="2" data-unit="s"><button>seconds</button></th>')
    for measure in (summary.measure for summary in found):
        about = f'data-digits="{measure.digits}" data-unit="{measure.unit}" title="{measure.title}"'
        cells.append(f"<th {about}><button>{measure.unit}</button></th>")
    return "".join(cells)


def _data(
    listing: BatchInput,
    rows: Iterable[Row],
    measures: Sequence[Measure],
    chapters: Sequence[str],
) -> str:
    """The items as JSON for the script; ASCII, and nothing in it can close the script element."""
    cells = [
        [
            _sound(row),
            not row["troubles"],
            _name(listing, row),
            ", ".join(voices_of(row)),
            row["text"],
        ]
        + ([chapters[row["chapter"] - 1]] if chapters else [])
        + [row["seconds"], *(measure.of(row) for measure in measures)]
        for row in rows
    ]
    written = json.dumps(cells, separators=(",", ":"))
    return written.replace("<", r"\u003c").replace("&", r"\u0026")


def _sound(row: Row) -> str:
    """The URL of an item's sound: its own file, or else its part."""
    part = f"parts/{row['id']}.flac"
    name = row["audio"] or (part if part in row["files"] else "")
    return _address(name)


def _address(name: str) -> str:
    """The URL of a file in the folder, relative to the page."""
    return quote(name, errors="replace")
