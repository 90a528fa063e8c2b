"""Checks of the terms and the guidance of a run: what its networks could not learn is refused."""

from collections.abc import Sequence
from math import inf

from .guidance import Guidance
from .objectives import OBJECTIVES
from .terms import Term

REGRESSION = "regression"  # the objective of a map without noise


def check_shares(name: str, terms: Sequence[Term]) -> None:
    """Refuse terms that leave a batch to no one at some progress of the run.

    Args:
        name: of the run.
        terms: of the run.

    Raises:
        ValueError: there are no terms, or their shares are all 0 at once.
    """
    if not terms:
        raise ValueError(f"run {name} must have at least one term")
    # shares are linear between these, so they are all 0 at one of them or never
    turns = {0.0, 1.0} | {at for term in terms for at in (term.share.since, term.share.until)}
    for progress in sorted(turns):
        if not any(term.share.at(progress) for term in terms):
            raise ValueError(
                f"all terms of run {name} have a share of 0 at progress {progress:g}; give one of "
                "them more"
            )


def check_diagonal(name: str, terms: Sequence[Term]) -> None:
    """Refuse terms that are also solved by a wrong flow map.

    Args:
        name: of the run.
        terms: of the run.

    Raises:
        ValueError: no term holds the diagonal, u(x, t, t), or an objective lacks the one that it
            needs beside it.
    """
    terms = [term for term in terms if term.takes_part]
    if not any(term.holds_the_diagonal for term in terms):
        names = ", ".join(f"{term.objective} with teacher {term.teacher}" for term in terms)
        raise ValueError(
            f"run {name} must have a term of flow_matching or boundary; without one its flow maps "
            f"collapse, as {names} does not hold their diagonal"
        )
    named = [term.objective for term in terms]
    for objective in named:
        if (needed := OBJECTIVES[objective].beside) and needed not in named:
            raise ValueError(
                f"{objective} of run {name} needs a term of {needed} beside it; without one it is "
                "also solved by a map that moves nothing backward"
            )


def check_velocity_head(name: str, terms: Sequence[Term]) -> None:
    """Refuse a head for the velocity that nothing trains, or that leaves u(x, t, t) untrained.

    Args:
        name: of the run.
        terms: of the run.

    Raises:
        ValueError: no term trains the head, or none the jumps of no length.
    """
    objectives = [(OBJECTIVES[term.objective], term.teacher) for term in terms if term.takes_part]
    if not any(objective.diagonal for objective, _ in objectives):
        raise ValueError(
            f"run {name} has a head for the velocity that no term trains; add a term of "
            "flow_matching or boundary, or set velocity_head to false"
        )
    if not any(teacher in each.alone for each, teacher in objectives if not each.diagonal):
        raise ValueError(
            f"terms of flow_matching and boundary train the head of run {name}, not the jumps of "
            "no length; add an objective that holds them alone, such as mean_flow with teacher "
            "path, or set velocity_head to false"
        )


def check_guidance(name: str, guidance: Guidance, scale: float, maps: Sequence[str]) -> None:
    """Refuse a scale that guidance cannot have, and maps that cannot read it.

    Args:
        name: of the run.
        guidance: its options.
        scale: of the run.
        maps: that it trains.

    Raises:
        ValueError: the scale is out of range, or guidance is an input of a map that has none.
    """
    highest = guidance.highest
    if not 1 <= scale <= (highest or inf):
        known = "at least 1" if highest is None else f"from 1 to guided.highest, {highest:g}"
        raise ValueError(f"guidance of run {name} must be {known}; got {scale}")
    if highest is not None and tuple(maps) != ("mel",):
        raise ValueError(
            f"guidance is an input of the mel map alone, and run {name} has the maps "
            f"{', '.join(maps)}; set maps to mel, or guided.highest to null"
        )


def check_self_guidance(name: str, terms: Sequence[Term], unconditional: float) -> None:
    """Refuse terms that cannot be guided by the student itself.

    Args:
        name: of the run.
        terms: of the run; those with the teacher `guided` count.
        unconditional: probability that an item loses its conditions.

    Raises:
        ValueError: the map without conditions is not trained, or a term cannot have the velocity
            of the path, which is a part of the guided one.
    """
    guided = [term for term in terms if term.teacher == "guided"]
    if guided and not unconditional:
        raise ValueError(
            f"run {name} is guided by its own map without conditions, but does not train it; set "
            "unconditional to a share such as 0.1"
        )
    for term in guided:
        if reason := OBJECTIVES[term.objective].refusals.get("path"):
            raise ValueError(
                f"{term.objective} of run {name} cannot be guided by the student, whose guided "
                f"velocity has that of the path in it: {reason}; set guided.source to frozen"
            )


def check_critics(name: str, terms: Sequence[Term], *, alone: bool) -> None:
    """Refuse discriminators of anything but a regression of the mel map.

    Args:
        name: of the run.
        terms: of the run.
        alone: whether the mel map is trained alone.

    Raises:
        ValueError: a term is another objective, or the mel map is not trained alone.
    """
    if not alone or any(term.objective != REGRESSION for term in terms):
        raise ValueError(
            f"run {name} has critics, so its terms must be {REGRESSION}, its maps must be mel, and "
            "freeze_encoder must be true; change these, or set critic_channels to 0"
        )
