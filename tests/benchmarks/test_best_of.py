"""Summaries and tables of choices among candidates."""

import pytest
from tts.training.release.choice_tables import best_of_table

from benchmarks.best_of_summary import choose, summarise
from tts.best_of.ensemble import PARTS


def row(voice, misfits, opinions, heard):
    rest = dict.fromkeys(set(PARTS) - {"misfit"}, 0.0)
    parts = [{"misfit": misfit, **rest} for misfit in misfits]
    return {
        "voice": voice,
        "parts": parts,
        "distillmos": opinions,
        "faults": {"burst": {**parts[0], "bursts": -9.0}, "quiet": parts[0]},
        "heard": {
            str(index): {"words": 10, "word_errors": errors, "dnsmos": 3.0 + errors}
            for index, errors in heard.items()
        },
    }


ROWS = [
    row("heart", [0.0, 1.0, -2.0], [4.0, 4.2, 4.1], {0: 2, 1: 1}),
    row("michael", [1.0, 0.0, 2.0], [3.0, 3.5, 3.1], {0: 0, 1: 0, 2: 2}),
]


def test_a_chooser_keeps_the_highest_of_the_first_candidates():
    assert [choose(ROWS[1], "ensemble", count) for count in (1, 2, 3)] == [0, 0, 2]
    assert [choose(ROWS[1], "distillmos", count) for count in (1, 3)] == [0, 1]
    assert choose(ROWS[0], "misfit", 3) == 1


def test_changes_are_paired_with_the_first_take():
    found = summarise(ROWS, (1, 3))
    figures = {(row["voice"], row["chooser"], row["count"]): row for row in found["choices"]}
    assert len(figures) == 12
    both = figures["all", "ensemble", 3]
    assert both["distillmos"]["value"] == pytest.approx((4.2 + 3.1) / 2)
    assert both["distillmos_change"]["value"] == pytest.approx((0.2 + 0.1) / 2)
    assert both["wer"]["value"] == pytest.approx(3 / 20)
    assert both["wer_change"]["value"] == pytest.approx(1 / 20)
    assert both["dnsmos_change"]["value"] == pytest.approx(0.5)
    changes = {(row["voice"], row["part"]): row["change"]["value"] for row in found["parts"]}
    assert changes["all", "misfit"] == pytest.approx(0.15)
    assert changes["all", "clipping"] == 0


def test_what_was_not_heard_has_no_figures():
    (figures,) = (
        one
        for one in summarise([{**ROWS[0], "heard": {}}], (3,))["choices"]
        if one["chooser"] == "ensemble"
    )
    assert {"wer", "dnsmos"}.isdisjoint(figures)
    assert figures["distillmos"]["value"] == 4.2


def test_faults_count_where_they_score_below_all_takes():
    faults = summarise(ROWS, (3,))["faults"]
    assert faults["burst"] == {
        "planted": 2,
        "ensemble": 2,
        **dict.fromkeys(PARTS, 0),
        "bursts": 2,
    }
    assert faults["quiet"]["ensemble"] == 0


def test_the_table_has_choices_parts_faults_and_costs():
    costs = [{"count": 3, "processor_factor": 0.021, "first_sound_ms": 80.4, "peak_mib": 230.2}]
    page = best_of_table({**summarise(ROWS, (1, 3)), "costs": costs})
    lines = [[cell.strip() for cell in line.split("|")[1:-1]] for line in page.splitlines()]
    assert ["3", "21.0", "80", "230"] in lines
    assert any(line[:4] == ["all", "ensemble", "3", "2"] for line in lines)
    assert any(line[:2] == ["burst", "2 of 2"] for line in lines)
