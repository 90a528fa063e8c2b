"""An engine: one synthesizer on threads of its own, for many streams at once.

Chunks of similar length are rendered in one batch. The stream whose buffered sound ends first is
served first; a stream with enough buffered sound waits. Texts are read on threads of their own, so
that a text that takes long to read does not delay the sound of others. The networks of learned
voices are made on another thread, one after another. These threads are few, since all threads share
one interpreter.
"""

import threading
from collections import Counter, deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from functools import partial
from itertools import islice
from math import ceil
from time import monotonic

from tts.delivery import Delivery
from tts.deprecation import renamed_arguments, renamed_members
from tts.learned_voices import ResolvedVoice, VoiceFileError
from tts.rendering import RenderTask, render_together
from tts.runtime_cache import MAX_RUNTIMES
from tts.serving.admission import EngineClosed as EngineClosed
from tts.serving.admission import EngineStats as EngineStats
from tts.serving.admission import QueueFull as QueueFull
from tts.serving.batching import select_batch
from tts.serving.stream import SpeechStream, UtteranceReader
from tts.serving.thread import Result, SerialExecutor
from tts.speech import Speech
from tts.streaming import chunks, offline_chunks
from tts.synthesis import Synthesizer
from tts.text.markup.voices import named_voices, names_voices
from tts.validation import coerce_argument

# All chosen by hand; the sounds of a minute take 6 MB of memory.
MAX_BUFFERED_SECONDS = 60.0  # sound made ahead of what a listener has taken
POLL_SECONDS = 0.05  # between checks whether a listener has taken some
LISTENER_TIMEOUT_SECONDS = 600.0  # a stream from which nothing is taken so long is ended
READER_THREADS = 2
MAX_WORKERS, MAX_STREAMS = 256, 1_000_000
MAX_REMEMBERED_ENDS = 32  # ends of streams, from which the wait of a refused one is estimated
MAX_RETRY_AFTER_SECONDS = 30.0


