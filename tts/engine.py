"""One synthesizer at work for many, on a thread of its own.

What several listeners need next is made together where it is alike. Of all who may be served, the
one comes first whose sound runs out first; who has been given enough for a while waits.
"""

import threading
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from time import monotonic

from tts.reply import Reply
from tts.speech import Delivery, Speech
from tts.synthesis import Synthesizer, Task

FRAMES = 1024  # of a batch, padding included: a newcomer waits for as much
ALIKE = 2  # times the frames of one task another may have
AHEAD = 60.0  # seconds of sound for a listener who does not take them
POLL = 0.05  # seconds between looks whether somebody took some
PATIENCE = 600.0  # seconds for a listener who takes nothing, before his place is given away
REMEMBERED, LATEST = 32, 30.0  # ends, to tell when the next will be, and seconds it may be


class Busy(Exception):
    """As many wait as may; in `retry_after` seconds there may be room."""

    def __init__(self, retry_after: float) -> None:
        super().__init__(f"expected room for one more, found none; ask in {retry_after:.0f} s")
        self.retry_after = retry_after


class Closed(Exception):
    """The engine speaks no more."""

    def __init__(self) -> None:
        super().__init__("expected an engine at work, and it was closed")


@dataclass(frozen=True, kw_only=True, slots=True)
class Load:
    """Who is served and who waits, and what was done since the engine began."""

    running: int
    waiting: int
    finished: int = 0
    cancelled: int = 0
    failed: int = 0
    refused: int = 0
    tasks: int = 0
    batches: int = 0
    spoken_seconds: float = 0.0
    busy_seconds: float = 0.0


