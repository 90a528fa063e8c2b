"""Renamed public names: the old names work until version 0.3, with a warning."""

import functools
import warnings
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

C = TypeVar("C", bound=type)
P = ParamSpec("P")
R = TypeVar("R")


def warn_renamed(old: str, new: str, stacklevel: int = 3) -> None:
    """Warn that a name was changed.

    A `FutureWarning` is shown by default, once for each line; a `DeprecationWarning` is not.

    Args:
        old: the old name.
        new: the new name.
        stacklevel: frames from here to the code that uses the old name.
    """
    warnings.warn(
        f"{old} is now {new}; the old name works until version 0.3",
        FutureWarning,
        stacklevel=stacklevel,
    )


def renamed_members(**names: str) -> Callable[[C], C]:
    """Decorate a class so that its members have their old names, too, given as `old="new"`."""

    def decorate(cls: C) -> C:
        for old, new in names.items():
            about = f"The old name of `{new}`, until version 0.3."
            setattr(cls, old, property(_member(cls.__name__, old, new), doc=about))
        return cls

    return decorate


def renamed_fields(**names: str) -> Callable[[C], C]:
    """Decorate a dataclass so that its fields have their old names, too, given as `old="new"`.

    The old names work as attributes, as arguments, and in `dataclasses.replace`.
    """

    def decorate(cls: C) -> C:
        initialise = renamed_arguments(**names)(cls.__init__)  # type: ignore[misc]
        setattr(cls, "__init__", initialise)  # noqa: B010
        return renamed_members(**names)(cls)

    return decorate


def moved_arguments(**places: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Decorate a function so that it takes arguments that moved elsewhere, given as `old="place"`.

    They have no effect but a warning that names the place.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(function)
        def call(*args: P.args, **given: P.kwargs) -> R:
            for old in places.keys() & given.keys():
                warnings.warn(
                    f"{function.__name__}({old}=...) has no effect; use {places[old]}",
                    FutureWarning,
                    stacklevel=2,
                )
                del given[old]
            return function(*args, **given)

        return call

    return decorate


def _member(cls: str, old: str, new: str) -> Callable[[Any], Any]:
    def get(self: Any) -> Any:
        warn_renamed(f"{cls}.{old}", f"{cls}.{new}")
        return getattr(self, new)

    return get


def renamed_arguments(**names: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Decorate a function so that its arguments have their old names, too, given as `old="new"`."""

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        name = function.__qualname__.removesuffix(".__init__").rpartition(".")[2]

        @functools.wraps(function)
        def call(*args: P.args, **given: P.kwargs) -> R:
            for old in names.keys() & given.keys():
                warn_renamed(f"{name}({old}=...)", f"{names[old]}=...")
                given[names[old]] = given.pop(old)
            return function(*args, **given)

        return call

    return decorate
