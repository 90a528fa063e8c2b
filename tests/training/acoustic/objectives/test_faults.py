"""The list of planted faults fits the formulas as they are."""

from pathlib import Path

import pytest
from tts.training.acoustic import objectives

from benchmarks.objectives import faults
from benchmarks.objectives.document import replace_part
from benchmarks.objectives.fault_list import FAULTS, Fault
from tests.training.acoustic.objectives.curved import curved_draw, exact
from tts.acoustic.flow import FlowMap

PACKAGE = Path(objectives.__file__).parent


def test_every_fault_can_be_planted():
    for fault in FAULTS:
        source = (PACKAGE / f"{fault.module}.py").read_text(encoding="utf-8")
        assert source.count(fault.old) == 1, fault
        compile(source.replace(fault.old, fault.new), fault.module, "exec")


def test_every_formula_has_a_fault():
    assert {fault.formula for fault in FAULTS} == {"", *objectives.OBJECTIVES}


def residual():
    flow = FlowMap(exact)
    return objectives.OBJECTIVES["mean_flow"].formula(flow, flow, curved_draw()).abs().max()


@pytest.mark.parametrize("kind", ["sign", "tangent off by 1 %"])
def test_a_fault_is_there_while_it_is_planted(kind):
    fault = next(
        fault for fault in FAULTS
        if fault.kind == kind and (fault.formula == "mean_flow" or "1.01 * velocity" in fault.new)
    )  # fmt: skip
    with faults.planted(fault):
        assert residual() > 1e-4
    assert residual() < 1e-12


def test_a_fault_that_fits_nowhere_is_refused():
    nowhere = Fault("diagonal", "boundary", "sign", "no such text", "")
    match = r"must stand in diagonal\.py exactly once"
    with pytest.raises(ValueError, match=match), faults.planted(nowhere):
        pass


def test_the_table_tells_kinds_and_tests(tmp_path):
    row = {"module": "semigroup", "formula": "shortcut", "kind": "sign"}
    rows = [row | {"noticed by": "test_a.py::test_b[shortcut]"}] * 2
    rows.append(row | {"kind": "number", "noticed by": None})
    page = tmp_path / "page.md"
    page.write_text("a\n<!-- faults -->\nold\n<!-- end of faults -->\nb\n")
    replace_part(page, "faults", faults.table(rows))
    assert page.read_text().splitlines()[4] == "| `shortcut` | sign (2), number | `test_b`, none |"
    assert "old" not in page.read_text()