class Engine:
    """Serves up to `together` listeners at once, and lets up to `waiting` more wait in line.

    Each of its workers is a thread: as many as there are cores, if torch uses one thread for each.
    """

    def __init__(
        self, synthesizer: Synthesizer, *, together: int = 8, waiting: int = 32, workers: int = 1
    ) -> None:
        for name, least, count in (
            ("together", 1, together),
            ("waiting", 0, waiting),
            ("workers", 1, workers),
        ):
            if count < least:
                raise ValueError(f"{name} must be at least {least}, not {count}")
        self.synthesizer = synthesizer
        self._together, self._places = together, waiting
        self._changed = threading.Condition()
        self._running: list[Reply] = []
        self._waiting: deque[Reply] = deque()
        self._working: list[Reply] = []
        self._ends: deque[float] = deque(maxlen=REMEMBERED)
        self._done: Counter[str] = Counter()
        self._spoken = self._busy = 0.0
        self._closed = False
        self._idle = workers
        self._threads = [
            threading.Thread(target=self._work, name=f"engine {number}", daemon=True)
            for number in range(workers)
        ]
        for thread in self._threads:
            thread.start()

    def stream(self, text: str, delivery: Delivery | None = None, only: int | None = None) -> Reply:
        """What `Synthesizer.stream` gives, and refuses. Raises Busy where too many wait."""
        self._check()
        reply = Reply(self.synthesizer.steps(text, delivery, only), self._leave)
        with self._changed:
            self._check()
            self._waiting.append(reply)
            self._seat()
        return reply

    @property
    def load(self) -> Load:
        with self._changed:
            counts: dict[str, int] = dict(self._done)
            return Load(
                running=len(self._running),
                waiting=len(self._waiting),
                spoken_seconds=self._spoken,
                busy_seconds=self._busy,
                **counts,
            )

    @property
    def closed(self) -> bool:
        return self._closed

    def close(self) -> None:
        """Make nothing more; who still listens is told so."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()
        with self._changed:
            left = (*self._running, *self._waiting)
        for reply in left:
            reply.end(Closed())

    def __enter__(self) -> "Engine":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _check(self) -> None:
        """There is a place at once, or a place to wait."""
        with self._changed:
            if self._closed:
                raise Closed
            if len(self._running) + len(self._waiting) >= self._together + self._places:
                self._done["refused"] += 1
                raise Busy(self._until_one_ends())

    def _seat(self) -> None:
        """Who waited longest takes what place is free."""
        while self._waiting and len(self._running) < self._together:
            self._running.append(self._waiting.popleft())
        self._changed.notify_all()

    def _until_one_ends(self) -> float:
        """As long as it usually takes from one end to the next, in seconds, within bounds."""
        if len(self._ends) < 2:
            return 1.0
        usual = (self._ends[-1] - self._ends[0]) / (len(self._ends) - 1)
        return min(LATEST, max(1.0, usual))

    def _leave(self, reply: Reply) -> None:
        with self._changed:
            if reply in self._running or reply in self._waiting:
                self._over(reply, "cancelled")

    def _over(self, reply: Reply, how: str) -> None:
        with self._changed:
            if reply in self._running:
                self._running.remove(reply)
            elif reply in self._waiting:
                self._waiting.remove(reply)
            else:
                return
            self._done[how] += 1
            self._ends.append(monotonic())
            self._seat()

    def _work(self) -> None:
        while batch := self._take():
            begun = monotonic()
            self._make(batch)
            self._give_back(batch, monotonic() - begun)

    def _make(self, batch: Sequence[Reply]) -> None:
        """What a batch needs next; what cannot be made for one is no fault of the others."""
        try:
            if tasks := [reply.task for reply in batch if reply.task]:
                self.synthesizer.make(tasks)
                self._count(tasks=len(tasks), batches=1)
        except Exception as error:
            if len(batch) == 1:
                self._fail(batch[0], error)
            else:
                for reply in batch:
                    self._make([reply])
        else:
            for reply in batch:
                self._advance(reply)

    def _take(self) -> Sequence[Reply]:
        """Who is served next, together; nobody, once the engine was closed."""
        with self._changed:
            while not self._closed:
                free = [one for one in self._running if one not in self._working]
                wanting = [one for one in free if one.ahead < AHEAD]
                self._give_up([one for one in free if one.idle > PATIENCE and one.ahead])
                if wanting:
                    share = ceil(len(wanting) / self._idle)
                    batch = _alike(sorted(wanting, key=lambda one: one.due))[:share]
                    self._working += batch
                    self._idle -= 1
                    return batch
                self._changed.wait(POLL if free else None)
        return ()

    def _give_up(self, replies: Sequence[Reply]) -> None:
        """Whoever takes nothing for so long has left without a word."""
        for reply in replies:
            self._fail(reply, TimeoutError(f"expected a listener within {PATIENCE:.0f} s"))

    def _count(self, **done: int) -> None:
        with self._changed:
            self._done.update(done)

    def _give_back(self, batch: Sequence[Reply], seconds: float) -> None:
        with self._changed:
            self._working = [reply for reply in self._working if reply not in batch]
            self._idle += 1
            self._busy += seconds
            self._changed.notify_all()

    def _advance(self, reply: Reply) -> None:
        """Hand over what is ready, up to the next task or to what is enough for a while."""
        reply.task = None
        try:
            for step in reply.steps:
                if isinstance(step, Task):
                    reply.task = step
                    return
                self._hand(reply, step)
                if reply.ahead >= AHEAD:
                    return
        except Exception as error:
            self._fail(reply, error)
        else:
            reply.end()
            self._over(reply, "finished")

    def _hand(self, reply: Reply, piece: Speech) -> None:
        reply.put(piece)
        with self._changed:
            self._spoken += piece.seconds

    def _fail(self, reply: Reply, error: Exception) -> None:
        reply.end(error)
        self._over(reply, "failed")


def _alike(replies: Sequence[Reply]) -> Sequence[Reply]:
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
        alike = max(longest, frames) <= ALIKE * min(first.stop - first.start, frames)
        fits = max(longest, frames) * (len(batch) + 1) <= FRAMES
        if alike and fits and task.delivery.steps == first.delivery.steps:
            batch.append(reply)
            longest = max(longest, frames)
    return batch
