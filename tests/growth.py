"""How much longer something takes where there is four times as much of it."""

import time

FOURFOLD = 4
TOO_MUCH = 1.5 * FOURFOLD
TRIES = 5


def grows_like_its_length(act, piece, length=2500):
    """Whether four times the text takes about four times as long, and not up to sixteen times.

    Other programs may disturb a measurement; of several the shortest counts.
    """
    short = long = float("inf")
    for _ in range(TRIES):
        short = min(short, seconds(act, piece, length))
        long = min(long, seconds(act, piece, FOURFOLD * length))
        if long < TOO_MUCH * short:
            return True
    return False


def seconds(act, piece, length):
    start = time.process_time()
    act((piece * length)[:length])
    return time.process_time() - start
