"""Figures of the report on forced alignment."""

from random import Random

import numpy as np
import pytest
from tts.training.evaluation.alignment.faults import FAULTS, area_under_roc, wrong_transcripts
from tts.training.evaluation.alignment.report import errors, page, starts

FRAME_MS = 1000 * 256 / 24_000


def test_starts_and_errors_are_in_milliseconds():
    found, truth = starts(np.array([3, 0, 2, 5])), starts(np.array([2, 0, 3, 5]))
    np.testing.assert_allclose(found, np.array([0, 3, 3, 5]) * FRAME_MS)
    figures = errors(found - truth)
    assert figures["median"] == pytest.approx(FRAME_MS / 2)
    assert figures["bias"] == pytest.approx(FRAME_MS / 2)
    assert figures["within"] == {"20": 1.0, "50": 1.0}


def test_every_fault_is_another_text():
    text = "Printing is an art."
    made = wrong_transcripts(text, "Another text.", Random(0))
    assert tuple(made) == FAULTS
    assert len({*made.values(), text}) == len(FAULTS) + 1
    assert len(made[FAULTS[0]].split()) == 3
    assert sorted(made[FAULTS[1]].split()) == sorted(text.split())
    assert len(made[FAULTS[2]].split()) == 5


def test_area_under_roc():
    assert area_under_roc([1, 2], [3, 4]) == 1
    assert area_under_roc([3, 4], [1, 2]) == 0
    assert area_under_roc([1, 1], [1, 1]) == 0.5


def test_the_page_has_a_row_for_each_kind():
    figures = {"count": 9, "median": 10.0, "bias": -1.0, "within": {"20": 0.9, "50": 0.99}}
    row = {"voice": "anna", "start": "heart", "seconds": 0.05, "phones": figures}
    row |= {"words": figures, "sphinx": None, "roc": {name: [0.9, 0.8] for name in FAULTS}}
    table = page([row])
    assert table.count("| anna") == 3
    assert "90.0" in table
    assert "0.90 / 0.80" in table
