"""Pydantic's validation errors as messages: `speed must be from 0.25 to 4, got 5`."""

from collections.abc import Mapping
from typing import Any

from tts.delivery import DELIVERY_FIELDS, MAX_SEED
from tts.error_messages import excerpt, quoted

NUMBER_NAMES = {"pace": "speed"}  # fields of Delivery that OpenAI's API names differently
RANGES = {NUMBER_NAMES.get(name, name): (n.low, n.high) for name, n in DELIVERY_FIELDS.items()}

WHOLE, NUMBER, TEXT = "must be a whole number", "must be a number", "must be text"
TRUTH, OBJECT = "must be true or false", "must be an object"
# By pydantic's type of error; the names in braces are of its context
RULES: Mapping[str, str] = {
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "finite_number": NUMBER,
    "int_type": WHOLE,
    "int_parsing": WHOLE,
    "int_parsing_size": WHOLE,
    "int_from_float": WHOLE,
    "float_type": NUMBER,
    "float_parsing": NUMBER,
    "string_type": TEXT,
    "string_unicode": "must be text in valid Unicode",
    "bool_type": TRUTH,
    "bool_parsing": TRUTH,
    "dict_type": OBJECT,
    "model_type": OBJECT,
    "model_attributes_type": OBJECT,
}


def explain_invalid(name: str, error: Mapping[str, Any]) -> str:
    """The message of a validation error.

    Args:
        name: the field that is wrong.
        error: one of the `errors()` of pydantic.
    """
    kind, context, given = error["type"], error.get("ctx", {}), error["input"]
    if kind == "missing":
        return f"{name} is missing"
    if kind == "extra_forbidden":
        return f"unknown field {quoted(name)}"
    if kind == "value_error":  # of a validator of our own
        return str(context["error"])
    if kind == "literal_error":
        choices = context["expected"].replace("'", "").replace(" or ", ", ")
        return f"{name} must be one of {choices}; got {_given(given)}"
    if kind == "string_too_long":
        most = context["max_length"]
        return f"{name} must be at most {most} characters long, got {len(given)}"
    if kind in ("greater_than_equal", "less_than_equal") and name in RANGES:
        low, high = RANGES[name]
        most = "2**63 - 1" if high == MAX_SEED else high
        return f"{name} must be from {low} to {most}, got {_given(given)}"
    rule = RULES.get(kind) or error["msg"].replace("Input should", "must")
    bounds = {bound: _plain(value) for bound, value in context.items()}
    return f"{name} {rule.format_map(bounds)}, got {_given(given)}"


def _plain(value: object) -> object:
    """4 for 4.0, as a range is written."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _given(value: object) -> str:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return excerpt(value) if is_number else quoted(value)
