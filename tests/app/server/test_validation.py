"""Validation errors as messages."""

import pytest
from pydantic import ValidationError
from tts.app.server.routes.speech import OpenAISpeechRequest
from tts.app.server.validation import explain_invalid


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("speed", 5, "speed must be from 0.25 to 4, got 5"),
        ("speed", float("nan"), "speed must be a number, got nan"),
        ("seed", -1, "seed must be from 0 to 2**63 - 1, got -1"),
        ("pitch", 13, "pitch must be from -12 to 12, got 13"),
        ("speed", 0.2, "speed must be from 0.25 to 4, got 0.2"),
        ("speed", "fast", "speed must be a number, got 'fast'"),
        ("speed", [1], "speed must be a number, got '[1]'"),
        ("pitch", float("inf"), "pitch must be a number, got inf"),
        ("steps", 1.5, "steps must be a whole number, got 1.5"),
        ("steps", "many", "steps must be a whole number, got 'many'"),
        ("steps", {}, "steps must be a whole number, got '{}'"),
        ("day_first", "maybe", "day_first must be true or false, got 'maybe'"),
        ("day_first", {}, "day_first must be true or false, got '{}'"),
        ("input", True, "input must be text, got 'True'"),
        ("emoji", "sing", "emoji must be one of drop, say; got 'sing'"),
        ("lexicon", "cat", "lexicon must be an object, got 'cat'"),
        ("lexicon", dict.fromkeys(map(str, range(201)), "x"), "lexicon may have at most 200 words, "
         "got 201"),
        ("model", "x" * 201, "model must be at most 200 characters long, got 201"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_explained_with_its_field(field, value, message):
    with pytest.raises(ValidationError) as refused:
        OpenAISpeechRequest.model_validate({"input": "Hello.", field: value})
    first = refused.value.errors()[0]
    assert explain_invalid(field, first) == message


def test_a_missing_field_is_named():
    with pytest.raises(ValidationError) as refused:
        OpenAISpeechRequest.model_validate({})
    assert explain_invalid("input", refused.value.errors()[0]) == "input is missing"
