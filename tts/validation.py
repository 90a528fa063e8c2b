"""Values checked against the fields of a dataclass: those of parsed JSON, and options as given."""

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
TYPES = {int: "a whole number", float: "a number", bool: "true or false", str: "a text"}


def parse_json(text: str | bytes) -> Any:
    """What JSON says.

    Raises:
        ValueError: it is no JSON, or nested deeper than Python can read.
    """
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:  # of JSON, of UTF-8, of digits or of depth
        raise ValueError(f"expected JSON, not {short_repr(text[:40])}") from error


def from_dict(kind: type[Fields], values: Any) -> Fields:
    """Build a dataclass of plain values from parsed JSON.

    Raises:
        ValueError: it is no object, has a name too many or too few, or a value of another type.
    """
    if not isinstance(values, dict):
        raise ValueError(f"expected the fields of a {kind.__name__}, not {short_repr(values)}")
    known: Any = kind
    types = _types(known)
    if unknown := values.keys() - types.keys():
        raise ValueError(f"{kind.__name__} has no field {short_text(', '.join(sorted(unknown)))}")
    if missing := types.keys() - values.keys():
        raise ValueError(f"{kind.__name__} lacks the field {', '.join(sorted(missing))}")
    return kind(**{name: parse_value(name, types[name], value) for name, value in values.items()})


def parse_value(name: str, kind: Any, value: Any) -> Any:
    """A value of parsed JSON as a field's type has it: lists become tuples, whole numbers floats.

    Raises:
        ValueError: it is of another type.
    """
    return _accepted(name, kind, value, parsed=True)


def coerce_argument(name: str, kind: Any, value: Any) -> Any:
    """An argument of a function as its type has it, checked as `check_types` checks fields.

    Raises:
        ValueError: it is of another type.
    """
    return _accepted(name, kind, value, parsed=False)


def check_types(options: Any) -> None:
    """Check each field of a dataclass by its type, as its `__post_init__` does.

    Numbers of numpy become Python's own and lists become tuples; true and false are no numbers,
    and neither is what is not finite.

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
    """Check that numbers lie within bounds, both included; None is no number.

    Raises:
        ValueError: one does not.
    """
    for name, (low, high) in ranges.items():
        given = getattr(options, name)
        if given is not None and not low <= given <= high:
            raise ValueError(f"{name} must lie between {low} and {high}, not {short_repr(given)}")


@cache
def _types(kind: Any) -> dict[str, Any]:
    """The types of a dataclass's fields, by name."""
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in fields(kind)}


def _accepted(name: str, kind: Any, value: Any, *, parsed: bool) -> Any:
    """A value as a type has it; where it was parsed from JSON, an object is a dataclass."""
    if get_origin(kind) is UnionType:
        if value is None:
            return None
        kind = next(other for other in get_args(kind) if other is not NoneType)
    if kind in SCALARS:
        return _scalars(name, kind, (value,), parsed=parsed)[0]
    if get_origin(kind) is tuple:
        return _tuple(name, get_args(kind), value, parsed=parsed)
    if parsed and is_dataclass(kind):
        return from_dict(kind, value)  # type: ignore[arg-type]
    return _instance(name, kind, value)


def _scalars(name: str, kind: Any, values: Sequence[Any], *, parsed: bool) -> tuple[Any, ...]:
    """Values of one type; there may be thousands of them."""
    found = tuple(map(SCALARS[kind], values))
    for value, known in zip(values, found, strict=True):
        if known is None or (parsed and kind is str and not _is_whole(known)):
            raise ValueError(f"expected {TYPES[kind]} for {name}, not {short_repr(value)}")
    return tuple(map(float, found)) if parsed and kind is float else found


def _tuple(name: str, inner: tuple[Any, ...], value: Any, *, parsed: bool) -> tuple[Any, ...]:
    if isinstance(value, (list, tuple)):
        inner = inner[:1] * len(value) if inner[-1] is Ellipsis else inner
        if len(inner) == len(value) and len(set(inner)) == 1 and inner[0] in SCALARS:
            return _scalars(name, inner[0], value, parsed=parsed)
        if len(inner) == len(value):
            items = zip(inner, value, strict=True)
            return tuple(_accepted(name, each, item, parsed=parsed) for each, item in items)
    raise ValueError(
        f"expected a list, and of the right length, for {name}, not {short_repr(value)}"
    )


def _instance(name: str, kind: Any, value: Any) -> Any:
    """Any other value, if it is of its class."""
    known = get_origin(kind) or kind
    if isinstance(known, type) and not isinstance(value, known):
        article = "an" if known.__name__[0] in "AEIOU" else "a"
        raise ValueError(f"expected {article} {known.__name__} for {name}, not {short_repr(value)}")
    return value


def _whole(value: Any) -> int | None:
    if type(value) is int:
        return value
    if isinstance(value, bool) or not isinstance(value, Integral):
        return None
    return int(value)


def _number(value: Any) -> float | None:
    """A whole number stays as it was given."""
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
    """Half a pair of surrogates has no place in a file or on a screen."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _truth(value: Any) -> bool | None:
    # numpy's own is of no type that the standard library knows
    return bool(value) if type(value).__name__ in ("bool", "bool_") else None


SCALARS: dict[Any, Callable[[Any], Any]] = {int: _whole, float: _number, str: _text, bool: _truth}
