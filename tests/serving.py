"""A server as it runs: on a port of this machine, on a thread of its own."""

import asyncio
import socket
import threading
import time
from contextlib import contextmanager

import numpy as np
import uvicorn

SPEECH = "/v1/audio/speech"


class QuickServer(uvicorn.Server):
    """A server that looks every few milliseconds whether it is to stop, not every tenth of a
    second."""

    async def main_loop(self):
        while not await self.on_tick(0):
            await asyncio.sleep(0.005)


@contextmanager
def serving(app):
    """Where the application answers."""
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_level="critical", timeout_graceful_shutdown=2)
    running = QuickServer(config)
    thread = threading.Thread(target=running.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        wait_for(lambda: running.started)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        running.should_exit = True
        thread.join()
        listening.close()


def wait_for(condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.002)


def floats(pcm):
    """Samples between -1 and 1 from the bytes of 16-bit ones."""
    return np.frombuffer(pcm, "<i2").astype(np.float32) / 32767


def assert_sounds_like(pcm, speech):
    np.testing.assert_allclose(floats(pcm), speech.audio.clip(-1, 1), rtol=0, atol=1e-3)
