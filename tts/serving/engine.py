"""One synthesizer at work for many, on threads of its own.

Tasks of similar length are rendered in one batch. The stream whose buffered sound ends first is
served first; a stream with enough buffered sound waits. Texts are read on threads of their own, so
that a text that takes long to read does not delay the sound of others. These threads are few, since
all threads share one interpreter.
"""

import threading
from collections import Counter, deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from math import ceil
from time import monotonic

from tts.delivery import Delivery
from tts.deprecation import renamed_arguments, renamed_members
from tts.rendering import RenderTask, render_together
from tts.serving.admission import EngineClosed as EngineClosed
from tts.serving.admission import EngineStats as EngineStats
from tts.serving.admission import QueueFull as QueueFull
from tts.serving.batching import select_batch
from tts.serving.stream import SpeechStream, UtteranceReader
from tts.serving.thread import Result, SerialExecutor
from tts.speech import Speech
from tts.synthesis import Synthesizer

MAX_BUFFERED_SECONDS = 60.0  # seconds of sound for a listener who does not take them
POLL_SECONDS = 0.05  # seconds between looks whether somebody took some
LISTENER_TIMEOUT_SECONDS = (
    600.0  # seconds for a listener who takes nothing, before his place is given away
)
READER_THREADS = 2  # threads that read the texts of replies
MAX_REMEMBERED_ENDS, MAX_RETRY_AFTER_SECONDS = (
    32,
    30.0,
)  # ends, to tell when the next will be, and seconds it may be


