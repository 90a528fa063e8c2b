"""The arithmetic of the comparison of steered with plain speech."""

import pytest

from benchmarks.steering import MEASURES, PLAIN, cells, heads


def row(system, line, **found):
    usual = dict.fromkeys(MEASURES, 1.0)
    about = {"system": system, "id": line, "words": 10, "word_errors": 0, "real_time_factor": 0.5}
    return {**usual, **about, **found}


ROWS = [
    row(PLAIN, "a", brightness=-5.0, word_errors=1),
    row(PLAIN, "b", brightness=-3.0, words=30),
    row("brighter", "a", brightness=-2.0),
    row("brighter", "b", brightness=-2.0, words=30, word_errors=2, real_time_factor=1.5),
]


def test_a_row_has_the_figures_of_plain_speech_and_the_changes_of_others():
    plain, brighter = (
        dict(zip(heads(2), cells, strict=True)) for cells in cells(ROWS, [PLAIN, "brighter"])
    )
    assert plain["brightness, dB"] == "-4.00"
    assert plain["WER, points"] == "2.5"
    assert brighter["brightness, dB"] == "+2.00 (+1.00 to +3.00)"
    assert brighter["WER, points"].startswith("+2.5 (-10.0 to +6.7)")
    assert brighter["DistillMOS"].startswith("+0.00 ")
    assert float(brighter["processor s/s"]) == pytest.approx(1)
