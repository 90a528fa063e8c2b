"""Texts of three lengths, made of those of `benchmarks/texts.jsonl`: a new one each round, so that
no cache has its words.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

TEXTS = Path(__file__).parents[1] / "texts.jsonl"
SHORT, MEDIUM, LONG = "short", "medium", "long"
WORDS = {SHORT: 5, MEDIUM: 29, LONG: 132}  # medium: 28 on average, at most 29
MEDIUM_TEXTS = 20  # of the 60 compound sentences of 44 words; the others are joined
JOINED = 3

START_TEXT = "The kettle is warm now."  # five words; of the start of a process
WARMING = {  # spoken first by each process; they do not count
    SHORT: START_TEXT,
    MEDIUM: "By the time the last of the guests had found their coats, the rain had turned to "
    "snow, and nobody wanted to be the first one to leave.",
    LONG: "The library closes at six. Please bring your books to the desk before then, and do not "
    "forget the umbrella that you left by the door. The bus stops across the road.",
}


def texts_by_length(path: Path = TEXTS) -> Mapping[str, Sequence[str]]:
    """Sentences of 5 words, sentences of up to 29, and texts of three sentences of 44 words."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    sentences = [row["text"] for row in rows if row["kind"] == "sentence"]
    compound = [row["text"] for row in rows if row["kind"] == "long"]
    others = compound[MEDIUM_TEXTS:]
    return {
        SHORT: [text for text in sentences if len(text.split()) == WORDS[SHORT]],
        MEDIUM: [_beginning(text) for text in compound[:MEDIUM_TEXTS]],
        LONG: [" ".join(group) for group in zip(*[iter(others)] * JOINED, strict=False)],
    }


def _beginning(text: str) -> str:
    """As many whole clauses of a compound sentence as have medium length, as a sentence."""
    clauses = text.split(", and ")
    begun = [", and ".join(clauses[:count]) for count in range(1, len(clauses) + 1)]
    short = [one for one in begun if len(one.split()) <= WORDS[MEDIUM]]
    return short[-1].rstrip(".") + "."