@renamed_members(load="stats")
class Engine:
    """Serves up to `concurrency` listeners at once, and lets up to `waiting` more wait in line.

    Each of its workers is a thread: as many as there are cores, if torch uses one thread for each.
    """

    @renamed_arguments(together="concurrency")
    def __init__(
        self, synthesizer: Synthesizer, *, concurrency: int = 8, waiting: int = 32, workers: int = 1
    ) -> None:
        for name, least, count in (
            ("concurrency", 1, concurrency),
            ("waiting", 0, waiting),
            ("workers", 1, workers),
        ):
            if count < least:
                raise ValueError(f"{name} must be at least {least}, not {count}")
        self.synthesizer = synthesizer
        self._concurrency, self._max_waiting = concurrency, waiting
        self._changed = threading.Condition()
        self._running: list[SpeechStream] = []
        self._waiting: deque[SpeechStream] = deque()
        self._working: list[SpeechStream] = []
        self._calls = SerialExecutor("engine calls")
        self._ends: deque[float] = deque(maxlen=MAX_REMEMBERED_ENDS)
        self._done: Counter[str] = Counter()
        self._spoken = self._busy = 0.0
        self._closed = False
        self._idle = workers
        targets = [self._work] * workers + [self._read_texts] * READER_THREADS
        self._threads = [
            threading.Thread(target=target, name=f"engine {number}", daemon=True)
            for number, target in enumerate(targets)
        ]
        for thread in self._threads:
            thread.start()

    @renamed_arguments(only="utterance")
    def stream(
        self, text: str, delivery: Delivery | None = None, utterance: int | None = None
    ) -> SpeechStream:
        """What `Synthesizer.stream` gives. It takes a place at once; the text is read later.

        Raises:
            QueueFull, EngineClosed: too many wait, or the engine was closed.
            ValueError: a type is wrong, or a voice unknown. The reply raises it where a text
                cannot be read.
        """
        delivery = self.synthesizer.checked(text, delivery, utterance)
        lines = UtteranceReader(self.synthesizer.lines(text, delivery))
        reply = SpeechStream(
            lines, self.synthesizer.events_of(lines, delivery, utterance), self._cancel
        )
        with self._changed:
            self._check()
            self._waiting.append(reply)
            self._admit()
        return reply

    def submit(self, function: Callable[[], Result]) -> "Future[Result]":
        """Call a function that looks at a text, after those before it, on a thread for these.

        Raises:
            EngineClosed: the engine was closed.
        """
        with self._changed:
            if self._closed:
                raise EngineClosed
            return self._calls.submit(function)

    @property
    def stats(self) -> EngineStats:
        with self._changed:
            counts: dict[str, int] = dict(self._done)
            return EngineStats(
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
        """Make nothing more; who still listens is told so. What is at work is waited for."""
        with self._changed:
            self._closed = True
            left = (*self._running, *self._waiting)
            self._changed.notify_all()
        for reply in left:
            reply.finish(EngineClosed())
        self._calls.close(EngineClosed())
        for thread in self._threads:
            thread.join()

    def __enter__(self) -> "Engine":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _check(self) -> None:
        if self._closed:
            raise EngineClosed
        if len(self._running) + len(self._waiting) >= self._concurrency + self._max_waiting:
            self._done["refused"] += 1
            raise QueueFull(self._until_one_ends())

    def _admit(self) -> None:
        """Who waited longest takes what place is free."""
        while self._waiting and len(self._running) < self._concurrency:
            self._running.append(self._waiting.popleft())
        self._changed.notify_all()

    def _until_one_ends(self) -> float:
        """As long as it usually takes from one end to the next, in seconds, within bounds."""
        if len(self._ends) < 2:
            return 1.0
        usual = (self._ends[-1] - self._ends[0]) / (len(self._ends) - 1)
        return min(MAX_RETRY_AFTER_SECONDS, max(1.0, usual))

    def _cancel(self, reply: SpeechStream) -> None:
        with self._changed:
            if reply in self._running or reply in self._waiting:
                self._over(reply, "cancelled")

    def _over(self, reply: SpeechStream, how: str, error: Exception | None = None) -> None:
        """Its place is free, and then whoever listens is told of its end."""
        with self._changed:
            if reply in self._running:
                self._running.remove(reply)
            elif reply in self._waiting:
                self._waiting.remove(reply)
            else:
                return
            self._done[how] += 1
            self._ends.append(monotonic())
            self._admit()
        reply.finish(error)

    def _read_texts(self) -> None:
        while reply := self._take_unread():
            self._read(reply)

    def _take_unread(self) -> SpeechStream | None:
        """Whose text is read on next; nobody's, once the engine was closed."""
        with self._changed:
            while not self._closed:
                unread = [one for one in self._free() if one.needs_text]
                if wanting := [
                    one for one in unread if one.buffered_seconds < MAX_BUFFERED_SECONDS
                ]:
                    reply = min(wanting, key=lambda one: one.playback_end)
                    self._working.append(reply)
                    return reply
                self._changed.wait(POLL_SECONDS if unread else None)
        return None

    def _read(self, reply: SpeechStream) -> None:
        """The next line, for a reply that was not closed meanwhile."""
        try:
            reply.utterances.read_next()
            reply.text_ready()
        except ValueError as error:
            self._over(reply, "invalid", error)
        except Exception as error:
            self._over(reply, "failed", error)
        finally:
            self._release([reply])

    def _free(self) -> list[SpeechStream]:
        return [one for one in self._running if one not in self._working]

    def _work(self) -> None:
        while batch := self._take():
            begun = monotonic()
            self._make(batch)
            self._give_back(batch, monotonic() - begun)

    def _make(self, batch: Sequence[SpeechStream]) -> None:
        """What a batch needs next."""
        for reply in render_together(self._render, batch, self._fail):
            self._advance(reply)

    def _render(self, tasks: Sequence[RenderTask]) -> None:
        if tasks:
            self.synthesizer.render(tasks)
            self._count(tasks=len(tasks), batches=1)

    def _take(self) -> Sequence[SpeechStream]:
        """The streams to serve next, in one batch; none once the engine was closed."""
        with self._changed:
            while not self._closed:
                free = self._free()
                wanting = [
                    one
                    for one in free
                    if not one.needs_text and one.buffered_seconds < MAX_BUFFERED_SECONDS
                ]
                self._give_up(
                    [
                        one
                        for one in free
                        if one.idle_seconds > LISTENER_TIMEOUT_SECONDS and one.buffered_seconds
                    ]
                )
                if wanting:
                    share = ceil(len(wanting) / self._idle)
                    batch = select_batch(sorted(wanting, key=lambda one: one.playback_end))[:share]
                    self._working += batch
                    self._idle -= 1
                    return batch
                self._changed.wait(POLL_SECONDS if free else None)
        return ()

    def _give_up(self, replies: Sequence[SpeechStream]) -> None:
        """Whoever takes nothing for so long has left without a word."""
        for reply in replies:
            self._fail(
                reply, TimeoutError(f"expected a listener within {LISTENER_TIMEOUT_SECONDS:.0f} s")
            )

    def _count(self, **done: int) -> None:
        with self._changed:
            self._done.update(done)

    def _give_back(self, batch: Sequence[SpeechStream], seconds: float) -> None:
        with self._changed:
            self._idle += 1
            self._busy += seconds
            self._release(batch)

    def _release(self, replies: Sequence[SpeechStream]) -> None:
        with self._changed:
            self._working = [reply for reply in self._working if reply not in replies]
            self._changed.notify_all()

    def _advance(self, reply: SpeechStream) -> None:
        """Hand over what is ready, up to the next task or to what is enough for a while."""
        try:
            for piece in reply.pieces():
                self._emit(reply, piece)
                if reply.finished or reply.buffered_seconds >= MAX_BUFFERED_SECONDS:
                    return
        except Exception as error:
            self._fail(reply, error)
            return
        if not (reply.task or reply.needs_text):
            self._over(reply, "finished")

    def _emit(self, reply: SpeechStream, piece: Speech) -> None:
        reply.put(piece)
        with self._changed:
            self._spoken += piece.seconds

    def _fail(self, reply: SpeechStream, error: Exception) -> None:
        """A ValueError is for a text that cannot be read, and here it was read."""
        if isinstance(error, ValueError):
            failure = RuntimeError(f"failed to speak: {error}")
            failure.__cause__ = error
            self._over(reply, "failed", failure)
        else:
            self._over(reply, "failed", error)
