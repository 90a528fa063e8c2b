"""Texts at the boundary of espeak-ng, read in a child process: none may kill or stall it.

python -m benchmarks.robust_texts --texts 20000 --seed 0
"""

import json
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Annotated

import typer

from tts.text.frontend import prepare_utterances

ALPHABETS = (
    "abcdefghijklmnopqrstuvwxyz",
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "0123456789",
    "'",
    "-",
    "s'",
    "'S",
    "tTmd'",
    "aeiou",
    "xzqkv",
    "'-",
    "aA",
    "I1",
    " ",
)
LONGEST = 4000  # characters of a text
SECONDS = 1.0  # of processor time for one text, at most


def texts(count: int, seed: int) -> Iterator[str]:
    """Strings of letters, apostrophes, digits and hyphens: random ones and repeated pieces."""
    chance = random.Random(seed)
    for _ in range(count):
        letters = "".join(chance.sample(ALPHABETS, chance.randint(1, 4)))
        length = int(LONGEST ** chance.random()) if chance.random() < 0.5 else LONGEST
        period = length if chance.random() < 0.5 else chance.randint(1, 6)
        piece = "".join(chance.choices(letters, k=period))
        yield (piece * length)[:length]


def read_all(count: int, seed: int) -> dict[str, float]:
    """Read every text in this process. Returns counts, and the longest processor time in seconds.

    Args:
        count: how many texts.
        seed: of the generator that makes them.
    """
    refused = slow = 0
    longest = 0.0
    for text in texts(count, seed):
        begun = time.process_time()
        try:
            for _ in prepare_utterances(text):
                pass
        except ValueError:
            refused += 1
        taken = time.process_time() - begun
        slow += taken > SECONDS
        longest = max(longest, taken)
    return {"texts": count, "refused": refused, "slow": slow, "longest": round(longest, 3)}


def read_in_child(count: int, seed: int) -> dict[str, float]:
    """The same in a child process. `dead` is 1 if that process died, of whatever text."""
    options = ["--texts", str(count), "--seed", str(seed), "--child"]
    line = [sys.executable, "-m", "benchmarks.robust_texts", *options]
    child = subprocess.run(line, capture_output=True, text=True, check=False)
    if child.returncode:
        return {"texts": count, "slow": 0, "dead": 1}
    return {**json.loads(child.stdout), "dead": 0}


def main(
    texts: Annotated[int, typer.Option(help="Number of texts.")] = 20_000,
    seed: Annotated[int, typer.Option(help="Seed of the texts; equal seeds repeat them.")] = 0,
    child: Annotated[
        bool, typer.Option("--child", hidden=True, help="Read the texts in this process.")
    ] = False,
) -> None:
    """Read difficult texts for espeak-ng in a child process, which must not die or stall.

    Needs no extra. Prints counts as JSON; exit code 1 if the process dies
    or a text takes over a second. It writes no file.

    \b
    Example:
      python -m benchmarks.robust_texts --texts 500
    """
    if child:
        typer.echo(json.dumps(read_all(texts, seed)))
        return
    counts = read_in_child(texts, seed)
    typer.echo(json.dumps(counts))
    if counts["dead"] or counts["slow"]:
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
