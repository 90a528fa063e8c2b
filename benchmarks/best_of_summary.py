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
            {
                "voice": voice,
                "part": part,
                "distillmos_change": _change(groups[voice], part, counts),
            }
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
    """Figures of chosen candidates, and their paired change from the first ones."""
    pairs = list(zip(rows, picks, strict=True))
    mos = [row["distillmos"][pick] for row, pick in pairs]
    heard = [row["heard"][str(pick)] for row, pick in pairs]
    first = [row["heard"]["0"] for row in rows]
    words = [each["words"] for each in heard]
    errors, before = ([each["word_errors"] for each in group] for group in (heard, first))
    opinions, earlier = ([each["dnsmos"] for each in group] for group in (heard, first))
    return {
        "distillmos": asdict(bootstrap_estimate(mos)),
        "distillmos_change": asdict(
            bootstrap_estimate(_minus(mos, [row["distillmos"][0] for row in rows]))
        ),
        "dnsmos": asdict(bootstrap_estimate(opinions)),
        "dnsmos_change": asdict(bootstrap_estimate(_minus(opinions, earlier))),
        "wer": asdict(bootstrap_estimate(errors, words)),
        "wer_change": asdict(bootstrap_estimate(_minus(errors, before), words)),
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


def _minus(after: Sequence[float], before: Sequence[float]) -> list[float]:
    return [new - old for new, old in zip(after, before, strict=True)]
