"""Which replies of an engine are made together: those whose next tasks are alike."""

from collections.abc import Sequence

from tts.serving.stream import SpeechStream

MAX_BATCH_FRAMES = 1024  # of a batch, padding included: a newcomer waits for as much
MAX_LENGTH_RATIO = 2  # times the frames of one task another may have


def select_batch(replies: Sequence[SpeechStream]) -> Sequence[SpeechStream]:
    """Whoever has yet to begin, alone; or else the first, and those whose tasks suit his."""
    tasks = [reply.task for reply in replies]
    if None in tasks:
        return [replies[tasks.index(None)]]
    first, batch = tasks[0], [replies[0]]
    assert first is not None, "it has begun"
    longest = first.stop - first.start
    for reply, task in zip(replies[1:], tasks[1:], strict=True):
        assert task is not None, "it has begun"
        frames = task.stop - task.start
        similar = max(longest, frames) <= MAX_LENGTH_RATIO * min(first.stop - first.start, frames)
        fits = max(longest, frames) * (len(batch) + 1) <= MAX_BATCH_FRAMES
        if similar and fits and task.delivery.steps == first.delivery.steps:
            batch.append(reply)
            longest = max(longest, frames)
    return batch
