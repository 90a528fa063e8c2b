"""The table of durations, from `benchmarks/results/durations.json`."""

from collections.abc import Mapping
from typing import Any

from ..evaluation.table import markdown

NAMES = {
    "mean": "mean (MSE)",
    "continuous map": "continuous map",
    "categorical map": "categorical map",
    "classifier": "classifier of bins",
    "shipped prosody map": "shipped prosody map",
}
COLUMNS = {
    "nats": "nats a symbol",
    "score": "ranked score",
    "deviation": "deviation ratio",
    "sentence": "of sentences",
}
JUDGED = {"wer": "WER %", "distillmos": "DistillMOS", "dnsmos": "DNSMOS"}


def durations_table(results: Mapping[str, Any]) -> str:
    """Figures of durations and of speech by each model, with their intervals."""
    spoken = {row["system"]: row for row in results["speech"]}
    spoken["shipped prosody map"] = spoken.pop("shipped")
    rows = []
    for name, figures in results["durations"].items():
        read = [_cell(figures[figure]) for figure in COLUMNS]
        said = [
            _cell(spoken[name][figure], 100 if figure == "wer" else 1) if name in spoken else ""
            for figure in JUDGED
        ]
        rows.append([NAMES[name], *read, *said])
    return markdown(["durations", *COLUMNS.values(), *JUDGED.values()], rows)


def _cell(estimate: Mapping[str, float], factor: float = 1) -> str:
    """A figure with its interval."""
    value, low, high = (factor * estimate[name] for name in ("value", "low", "high"))
    digits = 1 if factor > 1 else 2
    return f"{value:.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]"
