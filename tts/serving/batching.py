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
    begun = [stream for stream in streams if stream.tasks]
    if len(begun) < len(streams):
        return [next(stream for stream in streams if not stream.tasks)]
    first, batch = streams[0], [streams[0]]
    longest, count = _longest(first), len(first.tasks)
    for stream in streams[1:]:
        frames, tasks = _longest(stream), (*first.tasks[:1], *stream.tasks)
        similar = max(longest, frames) <= MAX_LENGTH_RATIO * min(_longest(first), frames)
        fits = max(longest, frames) * (count + len(stream.tasks)) <= MAX_BATCH_FRAMES
        alike = len({(task.delivery.steps, id(task.plan.runtime)) for task in tasks}) == 1
        if similar and fits and alike:
            batch.append(stream)
            longest, count = max(longest, frames), count + len(stream.tasks)
    return batch


def _longest(stream: SpeechStream) -> int:
    """Frames of the longest of its next tasks, which are several where it has candidates."""
    return max(task.stop - task.start for task in stream.tasks)
