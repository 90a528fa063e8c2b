"""How much longer something takes where there is several times as much of it."""

import time

TRIES = 5


def grows_like_its_length(act, piece, length=2500, times=4, most=6.0):
    """Whether `times` the text takes about so many times as long, and at most `most` times.

    Other programs may disturb a measurement; of several the shortest counts.
    """
    short = long = float("inf")
    for _ in range(TRIES):
        short = min(short, seconds(act, piece, length))
        long = min(long, seconds(act, piece, times * length))
        if long < most * short:
            return True
    return False


def seconds(act, piece, length):
    start = time.process_time()
    act((piece * length)[:length])
    return time.process_time() - start