@renamed_members(load="stats")
class Engine:
    """Speaks many texts at once with one synthesizer. Servers are built on it.

    All methods may be called from any thread. Each stream has the samples, within 1e-5, that
    `Synthesizer.stream` gives. Close an engine, or use it in a `with` block, to end its threads.

    Args:
        synthesizer: what speaks.
        concurrency: streams made at once, from 1 to 1,000,000; default 8.
        waiting: streams that may wait for a place, from 0 to 1,000,000; default 32. Beyond that,
            `QueueFull` is raised.
        workers: threads that render, from 1 to 256; default 1. With more, load the synthesizer
            with one thread (the default of `load`).

    Raises:
        ValueError: a value is of another type, or out of its range.

    Example:
        >>> with Engine(synthesizer, concurrency=2) as engine:
        ...     streams = [engine.stream(text) for text in ("Hello.", "Good morning.")]
        ...     lengths = [sum(len(piece.audio) for piece in stream) for stream in streams]
        >>> lengths[0] < lengths[1]
        True
    """

    @renamed_arguments(together="concurrency")
    def __init__(
        self, synthesizer: Synthesizer, *, concurrency: int = 8, waiting: int = 32, workers: int = 1
    ) -> None:
        coerce_argument("synthesizer", Synthesizer, synthesizer)
        for name, least, most, count in (
            ("concurrency", 1, MAX_STREAMS, concurrency),
            ("waiting", 0, MAX_STREAMS, waiting),
            ("workers", 1, MAX_WORKERS, workers),
        ):
            if not least <= coerce_argument(name, int, count) <= most:
                raise ValueError(f"{name} must be from {least} to {most}, got {count}")
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
        targets.append(self._make_voices)
        self._threads = [
            threading.Thread(target=target, name=f"engine {number}", daemon=True)
            for number, target in enumerate(targets)
        ]
        for thread in self._threads:
            thread.start()

    @renamed_arguments(only="utterance")
    def stream(
        self,
        text: str,
        delivery: Delivery | None = None,
        utterance: int | None = None,
        *,
        low_latency: bool = True,
    ) -> SpeechStream:
        """Start speaking a text; the arguments are those of `Synthesizer.stream`.

        It returns at once. The text is read later, on a thread of the engine, and so is a learned
        voice that was not used lately.

        Args:
            text: what to say.
            delivery: how to say it; by default `Delivery()`.
            utterance: the number of the only utterance to make; by default all are made.
            low_latency: make short pieces first. False takes less time in all, but other streams
                wait for the long pieces.

        Returns:
            A stream of pieces, for `for` and `async for`.

        Raises:
            QueueFull: no place is free, and too many streams wait.
            EngineClosed: the engine was closed.
            ValueError: an argument has a wrong type, or the voice is unknown. A text that cannot
                be read raises it when the stream is iterated.
        """
        coerce_argument("low_latency", bool, low_latency)
        delivery = self.synthesizer.checked(text, delivery, utterance)
        lines = UtteranceReader(self.synthesizer.lines(text, delivery))
        cut = chunks if low_latency else offline_chunks
        events = self.synthesizer.events_of(lines, delivery, utterance, cut)
        learned, runtime = self.synthesizer.learned_voices, self.synthesizer.runtime
        made = learned.made(runtime, self.synthesizer.voice_shares(delivery.voice))
        if learned and names_voices(text):
            made = None  # those of the text are made, too
        make_voices = partial(self._resolve_voices, text, delivery)
        stream = SpeechStream(lines, events, self._cancel, make_voices, made)
        with self._changed:
            self._check()
            self._waiting.append(stream)
            self._admit()
        return stream

    def submit(self, function: Callable[[], Result]) -> "Future[Result]":
        """Call a function that analyses a text on a thread of the engine, in order of calls.

        Args:
            function: called without arguments.

        Returns:
            A future of its result.

        Raises:
            EngineClosed: the engine was closed.
        """
        with self._changed:
            if self._closed:
                raise EngineClosed
            return self._calls.submit(function)

    @property
    def stats(self) -> EngineStats:
        """The number of streams that run and wait, and totals since the start."""
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
        """Whether `close` was called."""
        return self._closed

    def close(self) -> None:
        """End all streams with `EngineClosed`, and wait for the engine's threads to end."""
        with self._changed:
            self._closed = True
            left = (*self._running, *self._waiting)
            self._changed.notify_all()
        for stream in left:
            stream.finish(EngineClosed())
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
        """Give free places to the streams that waited longest."""
        while self._waiting and len(self._running) < self._concurrency:
            self._running.append(self._waiting.popleft())
        self._changed.notify_all()

    def _until_one_ends(self) -> float:
        """Mean seconds between the ends of streams, from 1 to MAX_RETRY_AFTER_SECONDS."""
        if len(self._ends) < 2:
            return 1.0
        usual = (self._ends[-1] - self._ends[0]) / (len(self._ends) - 1)
        return min(MAX_RETRY_AFTER_SECONDS, max(1.0, usual))

    def _cancel(self, stream: SpeechStream) -> None:
        with self._changed:
            if stream in self._running or stream in self._waiting:
                self._over(stream, "cancelled")

    def _over(self, stream: SpeechStream, how: str, error: Exception | None = None) -> None:
        """Free the place of a stream, count how it ended, and then end it."""
        with self._changed:
            if stream in self._running:
                self._running.remove(stream)
            elif stream in self._waiting:
                self._waiting.remove(stream)
            else:
                return
            self._done[how] += 1
            self._ends.append(monotonic())
            self._admit()
        stream.finish(error)

    def _read_texts(self) -> None:
        while stream := self._take_unread():
            self._read(stream)

    def _take_unread(self) -> SpeechStream | None:
        """Wait for the stream whose text is to be read next; None once the engine is closed."""
        with self._changed:
            while not self._closed:
                unread = [one for one in self._free() if one.needs_text]
                if wanting := [
                    one for one in unread if one.buffered_seconds < MAX_BUFFERED_SECONDS
                ]:
                    stream = min(wanting, key=lambda one: one.playback_end)
                    self._working.append(stream)
                    return stream
                self._changed.wait(POLL_SECONDS if unread else None)
        return None

    def _read(self, stream: SpeechStream) -> None:
        """Read the next utterance of a stream."""
        try:
            stream.utterances.read_next()
            stream.text_ready()
        except ValueError as error:
            self._over(stream, "invalid", error)
        except Exception as error:
            self._over(stream, "failed", error)
        finally:
            self._release([stream])

    def _make_voices(self) -> None:
        while stream := self._take_voiceless():
            try:
                stream.make_voice()
            except Exception as error:
                self._fail(stream, error)
            finally:
                self._release([stream])

    def _resolve_voices(self, text: str, delivery: Delivery) -> list[ResolvedVoice]:
        """The voices of a text; of many, those that a cache keeps."""
        resolve, runtime = self.synthesizer.learned_voices.resolve, self.synthesizer.runtime
        named = dict.fromkeys([delivery.voice, *named_voices(text, delivery.reading)])
        shares = map(self.synthesizer.voice_shares, islice(named, MAX_RUNTIMES))
        return [resolve(runtime, each) for each in shares]

    def _take_voiceless(self) -> SpeechStream | None:
        """Wait for a stream whose voice is to be made next; None once the engine is closed."""
        with self._changed:
            while not self._closed:
                # a text that cannot be read needs no voice
                for stream in self._free():
                    if stream.needs_voice and not stream.needs_text:
                        self._working.append(stream)
                        return stream
                self._changed.wait()
        return None

    def _free(self) -> list[SpeechStream]:
        return [one for one in self._running if one not in self._working]

    def _work(self) -> None:
        while batch := self._take():
            begun = monotonic()
            self._make(batch)
            self._give_back(batch, monotonic() - begun)

    def _make(self, batch: Sequence[SpeechStream]) -> None:
        """Render the next chunks of a batch, and hand over what is then ready."""
        for stream in render_together(self._render, batch, self._fail):
            self._advance(stream)

    def _render(self, tasks: Sequence[RenderTask]) -> None:
        if tasks:
            self.synthesizer.render(tasks)
            self._count(tasks=len(tasks), batches=1)

    def _take(self) -> Sequence[SpeechStream]:
        """Wait for the streams to serve next, in one batch; none once the engine is closed."""
        with self._changed:
            while not self._closed:
                free = self._free()
                wanting = [
                    one
                    for one in free
                    if not (one.needs_text or one.needs_voice)
                    and one.buffered_seconds < MAX_BUFFERED_SECONDS
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

    def _give_up(self, streams: Sequence[SpeechStream]) -> None:
        """End streams from which nothing was taken for too long."""
        for stream in streams:
            self._fail(
                stream, TimeoutError(f"nothing was taken for {LISTENER_TIMEOUT_SECONDS:.0f} s")
            )

    def _count(self, **done: int) -> None:
        with self._changed:
            self._done.update(done)

    def _give_back(self, batch: Sequence[SpeechStream], seconds: float) -> None:
        with self._changed:
            self._idle += 1
            self._busy += seconds
            self._release(batch)

    def _release(self, streams: Sequence[SpeechStream]) -> None:
        with self._changed:
            self._working = [stream for stream in self._working if stream not in streams]
            self._changed.notify_all()

    def _advance(self, stream: SpeechStream) -> None:
        """Hand over pieces up to the next task, or until enough sound is buffered."""
        try:
            for piece in stream.pieces():
                self._emit(stream, piece)
                if stream.finished or stream.buffered_seconds >= MAX_BUFFERED_SECONDS:
                    return
        except Exception as error:
            self._fail(stream, error)
            return
        if not (stream.tasks or stream.needs_text):
            self._over(stream, "finished")

    def _emit(self, stream: SpeechStream, piece: Speech) -> None:
        stream.put(piece)
        with self._changed:
            self._spoken += piece.seconds

    def _fail(self, stream: SpeechStream, error: Exception) -> None:
        """End a stream with an error. A ValueError here is no fault of the text, which was read."""
        if isinstance(error, ValueError) and not isinstance(error, VoiceFileError):
            failure = RuntimeError(f"failed to speak: {error}")
            failure.__cause__ = error
            self._over(stream, "failed", failure)
        else:
            self._over(stream, "failed", error)
