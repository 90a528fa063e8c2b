"""Figures of systems by hand, from lines in any order that not every system spoke."""

import pytest
from tts.training.evaluation.summary import READER, summarise


def row(system, id, errors, words, voice="heart"):
    about = {"kind": "sentence", "system": system, "voice": voice, "id": id}
    counts = {"word_errors": errors, "words": words, "character_errors": 0, "characters": 5}
    return {**about, **counts, "distillmos": 4.0 - errors / 10}


def test_a_system_is_compared_on_the_lines_that_both_spoke():
    ours = [row("1 step", "a", 2, 10), row("1 step", "b", 0, 30), row("1 step", "c", 9, 10)]
    theirs = [row("32 steps", "b", 1, 30), row("32 steps", "a", 0, 10), row("32 steps", "d", 7, 9)]
    others = [row("32 steps", "c", 0, 10, voice="michael"), row(READER, "c", 1, 10)]
    found = summarise([*ours, *theirs, *others], "32 steps")[0]
    assert found["wer"]["value"] == pytest.approx(11 / 50)
    assert found["wer_above"]["value"] == pytest.approx((2 - 1) / 40)
    assert found["distillmos_below"]["value"] == pytest.approx((0.2 - 0.1) / 2)
    assert found["wer_above_reader"]["value"] == pytest.approx((9 - 1) / 10)
