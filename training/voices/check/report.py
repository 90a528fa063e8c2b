"""The page of a check: check.html, with players, in the work folder."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from tts.palette import page_style

from .coverage import PHONES, RARE, Coverage
from .findings import KINDS, SEVERITIES, Finding

if TYPE_CHECKING:
    from .check import CheckReport

PAGE = "check.html"
STATIC = Path(__file__).parent / "static"
BADGES = {"drop": "drop", "warn": "check", "info": "note"}
# Columns of the table of clips: field, title, digits.
FIGURES = (
    ("seconds", "s", 1),
    ("snr", "SNR dB", 0),
    ("gain", "gain dB", 1),
    ("f0", "F0 Hz", 0),
    ("rate", "phones/s", 1),
    ("bandwidth", "band Hz", 0),
    ("decay", "decay dB/s", 0),
    ("cost", "cost", 2),
)


def report_page(report: CheckReport) -> str:
    """The HTML of a report; it refers to the clips by relative links, and to nothing else."""
    style, script, page = (
        (STATIC / f"check.{ending}").read_text("utf-8") for ending in ("css", "js", "html")
    )
    clips = {clip["id"]: clip for clip in report.clips}
    return Template(page).substitute(
        style=page_style(style),
        counts=_counts(report),
        expectation=escape(report.expectation),
        totals=_totals(report.totals),
        filters=_filters(report.findings),
        findings="".join(_entry(found, clips) for found in report.findings) or NOTHING,
        coverage=_coverage(report.coverage),
        heads="".join(f"<th><button>{title}</button></th>" for _, title, _ in FIGURES),
        rows="".join(map(_row, report.clips)),
        script=script,
    )


NOTHING = '<li class="none">Nothing is wrong with these recordings.</li>'


def _counts(report: CheckReport) -> str:
    totals = report.totals
    severities = Counter(found.severity for found in report.findings)
    counts = {
        "clips": f"{totals['clips']:,}",
        "minutes": f"{totals['minutes']:.1f}",
        "to drop": f"{len(report.dropped):,}",
        "to check": f"{severities['warn']:,}",
        "for information": f"{severities['info']:,}",
    }
    return " · ".join(f"<span><b>{count}</b> {name}</span>" for name, count in counts.items())


def _totals(totals: Mapping[str, Any]) -> str:
    """The figures of all clips as a list of terms; unknown ones are left out."""
    f0 = [totals.get(name) for name in ("f0_low", "f0", "f0_high")]
    lines = {
        "Without clips to drop": f"{totals['minutes_kept']:.1f} min, {totals['clips_kept']} clips",
        "Transcripts": f"{totals['transcribed']}, of which {totals['aligned']} are aligned",
        "Speaking rate": _with_unit(totals.get("phones_per_second"), "phones a second"),
        "F0 (10 %, median, 90 %)": " / ".join(f"{each:.0f}" for each in f0 if each) + " Hz"
        if all(f0)
        else "",
        "Signal to noise": _with_unit(totals.get("snr"), "dB"),
        "Gain applied": _with_unit(totals.get("gain"), "dB"),
        "Bandwidth": _with_unit(totals.get("bandwidth"), "Hz"),
    }
    return "".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>"
        for name, value in lines.items()
        if value
    )


def _with_unit(value: float | None, unit: str) -> str:
    return "" if value is None else f"{value:g} {unit}".replace("-", "\N{MINUS SIGN}")


def _filters(findings: Sequence[Finding]) -> str:
    """A button for each kind that occurs, with its count."""
    counts = Counter(found.kind for found in findings)
    return "".join(
        f'<button type="button" data-kind="{kind}" aria-pressed="false">'
        f"{escape(title)} <b>{counts[kind]}</b></button>"
        for kind, title in KINDS.items()
        if counts[kind]
    )


def _entry(found: Finding, clips: Mapping[str, Mapping[str, Any]]) -> str:
    """A finding as an item of the list, with a player if it is about a clip."""
    clip = clips.get(found.clip or "", {})
    text = f'<p class="text">{escape(clip["text"])}</p>' if clip.get("text") else ""
    name = escape(found.clip or "All clips")
    return (
        f'<li data-kind="{found.kind}" data-clip="{escape(found.clip or "")}" '
        f'data-severity="{SEVERITIES.index(found.severity)}">'
        f'<div><p class="head"><span class="badge {found.severity}">{BADGES[found.severity]}</span>'
        f'<b>{escape(KINDS[found.kind])}</b> <span class="id">{name}</span></p>'
        f'<p class="why">{escape(found.message)}</p><p class="note">{escape(found.remedy)}</p>'
        f"{text}</div>{_player(clip)}</li>"
    )


def _player(clip: Mapping[str, Any]) -> str:
    if not clip:
        return ""
    source = quote(clip["audio"], errors="replace")
    return (
        f'<audio controls preload="none" src="{source}" aria-label="{escape(clip["id"])}"></audio>'
    )


def _coverage(coverage: Coverage | None) -> str:
    """How often each phone occurs, and the sentences to record."""
    if coverage is None:
        return ""
    cells = "".join(_phone(phone, count) for phone, count in coverage.counts.items())
    rare = len(coverage.missing) + len(coverage.rare)
    said = f"{rare} of {len(PHONES)} phones occur fewer than {RARE} times."
    enough = f"All phones occur at least {RARE} times."
    return (
        f'<section><h2>Phones</h2><p class="note">{said if rare else enough}</p>'
        f'<ul class="phones">{cells}</ul>{_sentences(coverage.sentences)}</section>'
    )


def _phone(phone: str, count: int) -> str:
    state = "missing" if not count else "rare" if count < RARE else ""
    return (
        f'<li class="{state}"><b>{escape(phone)}</b> {escape(PHONES[phone])} <span>{count}</span>'
        "</li>"
    )


def _sentences(sentences: Iterable[str]) -> str:
    items = "".join(f'<li class="text">{escape(sentence)}</li>' for sentence in sentences)
    note = '<p class="note">Record these sentences, those that help most first.</p>'
    return f'{note}<ol class="sheet sentences">{items}</ol>' if items else ""


def _row(clip: Mapping[str, Any]) -> str:
    cells = "".join(_cell(clip.get(name), title, digits) for name, title, digits in FIGURES)
    text = f'<span class="text">{escape(clip["text"] or "")}</span>'
    return f'<tr><td class="name"><b>{escape(clip["id"])}</b>{text}{_player(clip)}</td>{cells}</tr>'


def _cell(value: float | None, title: str, digits: int) -> str:
    if value is None:
        return f'<td data-title="{title}"></td>'
    shown = f"{value:.{digits}f}".replace("-", "\N{MINUS SIGN}")
    return f'<td data-title="{title}" data-value="{value}">{shown}</td>'
