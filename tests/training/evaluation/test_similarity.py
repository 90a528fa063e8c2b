"""Similarities by hand, of embeddings in two dimensions."""

import numpy as np
import pytest
from tts.training.evaluation.similarity import Similarity
from tts.training.evaluation.texts import EvaluationText


def at(degrees):
    return np.array([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))], dtype=np.float32)


VOICES = Similarity({"heart": {"a": at(0), "b": at(30), "c": at(90)}, "sky": {"a": at(120)}})


def test_a_line_is_compared_with_recordings_of_other_lines():
    """With b and c, whose mean lies at 60 degrees, and apart from them with its own."""
    line = EvaluationText(id="a", kind="recorded", text="Oh.", voice="heart")
    found = VOICES.score(at(15), line)
    assert found["similarity"] == pytest.approx(np.cos(np.radians(45)), rel=1e-5)
    assert found["similarity_to_recording"] == pytest.approx(np.cos(np.radians(15)), rel=1e-5)
    alone = EvaluationText(id="a", kind="recorded", text="Oh.", voice="sky")
    assert VOICES.score(at(120), alone) == {"similarity_to_recording": pytest.approx(1)}
    assert VOICES.score(at(0), EvaluationText(id="a", kind="x", text="Oh.", voice="echo")) == {}


def test_a_recording_is_not_compared_with_itself():
    bounds = VOICES.bounds("heart")
    pairs = np.cos(np.radians([30, 90, 60]))
    assert bounds.recording == pytest.approx(pairs.mean(), rel=1e-5)
    rest = np.cos(np.radians([60, 45 - 30, 90 - 15]))
    assert bounds.voice == pytest.approx(rest.mean(), rel=1e-5)
    assert bounds.nearest == "sky"
    others = np.cos(np.radians([120, 90, 30]))
    assert bounds.nearest_voice == pytest.approx(others.mean(), rel=1e-5)
