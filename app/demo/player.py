"""Sound that is still being made, for Gradio's player: what that lacks to begin at once."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import gradio as gr
import numpy as np
from gradio.data_classes import MediaStreamChunk
from starlette.types import ASGIApp, Receive, Scope, Send

from ..encoding import ENCODERS, AudioEncoder

FRAME = 1024  # samples of AAC
HEADER = 7  # bytes at the head of a frame
LISTED = 2  # segments in the first list that a player gets
LIST_TIMEOUT_SECONDS = 15.0  # seconds that a player waits for a list
META = {"_type": "gradio.FileData"}


@dataclass
class Stream:
    """What is encoded of one answer, and whether there is more of it than a player was told."""

    encoder: AudioEncoder | None = None
    rate: int = 0
    segments: int = 0
    ended: bool = False
    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def add(self, rate: int, samples: np.ndarray) -> MediaStreamChunk | None:
        """The next segment, from sound that goes on from the last."""
        if self.encoder is None:
            self.encoder, self.rate = ENCODERS["aac"](rate), rate
        return self._segment(await asyncio.to_thread(self.encoder.add, samples))

    async def end(self) -> MediaStreamChunk | None:
        """The last segment: what was held back."""
        last = self._segment(await asyncio.to_thread(self.encoder.end)) if self.encoder else None
        self.over()
        return last

    def over(self) -> None:
        """There will be no more."""
        self.ended = True
        self.news.set()

    async def more(self) -> None:
        """Wait until there is more than there was last time."""
        await self.news.wait()
        if not self.ended:
            self.news.clear()

    def _segment(self, data: bytes) -> MediaStreamChunk | None:
        count = sum(1 for _ in _frames(data))
        if not count:
            return None
        self.segments += 1
        if self.segments >= LISTED:
            self.news.set()
        return {"data": data, "duration": count * FRAME / self.rate, "extension": ".aac"}


class Streams:
    """The streams of a player, encoded in this process.

    A command `ffmpeg` begun for each, as Gradio does it, would be 50 ms later, and is not on every
    machine.
    """

    def __init__(self) -> None:
        self._streams: dict[str, Stream] = {}

    def player(self, **options: Any) -> gr.Audio:
        """Gradio's player, which takes what it streams from here: whole numbers, from no disk."""
        player = gr.Audio(streaming=True, autoplay=True, interactive=False, **options)
        # a class that is derived from it would have Gradio write a file beside this one
        vars(player).update(
            postprocess=lambda value: value,
            stream_output=self.add,
            flush_stream_output=self.flush,
            end_stream_output=self.end,
        )
        return player

    async def add(
        self, value: Any, output_id: str, first_chunk: bool
    ) -> tuple[MediaStreamChunk | None, dict[str, Any]]:
        """What is ready of the encoding, and the name of the stream; one may open without sound."""
        stream = self._streams.setdefault(output_id, Stream())
        named = {"path": output_id, "is_stream": True, "orig_name": "speech.aac", "meta": META}
        return (await stream.add(*value) if value else None), named

    async def flush(self, output_id: str) -> MediaStreamChunk | None:
        """What the encoder held back."""
        stream = self._streams.get(output_id)
        try:
            return await stream.end() if stream else None
        finally:
            self._streams.pop(output_id, None)

    def end(self, output_id: str) -> None:
        """Nobody listens any more."""
        if stream := self._streams.pop(output_id, None):
            stream.over()

    async def more(self, output_id: str) -> None:
        """Wait until there is more of a stream than there was last time."""
        if stream := self._streams.get(output_id):
            with suppress(TimeoutError):
                await asyncio.wait_for(stream.more(), LIST_TIMEOUT_SECONDS)


class PlaylistMiddleware:
    """A list of segments is given once there are more in it than last time.

    So a player gets ready while the first of them are made. One that finds no more than it knew
    would not ask again for half a second, and one that finds a single segment for twice as long as
    that lasts: its sound would end before.
    """

    def __init__(self, app: ASGIApp, streams: Streams) -> None:
        self._app, self._streams = app, streams

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        _, asked, output_id = scope.get("path", "").partition("/stream/")
        if asked and output_id.endswith("/playlist.m3u8"):
            await self._streams.more(output_id)
        await self._app(scope, receive, send)


def _frames(data: bytes) -> Iterator[bytes]:
    """Frames of AAC, each with its length at its head."""
    while len(data) >= HEADER:
        length = (data[3] & 3) << 11 | data[4] << 3 | data[5] >> 5
        yield data[:length]
        data = data[length:]
