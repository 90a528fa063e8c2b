"""Live audio for Gradio's player, encoded here so that it starts without delay."""

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
HEADER = 7  # bytes of the ADTS header of a frame
LISTED = 2  # segments in the first playlist that a player gets
LIST_TIMEOUT_SECONDS = 15.0  # for which a playlist is held back; chosen by hand
META = {"_type": "gradio.FileData"}


@dataclass
class Stream:
    """The encoded audio of one request, and whether it has segments that no playlist has listed."""

    encoder: AudioEncoder | None = None
    rate: int = 0
    segments: int = 0
    ended: bool = False
    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def add(self, rate: int, samples: np.ndarray) -> MediaStreamChunk | None:
        """Encode the next samples; the segment that is ready, if any."""
        if self.encoder is None:
            self.encoder, self.rate = ENCODERS["aac"](rate), rate
        return self._segment(await asyncio.to_thread(self.encoder.add, samples))

    async def end(self) -> MediaStreamChunk | None:
        """Flush the encoder; the last segment, if any."""
        last = self._segment(await asyncio.to_thread(self.encoder.end)) if self.encoder else None
        self.over()
        return last

    def over(self) -> None:
        """Mark the stream as ended."""
        self.ended = True
        self.news.set()

    async def more(self) -> None:
        """Wait for new segments or the end."""
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
    """The streams of the player, encoded in this process.

    Gradio would start the command `ffmpeg` for each segment, which takes 50 ms and needs it to be
    installed.
    """

    def __init__(self) -> None:
        self._streams: dict[str, Stream] = {}

    def player(self, **options: Any) -> gr.Audio:
        """Gradio's audio player, with its streaming replaced by this class; nothing is on disk."""
        player = gr.Audio(streaming=True, autoplay=True, interactive=False, **options)
        # for a subclass Gradio would write a type stub next to this file
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
        """Encode a value; the segment that is ready and the stream's file data.

        A stream may be opened with None, before it has audio.
        """
        stream = self._streams.setdefault(output_id, Stream())
        named = {"path": output_id, "is_stream": True, "orig_name": "speech.aac", "meta": META}
        return (await stream.add(*value) if value else None), named

    async def flush(self, output_id: str) -> MediaStreamChunk | None:
        """The last segment of a stream."""
        stream = self._streams.get(output_id)
        try:
            return await stream.end() if stream else None
        finally:
            self._streams.pop(output_id, None)

    def end(self, output_id: str) -> None:
        """Drop a stream that is no longer played."""
        if stream := self._streams.pop(output_id, None):
            stream.over()

    async def more(self, output_id: str) -> None:
        """Wait for new segments of a stream, or for the timeout."""
        if stream := self._streams.get(output_id):
            with suppress(TimeoutError):
                await asyncio.wait_for(stream.more(), LIST_TIMEOUT_SECONDS)


class PlaylistMiddleware:
    """Holds a playlist back until it lists new segments (long polling).

    So the player gets ready while the first segments are made. A player that finds no new segment
    waits half a second before it polls again, and one that finds a single segment waits twice its
    length: playback would stall.
    """

    def __init__(self, app: ASGIApp, streams: Streams) -> None:
        self._app, self._streams = app, streams

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        _, asked, output_id = scope.get("path", "").partition("/stream/")
        if asked and output_id.endswith("/playlist.m3u8"):
            await self._streams.more(output_id)
        await self._app(scope, receive, send)


def _frames(data: bytes) -> Iterator[bytes]:
    """The AAC frames of an ADTS stream; each states its length in its header."""
    while len(data) >= HEADER:
        length = (data[3] & 3) << 11 | data[4] << 3 | data[5] >> 5
        yield data[:length]
        data = data[length:]
