"""The arithmetic of the comparison of precisions."""

import pytest

from benchmarks.precision import FLOAT32, cells, page, paired


def row(system, line, **found):
    return {"system": system, "voice": "heart", "id": line, **found}


ROWS = [
    *(row(FLOAT32, line, distillmos=4.0, dnsmos=3.0) for line in "abc"),
    row("int8 both", "a", distillmos=4.2, dnsmos=3.0),
    row("int8 both", "b", distillmos=4.0, dnsmos=3.0),
    row(FLOAT32, "a", word_errors=0.0, words=10),
    row("int8 both", "a", word_errors=2.0, words=10),
    row("int8 both", "z", distillmos=1.0, dnsmos=1.0),  # without its pair
]


def test_lines_are_compared_with_themselves():
    assert paired(ROWS, "int8 both", "distillmos") == [(4.0, 4.2, 1), (4.0, 4.0, 1)]
    assert paired(ROWS, "int8 both", "word_errors") == [(0.0, 2.0, 10)]


def test_a_row_has_figures_and_their_changes():
    plain, rounded = cells(ROWS)
    assert plain[:4] == [FLOAT32, "3", "4.000", "+0.000 (+0.000 to +0.000)"]
    assert rounded[:3] == ["int8 both", "2", "4.100"]
    assert rounded[3].startswith("+0.100 (")
    assert rounded[-2] == "20.00"
    assert float(rounded[-1].partition(" ")[0]) == pytest.approx(20)
    assert page(ROWS).count("\n") == 3
