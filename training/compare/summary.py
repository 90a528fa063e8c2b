"""The results of a comparison: a row for each objective and number of steps, with intervals."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from ..evaluation.bootstrap import bootstrap_estimate
from ..evaluation.results import ResultRow

TRAINING_CLIPS, HELD_OUT_CLIPS = "training", "held out"
BY_CLIP = ("solution", "recorded", "energy", "semigroup")
OPINIONS = ("dnsmos", "distillmos")
Found = Mapping[str, ResultRow]


@dataclass(frozen=True)
class Trial:
    """A way to make mels.

    Args:
        name: of the objective, or of the teacher.
        steps: how many.
        share: of the compute, after which it was measured.
        seeded: whether it was trained once for each seed.
    """

    name: str
    steps: int
    share: float = 1.0
    seeded: bool = True

    def keys(self, seeds: int) -> list[str]:
        """Its names in the ledgers."""
        return [f"{self.name}/{seed}" for seed in range(seeds)] if self.seeded else [self.name]


def summarise_trials(
    measured: Found, spoken: Found, trials: Sequence[Trial], seeds: int, reference: str
) -> list[dict[str, Any]]:
    """Rows of the trials that have results, over the seeds that have them.

    Values of a clip, or of a sentence, are means over the seeds; intervals are over clips, or over
    sentences, and differences from the reference are paired by them.

    Args:
        measured: results of `measure`, by the names of the ledger.
        spoken: judgements of sentences, by the names of the ledger of speech.
        trials: in the order of the rows.
        seeds: how many there may be.
        reference: name of the objective that others are compared with, at equal steps.
    """
    clips = {trial: _measurements(measured, trial, seeds) for trial in trials}
    sentences = {trial: _sentences(spoken, trial, seeds) for trial in trials}
    rows = []
    for trial in trials:
        if not clips[trial] and not sentences[trial]:
            continue
        other = Trial(reference, trial.steps, trial.share)
        row: dict[str, Any] = {"objective": trial.name, **_about(trial)}
        row |= {where: _figures(found) for where, found in clips[trial].items()}
        if sentences[trial]:
            row["speech"] = _judged(sentences[trial])
        if other != trial and other in clips:
            row["difference"] = _differences(
                clips[trial], clips[other], sentences[trial], sentences[other]
            )
        rows.append(row)
    return rows


def trained_rows(measured: Found, names: Sequence[str], seeds: int) -> dict[str, Any]:
    """Of each objective: seeds that were trained, updates, minutes and forward passes (means)."""
    found = {}
    for name in names:
        rows = [measured.get(f"train/{name}/{seed}") for seed in range(seeds)]
        ended = [row for row in rows if row and "failed" not in row]
        failed = [row for row in rows if row and "failed" in row]
        if ended:
            means = {field: float(np.mean([row[field] for row in ended])) for field in ended[0]}
            found[name] = {"seeds": len(ended), "failed": len(failed), **means}
        elif failed:
            found[name] = {"seeds": 0, "failed": len(failed), "reason": failed[0]["failed"]}
    return found


def _about(trial: Trial) -> dict[str, Any]:
    return {"steps": trial.steps, "share": trial.share}


def _measurements(measured: Found, trial: Trial, seeds: int) -> dict[str, list[ResultRow]]:
    """The measurements of a trial by each seed, on training clips and on those held out."""
    found = {}
    for where in (TRAINING_CLIPS, HELD_OUT_CLIPS):
        names = [
            f"measure/{key}/{trial.steps}/{trial.share:g}/{where}" for key in trial.keys(seeds)
        ]
        if rows := [measured[name] for name in names if name in measured]:
            found[where] = rows
    return found


def _figures(rows: Sequence[ResultRow]) -> dict[str, Any]:
    """Figures of one set of clips, over the seeds."""
    ratios = [row["deviation"] for row in rows]
    ends = ("value", "low", "high")
    figures: dict[str, Any] = {
        "deviation": {end: float(np.mean([ratio[end] for ratio in ratios])) for end in ends}
    }
    for name in BY_CLIP:
        if name in rows[0]:
            figures[name] = asdict(bootstrap_estimate(_by_clip(rows, name).tolist()))
            figures[name]["seeds"] = [round(row[name]["value"], 4) for row in rows]
    figures["deviation"]["seeds"] = [round(ratio["value"], 4) for ratio in ratios]
    return figures


def _by_clip(rows: Sequence[ResultRow], name: str) -> np.ndarray:
    """The mean over seeds of a figure of each clip."""
    return np.mean([row[name]["clips"] for row in rows], axis=0)


def _sentences(spoken: Found, trial: Trial, seeds: int) -> dict[str, list[ResultRow]]:
    """The judgements of each sentence, by the seeds; none of a share of the compute."""
    if trial.share < 1:
        return {}
    found: dict[str, list[ResultRow]] = {}
    for key in trial.keys(seeds):
        start = f"speech/{key}/{trial.steps}/"
        for name, row in spoken.items():
            if name.startswith(start):
                found.setdefault(name.removeprefix(start), []).append(row)
    return found


def _judged(sentences: Mapping[str, list[ResultRow]]) -> dict[str, Any]:
    """Word error rate and opinion scores."""
    errors, words = (_means(sentences, field) for field in ("word_errors", "words"))
    figures: dict[str, Any] = {
        "sentences": len(sentences),
        "wer": asdict(bootstrap_estimate([*errors.values()], [*words.values()])),
    }
    for name in OPINIONS:
        if values := _means(sentences, name):
            figures[name] = asdict(bootstrap_estimate([*values.values()]))
    return figures


def _means(sentences: Mapping[str, list[ResultRow]], field: str) -> dict[str, float]:
    """The mean over seeds of a field of each sentence that has it."""
    return {
        id: float(np.mean([row[field] for row in rows if field in row]))
        for id, rows in sentences.items()
        if any(field in row for row in rows)
    }


def _differences(
    clips: Mapping[str, list[ResultRow]],
    others: Mapping[str, list[ResultRow]],
    sentences: Mapping[str, list[ResultRow]],
    other_sentences: Mapping[str, list[ResultRow]],
) -> dict[str, Any]:
    """A trial minus the reference: on held-out clips, and on the sentences of both."""
    figures: dict[str, Any] = {}
    where = HELD_OUT_CLIPS
    if where in clips and where in others:
        for name in BY_CLIP:
            if name in clips[where][0] and name in others[where][0]:
                change = _by_clip(clips[where], name) - _by_clip(others[where], name)
                figures[name] = asdict(bootstrap_estimate(change.tolist()))
    for name in OPINIONS:
        ours, theirs = _means(sentences, name), _means(other_sentences, name)
        if both := [id for id in ours if id in theirs]:
            figures[name] = asdict(bootstrap_estimate([ours[id] - theirs[id] for id in both]))
    ours, theirs = (_means(each, "word_errors") for each in (sentences, other_sentences))
    if both := [id for id in ours if id in theirs]:
        words = _means(sentences, "words")
        more = [ours[id] - theirs[id] for id in both]
        figures["wer"] = asdict(bootstrap_estimate(more, [words[id] for id in both]))
    return figures
