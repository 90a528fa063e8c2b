"""Checks of values against the types and ranges of a dataclass's fields."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from math import isfinite
from numbers import Integral, Real
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from tts.error_messages import short_repr, short_text

Fields = TypeVar("Fields")
TYPES = {int: "a whole number", float: "a number", bool: "true or false", str: "text"}


def parse_json(text: str | bytes) -> Any:
    """Parse JSON.

    Raises:
        ValueError: it is not JSON, or nested deeper than Python can read.
    """
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:  # of JSON, of UTF-8, of digits or of depth
        raise ValueError(f"expected JSON, got {short_repr(text[:40])}") from error


def from_dict(kind: type[Fields], values: Any) -> Fields:
    """Build a dataclass of plain values from parsed JSON.

    Raises:
        ValueError: the JSON is not an object, a field is unknown or missing, or a value is of
            another type.
    """
    if not isinstance(values, dict):
        raise ValueError(f"expected the fields of {_article(kind)}, got {short_repr(values)}")
    known: Any = kind
    types = _types(known)
    if unknown := values.keys() - types.keys():
        raise ValueError(f"{kind.__name__} has no field {short_text(', '.join(sorted(unknown)))}")
    if missing := types.keys() - values.keys():
        raise ValueError(f"{kind.__name__} needs the field {', '.join(sorted(missing))}")
    return kind(**{name: parse_value(name, types[name], value) for name, value in values.items()})


def parse_value(name: str, kind: Any, value: Any) -> Any:
    """Convert a value of parsed JSON to a field's type: lists to tuples, whole numbers to floats.

    Raises:
        ValueError: the value is of another type.
    """
    return _accepted(name, kind, value, parsed=True)


def coerce_argument(name: str, kind: Any, value: Any) -> Any:
    """Convert an argument of a function to its type, as `check_types` does with fields.

    Raises:
        ValueError: the value is of another type.
    """
    return _accepted(name, kind, value, parsed=False)


def check_types(options: Any) -> None:
    """Check each field of a dataclass by its type, as its `__post_init__` does.

    Numbers of numpy become Python's own, and lists become tuples. True, false, infinity and nan
    are not accepted as numbers.

    Raises:
        ValueError: a value is of another type.
    """
    known: Any = type(options)
    for name, kind in _types(known).items():
        given = getattr(options, name)
        found = coerce_argument(name, kind, given)
        if found is not given:
            object.__setattr__(options, name, found)


def check_ranges(options: Any, ranges: Mapping[str, tuple[float, float]]) -> None:
    """Check that the numbers of a dataclass are within bounds, both included; None passes.

    Raises:
        ValueError: a number is out of its range.
    """
    for name, (low, high) in ranges.items():
        given = getattr(options, name)
        if given is not None and not low <= given <= high:
            raise ValueError(f"{name} must be from {low} to {high}, got {short_repr(given)}")


@cache
def _types(kind: Any) -> dict[str, Any]:
    """The types of a dataclass's fields, by name."""
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in fields(kind)}


def _accepted(name: str, kind: Any, value: Any, *, parsed: bool) -> Any:
    """Convert a value to a type; in parsed JSON an object becomes a dataclass."""
    if get_origin(kind) is UnionType:
        if value is None and NoneType in get_args(kind):
            return None
        kind = _member(kind, value, parsed=parsed)
    if kind in SCALARS:
        return _scalars(name, kind, (value,), parsed=parsed)[0]
    if get_origin(kind) is tuple:
        return _tuple(name, get_args(kind), value, parsed=parsed)
    if parsed and is_dataclass(kind):
        return from_dict(kind, value)  # type: ignore[arg-type]
    return _instance(name, kind, value)


def _member(kind: Any, value: Any, *, parsed: bool) -> Any:
    """The type of a union that a value is checked by: the first, or that of functions."""
    first, *others = (other for other in get_args(kind) if other is not NoneType)
    functions = [other for other in others if get_origin(other) is Callable]
    return functions[0] if functions and callable(value) and not parsed else first


def _scalars(name: str, kind: Any, values: Sequence[Any], *, parsed: bool) -> tuple[Any, ...]:
    """Convert values of one type in one go; there may be thousands of them."""
    found = tuple(map(SCALARS[kind], values))
    for value, known in zip(values, found, strict=True):
        if known is None or (parsed and kind is str and not _is_whole(known)):
            raise ValueError(f"{name} must be {TYPES[kind]}, got {short_repr(value)}")
    return tuple(map(float, found)) if parsed and kind is float else found


def _tuple(name: str, inner: tuple[Any, ...], value: Any, *, parsed: bool) -> tuple[Any, ...]:
    if isinstance(value, (list, tuple)):
        inner = inner[:1] * len(value) if inner[-1] is Ellipsis else inner
        if len(inner) == len(value) and len(set(inner)) == 1 and inner[0] in SCALARS:
            return _scalars(name, inner[0], value, parsed=parsed)
        if len(inner) == len(value):
            items = zip(inner, value, strict=True)
            return tuple(_accepted(name, each, item, parsed=parsed) for each, item in items)
    raise ValueError(f"{name} must be {_describe_list(inner)}, got {short_repr(value)}")


def _describe_list(inner: tuple[Any, ...]) -> str:
    return "a list" if inner[-1] is Ellipsis else f"a list of {len(inner)} values"


def _instance(name: str, kind: Any, value: Any) -> Any:
    """Check a value of any other class."""
    known = get_origin(kind) or kind
    if isinstance(known, type) and not isinstance(value, known):
        raise ValueError(f"{name} must be {_article(known)}, got {short_repr(value)}")
    return value


def _article(kind: type) -> str:
    """The name of a class with its article."""
    return f"{'an' if kind.__name__[0] in 'AEIOU' else 'a'} {kind.__name__}"


def _whole(value: Any) -> int | None:
    if type(value) is int:
        return value
    if isinstance(value, bool) or not isinstance(value, Integral):
        return None
    return int(value)


def _number(value: Any) -> float | None:
    """A finite number; a whole number stays an `int`."""
    if type(value) is float:
        return value if isfinite(value) else None
    if isinstance(value, bool) or not isinstance(value, Real):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    if not isfinite(number):
        return None
    return int(value) if isinstance(value, int) else number


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _is_whole(text: str) -> bool:
    """Whether a text has no lone surrogate, which could not be written or displayed."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _truth(value: Any) -> bool | None:
    # numpy's bool is registered with no abstract class of the standard library
    return bool(value) if type(value).__name__ in ("bool", "bool_") else None


SCALARS: dict[Any, Callable[[Any], Any]] = {int: _whole, float: _number, str: _text, bool: _truth}
