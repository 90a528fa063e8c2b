"""Options of a run that are changed by name, as `--set NAME=VALUE` does."""

import json
from dataclasses import fields, is_dataclass, replace
from typing import Any, get_type_hints

from tts.validation import parse_value


def override(options: Any, path: str, value: Any) -> Any:
    """A copy of the options with one of them changed, at any depth.

    Args:
        options: a frozen dataclass, or a tuple of them.
        path: field names and indices joined by dots, such as `model.decoder.depth` or
            `terms.1.share.end`.
        value: a value of parsed JSON; a list becomes a tuple.

    Returns:
        The changed copy; the options given stay as they are.

    Raises:
        ValueError: there is no such option, or the value is of the wrong type or out of range.

    Example:
        >>> from tts.training.recipes import flow_matching
        >>> override(flow_matching(), "model.encoder.heads", 0).model.encoder.heads
        0
    """
    name, _, rest = path.partition(".")
    if isinstance(options, tuple):
        known = [str(place) for place in range(len(options))]
    else:
        known = [field.name for field in fields(options)] if is_dataclass(options) else []
    if name not in known:
        raise ValueError(f"unknown option {name!r}; options: {', '.join(known) or 'none here'}")
    inner = options[int(name)] if isinstance(options, tuple) else getattr(options, name)
    kind = type(inner) if isinstance(options, tuple) else get_type_hints(type(options))[name]
    if not rest and isinstance(kind, type) and is_dataclass(kind):
        raise ValueError(
            f"{name} has options of its own; set one, such as {name}.{fields(kind)[0].name}=..."
        )
    changed = override(inner, rest, value) if rest else parse_value(name, kind, value)
    if isinstance(options, tuple):
        return (*options[: int(name)], changed, *options[int(name) + 1 :])
    return replace(options, **{name: changed})


def parse_option(text: str) -> tuple[str, Any]:
    """Split `path=value` into its path and its value: parsed JSON if it is JSON, else a string."""
    path, equals, value = text.partition("=")
    if not equals:
        raise ValueError(
            f"an option must be NAME=VALUE, such as model.encoder.heads=0; got {text!r}"
        )
    try:
        return path, json.loads(value)
    except json.JSONDecodeError:
        return path, value
