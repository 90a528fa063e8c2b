"""What one listener gets from an engine: pieces of speech in order, for threads and for asyncio."""

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from time import monotonic

from tts.rendering import Event, Rendering
from tts.speech import Speech
from tts.text.frontend import Utterance


class UtteranceReader(Iterator[Utterance | None]):
    """The lines of a text; None where the next one was not yet read by `read_next`."""

    def __init__(self, lines: Iterator[Utterance]) -> None:
        self._lines = lines
        self._line: Utterance | None = None
        self._ended = False

    def read_next(self) -> None:
        """Read the next line, which may take long."""
        self._line = next(self._lines, None)
        self._ended = self._line is None

    def __next__(self) -> Utterance | None:
        if self._ended:
            raise StopIteration
        line, self._line = self._line, None
        return line


class SpeechStream(Rendering, Iterator[Speech]):
    """Speech as it becomes ready. Once closed, it is made no further, and ends.

    Iterate over it with `for` or with `async for`, and leave it by `with`.
    """

    def __init__(
        self,
        lines: UtteranceReader,
        events: Iterator[Event | None],
        left: Callable[["SpeechStream"], None],
    ) -> None:
        super().__init__(events)
        self.utterances = lines
        self.needs_text = True
        self._left = left
        self._lock = threading.Lock()
        self._ready: deque[Speech] = deque()
        self._asked: deque[Future[Speech | None]] = deque()
        self._end: BaseException | bool = False
        self._readable: Future[bool] = Future()
        self._due = self._taken = monotonic()
        self._sounding = False

    def __enter__(self) -> "SpeechStream":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Nothing more of it is wanted, nor what was made and not taken."""
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
        """Whether there is something to say, once that is known: its first line was read."""
        return await asyncio.shield(asyncio.wrap_future(self._readable))

    def text_ready(self) -> None:
        """Its events can go on."""
        self.needs_text = False
        with self._lock:
            self._tell_readable(True)

    def put(self, piece: Speech) -> None:
        """The piece that was made next."""
        with self._lock:
            if self._end:
                return
            if not self._sounding:
                self._sounding = True
                self._due = self._taken = monotonic()
            self._due += piece.seconds
            self._ready.append(piece)
            self._deliver()

    def finish(self, error: BaseException | None = None) -> None:
        """There are no more pieces than were put, or there is an error after them."""
        with self._lock:
            self._end = self._end or error or True
            self._tell_readable(not isinstance(self._end, BaseException))
            self._deliver()

    @property
    def finished(self) -> bool:
        """Whether nothing more may be put."""
        return bool(self._end)

    @property
    def playback_end(self) -> float:
        """When all that was made will have been heard, by the monotonic clock."""
        return self._due

    @property
    def buffered_seconds(self) -> float:
        """Seconds that were made and nobody has taken."""
        with self._lock:
            return sum(piece.seconds for piece in self._ready)

    @property
    def idle_seconds(self) -> float:
        """Seconds since somebody took a piece, or since the first was made."""
        return monotonic() - self._taken

    def _tell_readable(self, readable: bool) -> None:
        if not self._readable.done():
            self._readable.set_result(readable)

    def _put_back(self, asked: Future[Speech | None]) -> None:
        """What came for somebody who has just given up waiting is for the next who asks."""
        if asked.done() and not asked.cancelled() and not asked.exception():
            piece = asked.result()
            with self._lock:
                if piece is not None:
                    self._ready.appendleft(piece)

    def _next(self) -> Future[Speech | None]:
        """The next piece, once there is one, or None at the end."""
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
