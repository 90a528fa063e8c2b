"""Errors of word start times against aligners, as figures and as a table."""

from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

import numpy as np

from tts.metrics import normalise_transcript
from tts.speech import TimedWord

from ..results import ResultRow
from ..table import ALL_VOICES, markdown
from .aligners import AlignedWord

RECORDINGS = "recordings"
LIMITS = (40, 80, 120)  # milliseconds
NOTE = """Of the words that were matched, how many begin within so many milliseconds of where the
aligner hears them: as they are, and less the median offset that the same aligner has to the
recordings of all voices. An offset is our start less the aligner's.
"""
HEADS = ("aligner", "source", "voice", "words", "matched %", "median offset, ms")
SHARES = {"within": "within {} ms %", "within_unbiased": "less the aligner's, {} ms %"}


def matched(
    ours: Sequence[TimedWord], heard: Sequence[AlignedWord]
) -> list[tuple[str, float, float]]:
    """The words that match, in order, each with our start and the aligner's in seconds."""
    said = [normalise_transcript(word.text) for word in ours]
    found = [normalise_transcript(word.text) for word in heard]
    blocks = SequenceMatcher(None, said, found, autojunk=False).get_matching_blocks()
    pairs = [(block.a + place, block.b + place) for block in blocks for place in range(block.size)]
    return [(said[a], ours[a].start, heard[b].start) for a, b in pairs]


def summarise(rows: Sequence[ResultRow]) -> list[ResultRow]:
    """Figures for each aligner and source, of all voices and of each."""
    groups: dict[tuple[str, str, str], list[ResultRow]] = {}
    for everyone in (ALL_VOICES, None):
        for row in rows:
            group = row["aligner"], row["source"], everyone or row["voice"]
            groups.setdefault(group, []).append(row)
    return [
        {
            **{"aligner": aligner, "source": source, "voice": voice},
            **figures(
                found, bias=float(np.median(offsets(groups[aligner, RECORDINGS, ALL_VOICES])))
            ),
        }
        for (aligner, source, voice), found in sorted(groups.items(), key=lambda one: one[0][:2])
    ]


def figures(rows: Sequence[ResultRow], bias: float) -> ResultRow:
    """Figures over all words of some lines; `bias` is the aligner's own offset in milliseconds."""
    words, every = sum(row["words"] for row in rows), offsets(rows)
    return {
        "words": words,
        "matched": len(every) / words,
        "offset": float(np.median(every)),
        "within": within(every),
        "within_unbiased": within(every - bias),
    }


def offsets(rows: Sequence[ResultRow]) -> np.ndarray:
    """Our start minus the aligner's for each matched word, in milliseconds."""
    pairs = [pair for row in rows for pair in row["matched"]]
    if not pairs:
        wanted = "{aligner} found no word of the {source}".format_map(rows[0])
        raise ValueError(f"{wanted}; check the audio")
    return np.array([1000 * (ours - heard) for _, ours, heard in pairs])


def within(offsets: np.ndarray) -> dict[str, float]:
    """The shares of offsets within each of the `LIMITS`."""
    # times are sums of frames; a margin, so that rounding decides nothing
    return {str(limit): float((abs(offsets) < limit + 1e-6).mean()) for limit in LIMITS}


def page(summary: Sequence[Mapping[str, Any]]) -> str:
    """The table: a row for each aligner, source and voice."""
    shares = [(name, limit) for name in SHARES for limit in LIMITS]
    heads = [*HEADS, *(SHARES[name].format(limit) for name, limit in shares)]
    body = [
        [
            *(row[name] for name in HEADS[:3]),
            str(row["words"]),
            f"{100 * row['matched']:.1f}",
            f"{row['offset']:+.0f}",
            *(f"{100 * row[name][str(limit)]:.1f}" for name, limit in shares),
        ]
        for row in summary
    ]
    return f"{NOTE}\n{markdown(heads, body)}\n"
