"""Tables of what a user may choose: the number of steps, and candidates of a sentence."""

from collections.abc import Mapping, Sequence
from typing import Any

from ..evaluation.table import markdown

Results = Mapping[str, Any]
ALL = "all"  # voices together


def steps_table(results: Results) -> str:
    """The flow map at several numbers of steps, from `benchmarks/results/steps.json`."""
    found = [row for row in results["summary"] if row["model"] == "flow map"]
    return _dial(found, ("steps",))


def temperatures_table(results: Results) -> str:
    """Scales of both noises, from `benchmarks/results/temperatures.json`."""
    return _dial(results["summary"], ("temperature", "prosody_temperature"))


def _dial(rows: Sequence[Results], names: Sequence[str]) -> str:
    """Figures in order of some settings."""
    heads = [*(name.replace("_", " ") for name in names), "voice"]
    cells = [
        [
            *(f"{row[name]:g}" for name in names),
            row["voice"],
            _figure(row["wer"], 100, 1),
            _figure(row["distillmos"]),
            _figure(row["dnsmos"]),
        ]
        for row in sorted(rows, key=lambda row: [row[name] for name in (*names, "voice")])
    ]
    return markdown([*heads, "word errors %", "DistillMOS", "DNSMOS"], cells)


def best_of_table(results: Results) -> str:
    """Choices among candidates, the parts of the ensemble, and the cost."""
    parts = [
        _choices(results),
        "Each part of the ensemble alone, with the most candidates:",
        _parts(results),
        "Takes with a planted fault that score below all eight takes without, by the ensemble:",
        _faults(results),
        "Cost, chosen by the ensemble on one thread:",
        _costs(results),
    ]
    return "\n\n".join(parts)


def _choices(results: Results) -> str:
    heads = ["voice", "chosen by", "N", "sentences", "DistillMOS", "change", "DNSMOS", "change"]
    heads += ["word errors %", "change"]
    rows = [
        [
            row["voice"],
            row["chooser"] if row["count"] > 1 else "",
            str(row["count"]),
            str(row["sentences"]),
            *_pair(row, "distillmos"),
            *_pair(row, "dnsmos"),
            *_pair(row, "wer", 100, 1),
        ]
        for row in results["choices"]
        if row["count"] > 1 or row["chooser"] == "ensemble"
    ]
    return markdown(heads, rows)


def _parts(results: Results) -> str:
    last = results["parts"][-1]["voice"]  # all voices, if there are several
    heads = ["part", "change of DistillMOS"]
    found = [row for row in results["parts"] if row["voice"] == last]
    return markdown(heads, [[row["part"], _change(row["change"])] for row in found])


def _faults(results: Results) -> str:
    names = [name for name in next(iter(results["faults"].values())) if name != "planted"]
    rows = [
        [fault, *(f"{row[name]} of {row['planted']}" for name in names)]
        for fault, row in results["faults"].items()
    ]
    return markdown(["fault", *names], rows)


def _costs(results: Results) -> str:
    heads = ["N", "processor time, ms a second of sound", "first sound, ms", "peak memory, MiB"]
    rows = [
        [
            str(row["count"]),
            f"{1000 * row['processor_factor']:.1f}",
            f"{row['first_sound_ms']:.0f}",
            f"{row['peak_mib']:.0f}",
        ]
        for row in results["costs"]
    ]
    return markdown(heads, rows)


def _pair(row: Results, name: str, scale: float = 1, digits: int = 2) -> tuple[str, str]:
    """A figure and its change from the first take, which has none itself."""
    if name not in row:
        return "", ""
    value = f"{scale * row[name]['value']:.{digits}f}"
    changed = row["count"] > 1
    return value, _change(row[f"{name}_change"], scale, digits) if changed else ""


def _figure(estimate: Results, scale: float = 1, digits: int = 2) -> str:
    value, low, high = (f"{scale * estimate[part]:.{digits}f}" for part in ("value", "low", "high"))
    return f"{value} ({low} to {high})"


def _change(estimate: Results, scale: float = 1, digits: int = 2) -> str:
    value, low, high = (scale * estimate[part] for part in ("value", "low", "high"))
    return f"{value:+.{digits}f} ({low:+.{digits}f} to {high:+.{digits}f})"
