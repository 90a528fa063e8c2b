"""The choice of streams whose next chunks are rendered in one batch."""

from collections.abc import Sequence

from tts.serving.stream import SpeechStream

# Both chosen by hand.
MAX_BATCH_FRAMES = 1024  # with padding; a new stream waits for at most one such batch
MAX_LENGTH_RATIO = 2  # between the frames of the longest and the shortest chunk


def select_batch(streams: Sequence[SpeechStream]) -> Sequence[SpeechStream]:
    """Select the streams to render next.

    Args:
        streams: at least one, the most urgent first.

    Returns:
        A stream that has not begun, alone; or the most urgent one with those whose next chunk
        has a similar length, as many steps and the same networks.
    """
    tasks = [stream.task for stream in streams]
    if None in tasks:
        return [streams[tasks.index(None)]]
    first, batch = tasks[0], [streams[0]]
    assert first is not None, "it has begun"
    longest = first.stop - first.start
    for stream, task in zip(streams[1:], tasks[1:], strict=True):
        assert task is not None, "it has begun"
        frames = task.stop - task.start
        similar = max(longest, frames) <= MAX_LENGTH_RATIO * min(first.stop - first.start, frames)
        fits = max(longest, frames) * (len(batch) + 1) <= MAX_BATCH_FRAMES
        alike = task.delivery.steps == first.delivery.steps and (
            task.plan.runtime is first.plan.runtime
        )
        if similar and fits and alike:
            batch.append(stream)
            longest = max(longest, frames)
    return batch
