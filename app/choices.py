"""Choices between candidates as JSON: in manifests, responses and messages."""

from collections.abc import Iterable
from typing import Any

from tts.best_of.choice import Choice

DIGITS = 3  # decimal places of a score


def choices_json(choices: Iterable[Choice]) -> list[dict[str, Any]]:
    """Choices as JSON values.

    Returns:
        For each choice `utterance` (its number from 0), `judge`, `seeds` and `scores` of the
        candidates in order, `seed` and `chosen` (the index) of the one that was kept, and `why` in
        a few words.

    Example:
        >>> scores = {"fit": 0.25}, {"fit": 0.5}
        >>> choice = Choice(utterance=0, judge="ensemble", seeds=(0, 7), scores=scores, chosen=1)
        >>> choices_json([choice])[0]["seed"]
        7
    """
    return [
        {
            "utterance": choice.utterance,
            "judge": choice.judge,
            "chosen": choice.chosen,
            "seed": choice.seed,
            "seeds": list(choice.seeds),
            "scores": [round(score, DIGITS) for score in choice.totals],
            "why": choice.explanation.removeprefix(f"utterance {choice.utterance}: "),
        }
        for choice in choices
    ]
