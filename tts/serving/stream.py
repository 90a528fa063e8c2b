"""A stream of speech made by an engine, for threads and for asyncio."""

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from time import monotonic

from tts.rendering import Event, Rendering
from tts.speech import Speech
from tts.text.frontend import Utterance


class UtteranceReader(Iterator[Utterance | None]):
    """The utterances of a text; None where `read_next` has not read the next one yet."""

    def __init__(self, lines: Iterator[Utterance]) -> None:
        self._lines = lines
        self._line: Utterance | None = None
        self._ended = False

    def read_next(self) -> None:
        """Read the next utterance, which may take long."""
        self._line = next(self._lines, None)
        self._ended = self._line is None

    def __next__(self) -> Utterance | None:
        if self._ended:
            raise StopIteration
        line, self._line = self._line, None
        return line


class SpeechStream(Rendering, Iterator[Speech]):
    """Pieces of speech in order, made by the threads of an `Engine`. `Engine.stream` makes one.

    Iterate over it with `for` or `async for`: each step waits for the next piece. Use it in a
    `with` block, or call `close`, so that the engine stops when you need no more. One thread or
    task iterates at a time; `close` may be called from any.

    `made_seconds` of sound were made so far, and the first piece at `sound_began`, in seconds of
    `time.monotonic`; before it, None.

    Raises:
        ValueError: while iterating, where the text cannot be read, or the file of a voice.
        EngineClosed: while iterating, where the engine was closed before the end.
        TimeoutError: while iterating, where nothing was taken for ten minutes.

    Example:
        >>> from tts import Engine
        >>> with Engine(synthesizer) as engine, engine.stream("Hello there.") as stream:
        ...     round(sum(piece.seconds for piece in stream), 1)
        0.8
    """

    def __init__(
        self,
        lines: UtteranceReader,
        events: Iterator[Event | None],
        left: Callable[["SpeechStream"], None],
        make_voice: Callable[[], object],
        voice: object | None,
    ) -> None:
        super().__init__(events)
        self.utterances = lines
        self.needs_text = True
        self._make_voice, self._voice = make_voice, voice
        self._left = left
        self._lock = threading.Lock()
        self._ready: deque[Speech] = deque()
        self._asked: deque[Future[Speech | None]] = deque()
        self._end: BaseException | bool = False
        self.places = 1  # of the engine that it takes
        self._readable: Future[bool] = Future()
        self._due = self._taken = monotonic()
        self.made_seconds = 0.0
        self.sound_began: float | None = None

    def __enter__(self) -> "SpeechStream":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop making it, and drop what was made and not taken. Closing twice has no effect."""
        self.finish()
        with self._lock:
            self._ready.clear()
        self._left(self)

    def __next__(self) -> Speech:
        piece = self._next().result()
        if piece is None:
            raise StopIteration
        return piece

    def __aiter__(self) -> "SpeechStream":
        return self

    async def __anext__(self) -> Speech:
        asked = self._next()
        try:
            piece = await asyncio.wrap_future(asked)
        except asyncio.CancelledError:
            self._put_back(asked)
            raise
        if piece is None:
            raise StopAsyncIteration
        return piece

    async def has_speech(self) -> bool:
        """Wait until the first utterance is read, and return whether the text can be spoken."""
        return await asyncio.shield(asyncio.wrap_future(self._readable))

    def text_ready(self) -> None:
        """Note that the next utterance is read, so that its events can go on."""
        self.needs_text = False
        with self._lock:
            self._tell_readable(True)

    @property
    def needs_voice(self) -> bool:
        """Whether the networks of its voice are to be made before its events can go on."""
        return self._voice is None

    def make_voice(self) -> None:
        """Make the networks of its voice, which takes long, and keep them as long as the stream."""
        self._voice = self._make_voice()

    def put(self, piece: Speech) -> None:
        """Add the next piece."""
        with self._lock:
            if self._end:
                return
            if self.sound_began is None:
                self.sound_began = self._due = self._taken = monotonic()
            self._due += piece.seconds
            self.made_seconds += piece.seconds
            self._ready.append(piece)
            self._deliver()

    def finish(self, error: BaseException | None = None) -> None:
        """End the stream after the pieces that were added, with an error if one is given."""
        with self._lock:
            self._end = self._end or error or True
            self._tell_readable(not isinstance(self._end, BaseException))
            self._deliver()

    @property
    def finished(self) -> bool:
        """Whether no more pieces can be added."""
        return bool(self._end)

    @property
    def playback_end(self) -> float:
        """When the pieces made so far will have been played, in seconds of `time.monotonic`."""
        return self._due

    @property
    def buffered_seconds(self) -> float:
        """Seconds of sound that were made and not taken."""
        with self._lock:
            return sum(piece.seconds for piece in self._ready)

    @property
    def idle_seconds(self) -> float:
        """Seconds since a piece was taken, or since the first was made."""
        return monotonic() - self._taken

    def _tell_readable(self, readable: bool) -> None:
        if not self._readable.done():
            self._readable.set_result(readable)

    def _put_back(self, asked: Future[Speech | None]) -> None:
        """Return the piece of a cancelled request to the front of the queue."""
        if asked.done() and not asked.cancelled() and not asked.exception():
            piece = asked.result()
            with self._lock:
                if piece is not None:
                    self._ready.appendleft(piece)

    def _next(self) -> Future[Speech | None]:
        """A future of the next piece, or of None at the end."""
        future: Future[Speech | None] = Future()
        with self._lock:
            self._asked.append(future)
            self._deliver()
        return future

    def _deliver(self) -> None:
        while self._asked and (self._ready or self._end):
            future = self._asked.popleft()
            if not future.set_running_or_notify_cancel():
                continue
            if self._ready:
                self._taken = monotonic()
                future.set_result(self._ready.popleft())
            elif isinstance(self._end, BaseException):
                future.set_exception(self._end)
            else:
                future.set_result(None)


def count_places(streams: Iterable[SpeechStream]) -> int:
    """The places of an engine that streams take together."""
    return sum(stream.places for stream in streams)
