"""Rows of a comparison from its ledgers, and their way into the documentation."""

import json

import pytest
from tts.training.compare.summary import Trial, summarise_trials, trained_rows
from tts.training.compare.table import HEADS, caption, table


def measured(value, count=4):
    figure = {"value": value, "low": value - 0.1, "high": value + 0.1}
    clips = figure | {"clips": [value + 0.01 * clip for clip in range(count)]}
    return {"deviation": figure, "solution": clips, "recorded": clips, "energy": clips}


LEDGER = {
    "train/a/0": {"updates": 10, "minutes": 1.0, "forward_passes": 90.0},
    "train/a/1": {"updates": 20, "minutes": 3.0, "forward_passes": 180.0},
    "train/b/0": {"failed": "step 3: mel/b not finite; see clips x", "updates": 3},
    "train/c/0": {"updates": 15, "minutes": 1.0, "forward_passes": 45.0},
    "measure/a/0/1/1/held out": measured(0.5),
    "measure/a/1/1/1/held out": measured(0.7),
    "measure/c/0/1/1/held out": measured(0.8),
    "measure/c/0/1/1/training": measured(0.75),
    "measure/c/0/1/0.5/held out": measured(0.9),
    "measure/teacher/32/1/held out": measured(0.4),
}
SPOKEN = {
    f"speech/{name}/1/{line}": {"words": 4, "word_errors": errors, "distillmos": score}
    for name, line, errors, score in [
        ("a/0", "x", 0, 4.0),
        ("a/1", "x", 2, 3.0),
        ("a/0", "y", 1, 3.5),
        ("c/0", "x", 1, 3.0),
    ]
}
TRIALS = [
    Trial("teacher", 32, seeded=False),
    *(Trial(name, 1) for name in "abc"),
    Trial("c", 1, 0.5),
]


@pytest.fixture
def results():
    return {
        "subject": {"updates": 1200, "clips": 4},
        "teacher": "teacher",
        "reference": "a",
        "training": trained_rows(LEDGER, "abc", 2),
        "rows": summarise_trials(LEDGER, SPOKEN, TRIALS, 2, "a"),
    }


def row(results, name, share=1.0):
    (found,) = [r for r in results["rows"] if (r["objective"], r["share"]) == (name, share)]
    return found


def test_figures_are_means_over_seeds_with_an_interval_over_clips(results):
    energy = row(results, "a")["held out"]["energy"]
    assert energy["value"] == pytest.approx(0.6 + 0.015)
    assert energy["seeds"] == [0.5, 0.7]
    assert 0.6 <= energy["low"] < energy["high"] <= 0.63


def test_differences_are_paired(results):
    difference = row(results, "c")["difference"]
    assert difference["energy"] == {name: pytest.approx(0.2) for name in ("value", "low", "high")}
    assert difference["distillmos"]["value"] == pytest.approx(3.0 - 3.5)
    assert difference["wer"]["value"] == pytest.approx((1 - 1) / 4)
    assert "difference" not in row(results, "a")
    assert "difference" not in row(results, "c", 0.5)


def test_speech_counts_each_sentence_once(results):
    speech = row(results, "a")["speech"]
    assert speech["sentences"] == 2
    assert speech["wer"]["value"] == pytest.approx((1 + 1) / (4 + 4))
    assert speech["distillmos"]["value"] == pytest.approx(3.5)
    assert "speech" not in row(results, "c", 0.5)


def test_training_is_told_of_each_objective(results):
    assert results["training"]["a"] == {
        "seeds": 2, "failed": 0, "updates": 15, "minutes": 2, "forward_passes": 135,
    }  # fmt: skip
    assert results["training"]["b"]["reason"].endswith("see clips x")


def test_the_table_has_the_best_first_and_the_failed_last(results):
    head, _, *lines = table(results).splitlines()
    heads = [cell.strip() for cell in head.split("|")[1:-1]]
    assert heads == [*HEADS[:-1], "DistillMOS above a"]
    assert [cell.strip() for cell in lines[2].split("|")][-2] == "-0.50 ± 0.00"
    assert [line.split("|")[1].strip() for line in lines] == [
        "teacher, 32 midpoint steps", "a", "c", "b",
    ]  # fmt: skip
    assert "failed: step 3: mel/b not finite" in lines[-1]


def test_the_caption_says_how_much_was_done(results):
    found = caption(results)
    assert "compute of 1,200 updates of flow matching" in found
    assert found.endswith("4 clips of each set, 2 sentences, 0 to 2 seeds.")


def test_a_command_puts_results_into_the_documentation(results, tmp_path):
    pytest.importorskip("matplotlib")
    from benchmarks.objectives.__main__ import BEGIN, END, main

    (tmp_path / "results.json").write_text(json.dumps(results))
    page, plots = tmp_path / "page.md", tmp_path / "plots"
    page.write_text(f"before\n\n{BEGIN}old\n{END}\nafter\n")
    plots.mkdir()
    for _ in range(2):
        main(tmp_path, tmp_path / "objectives.json", page, plots)
    text = page.read_text()
    assert text == f"before\n\n{BEGIN}\n{caption(results)}\n\n{table(results)}\n\n{END}\nafter\n"
    assert json.loads((tmp_path / "objectives.json").read_text()) == results
    assert "<svg" in (plots / "objectives.svg").read_text()


def test_a_page_without_a_place_for_the_table_is_refused(results, tmp_path):
    from benchmarks.objectives.__main__ import with_table

    with pytest.raises(ValueError, match="no place for the table"):
        with_table("text", results)
