"""How much longer something takes where there is four times as much of it."""

import time

FOURFOLD = 4
TRIES = 3


def grows_like_its_length(act, piece, length=2500):
    """Whether four times the text takes about four times as long, and not sixteen times.

    Another program may disturb a measurement, but not all of a few.
    """
    return any(
        seconds(act, piece, FOURFOLD * length) < 2 * FOURFOLD * seconds(act, piece, length)
        for _ in range(TRIES)
    )


def seconds(act, piece, length):
    start = time.process_time()
    act((piece * length)[:length])
    return time.process_time() - start
