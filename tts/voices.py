"""A voice by its name, or a blend of several: `heart+michael`, or `heart(2)+michael(1)`."""

import re
from collections.abc import Sequence

NUMBER = r"[0-9]{1,9}(?:\.[0-9]{0,9})?|\.[0-9]{1,9}"
PART = re.compile(rf"\s*(?P<name>[^\s()+]+)\s*(?:\(\s*(?P<weight>{NUMBER})\s*\)\s*)?")
LONGEST = 1000  # characters


def shares(voice: str, known: Sequence[str]) -> list[float]:
    """How much each of the known voices has of this one; together they have the whole."""
    weights = dict.fromkeys(known, 0.0)
    if voice in weights:
        return [float(name == voice) for name in known]
    if len(voice) > LONGEST:
        raise ValueError(f"expected a voice of at most {LONGEST} characters, not {len(voice)}")
    for part in voice.split("+"):
        match = PART.fullmatch(part)
        if match is None or match["name"] not in weights:
            names = ", ".join(known)
            raise ValueError(
                f"expected one of the voices {names}, or a blend such as "
                f"{known[0]}(2)+{known[-1]}(1), not {voice!r}"
            )
        weights[match["name"]] += float(match["weight"] or 1)
    total = sum(weights.values())
    if not total:
        raise ValueError(f"expected a blend with something in it, not {voice!r}")
    return [weight / total for weight in weights.values()]
