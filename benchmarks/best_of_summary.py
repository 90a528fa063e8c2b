"""Summaries of choices among candidates: figures for each chooser and number, with intervals."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from tts.training.evaluation.bootstrap import bootstrap_estimate

from tts.best_of.ensemble import PARTS

Row = Mapping[str, Any]
CHOOSERS = ("ensemble", "distillmos")


def choose(row: Row, chooser: str, count: int) -> int:
    """The index of the candidate that a chooser keeps among the first `count`."""
    scores = scores_of(row, chooser)[:count]
    return scores.index(max(scores))


def scores_of(row: Row, chooser: str) -> list[float]:
    """The score of each candidate by the ensemble, by DistillMOS, or by a part of the ensemble."""
    if chooser == "distillmos":
        return list(row["distillmos"])
    if chooser == "ensemble":
        return [sum(parts.values()) for parts in row["parts"]]
    return [parts[chooser] for parts in row["parts"]]


def summarise(rows: Sequence[Row], counts: Sequence[int]) -> dict[str, Any]:
    """Choices of each chooser, of each part alone, and what is heard of planted faults."""
    voices = dict.fromkeys(row["voice"] for row in rows)
    groups = {voice: [row for row in rows if row["voice"] == voice] for voice in voices}
    groups = groups | {"all": list(rows)} if len(groups) > 1 else groups
    return {
        "choices": [
            figure for voice in groups for figure in _choices(voice, groups[voice], counts)
        ],
        "parts": [
            {"voice": voice, "part": part, "change": _change(groups[voice], part, counts)}
            for voice in groups
            for part in PARTS
        ],
        "faults": dict(_faults(rows)),
    }


def _choices(voice: str, rows: Sequence[Row], counts: Iterable[int]) -> Iterator[dict[str, Any]]:
    for count in counts:
        for chooser in CHOOSERS:
            picks = [choose(row, chooser, count) for row in rows]
            found = {"voice": voice, "chooser": chooser, "count": count, "sentences": len(rows)}
            yield found | _figures(rows, picks)


def _figures(rows: Sequence[Row], picks: Sequence[int]) -> dict[str, Any]:
    """Figures of chosen candidates, and their paired change from the first ones.

    Those of Whisper and DNSMOS are left out where these did not hear all.
    """
    mos = [row["distillmos"][pick] for row, pick in zip(rows, picks, strict=True)]
    first = [row["distillmos"][0] for row in rows]
    figures = _paired("distillmos", mos, first)
    heard = [row["heard"].get(str(pick)) for row, pick in zip(rows, picks, strict=True)]
    before = [row["heard"].get("0") for row in rows]
    if all(heard) and all(before):
        words = [each["words"] for each in heard]
        opinions, errors = (
            [[each[name] for each in group] for group in (heard, before)]
            for name in ("dnsmos", "word_errors")
        )
        figures |= _paired("dnsmos", *opinions) | _paired("wer", *errors, words)
    return figures


def _paired(
    name: str,
    after: Sequence[float],
    before: Sequence[float],
    weights: Sequence[float] | None = None,
) -> dict[str, Any]:
    """A figure, and its paired change."""
    changes = [new - old for new, old in zip(after, before, strict=True)]
    return {
        name: asdict(bootstrap_estimate(after, weights)),
        f"{name}_change": asdict(bootstrap_estimate(changes, weights)),
    }


def _change(rows: Sequence[Row], part: str, counts: Sequence[int]) -> dict[str, float]:
    """What a choice by one part alone changes in DistillMOS, with the most candidates."""
    picks = [choose(row, part, max(counts)) for row in rows]
    pairs = zip(rows, picks, strict=True)
    changes = [row["distillmos"][pick] - row["distillmos"][0] for row, pick in pairs]
    return asdict(bootstrap_estimate(changes))


def _faults(rows: Sequence[Row]) -> Iterator[tuple[str, dict[str, Any]]]:
    """How often a take with a fault scores below all takes without, by the ensemble and a part."""
    for fault in dict.fromkeys(fault for row in rows for fault in row["faults"]):
        planted = [row for row in rows if fault in row["faults"]]
        found = {"planted": len(planted), "ensemble": _found(planted, fault, "ensemble")}
        yield fault, found | {part: _found(planted, fault, part) for part in PARTS}


def _found(rows: Sequence[Row], fault: str, chooser: str) -> int:
    def score(row: Row) -> float:
        parts = row["faults"][fault]
        return float(sum(parts.values()) if chooser == "ensemble" else parts[chooser])

    return sum(score(row) < min(scores_of(row, chooser)) for row in rows)
