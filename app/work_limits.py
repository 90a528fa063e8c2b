"""How much work a request may ask for: its steps, and its candidates of each sentence."""

from typing import Protocol, runtime_checkable

from tts.error_messages import excerpt


@runtime_checkable
class WorkLimits(Protocol):
    """Limits of a server; more work takes longer, and others wait."""

    @property
    def steps(self) -> int:
        """Most steps of a request, counted over all candidates of a sentence."""

    @property
    def best_of(self) -> int:
        """Most candidates of a sentence."""


def find_excess(steps: int, best_of: int, limits: WorkLimits) -> tuple[str, str] | None:
    """What is wrong with the work that a request asks for.

    Args:
        steps: of each candidate.
        best_of: candidates of each sentence.
        limits: of the server.

    Returns:
        The field that is out of its range, and a sentence; None if nothing is.
    """
    if not 1 <= steps <= limits.steps:
        return "steps", f"steps must be from 1 to {limits.steps}, got {excerpt(steps)}"
    if not 1 <= best_of <= limits.best_of:
        return "best_of", f"best_of must be from 1 to {limits.best_of}, got {excerpt(best_of)}"
    if (total := steps * best_of) > limits.steps:
        return "best_of", f"steps times best_of must be at most {limits.steps}, got {total}"
    return None
