"""Samples from the windowed frames of an inverse transform, streamed.

Frames are centred on multiples of a hop and lie over `2 * overlap` hops each. Their sum is divided
by the sum of the squared windows of the frames that exist.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float


@dataclass(frozen=True)
class OverlapState:
    """The sum of the frames so far, over the hops that later frames add to.

    Args:
        frames: how many there were.
        tail: the sum; None before the first frame.
    """

    frames: int = 0
    tail: Float[np.ndarray, "hops hop"] | None = None


def overlap_add(
    state: OverlapState,
    pieces: Float[np.ndarray, "frames n_fft"],
    window: Float[np.ndarray, " n_fft"],
    hop: int,
    last: bool,
) -> tuple[Float[np.ndarray, "hops hop"], OverlapState]:
    """The samples, `overlap` hops behind the frames, and the state after them.

    Args:
        state: after the frames before these.
        pieces: windowed samples of the frames.
        window: by which they were multiplied.
        hop: samples from frame to frame.
        last: whether the utterance ends with these frames.
    """
    frames, steps = len(pieces), len(window) // hop
    overlap = steps // 2
    parts = pieces.reshape(frames, steps, hop)
    total = np.zeros((frames + steps - 1, hop), np.float32)
    if state.tail is not None:
        total[: steps - 1] = state.tail
    for step in range(steps):
        total[step : step + frames] += parts[:, step]
    after = OverlapState(state.frames + frames, total[frames:].copy())

    first = state.frames - overlap  # the hop of the first row
    begin = max(first, 0)
    end = after.frames if last else max(after.frames - overlap, begin)
    sound = total[begin - first : end - first]
    exists = after.frames if last else None
    _divide(sound, begin, np.square(window).reshape(steps, hop), exists)
    return sound, after


def _divide(
    sound: Float[np.ndarray, "hops hop"],
    first: int,
    squares: Float[np.ndarray, "steps hop"],
    end: int | None,
) -> None:
    """Divide the hops from `first` on by the squared windows of the frames from 0 to `end`.

    `end` is None where all frames around these hops exist.
    """
    steps = len(squares)
    left = min(max(steps // 2 - 1 - first, 0), len(sound))
    last = len(sound) if end is None else max(end - steps // 2 - first, left)
    sound[left:last] /= squares.sum(axis=0)
    for row in (*range(left), *range(last, len(sound))):
        frame = first + row + steps // 2 - np.arange(steps)
        exists = (frame >= 0) & ((frame < end) if end is not None else True)
        sound[row] /= squares[exists].sum(axis=0)
