"""Work that runs on the event loop of an application, as long as that runs."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any

from fastapi import FastAPI

log = logging.getLogger(__name__)


def run_beside(app: FastAPI, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a coroutine from the start of an application to its end, when it is cancelled.

    Args:
        app: the application.
        work: makes the coroutine. An error of it is logged; the application goes on.
    """
    before = app.router.lifespan_context

    @asynccontextmanager
    async def both(app: FastAPI) -> AsyncIterator[Any]:
        async with before(app) as state:
            task = asyncio.create_task(work())
            task.add_done_callback(_report)
            try:
                yield state
            finally:
                task.cancel()
                with suppress(asyncio.CancelledError, Exception):  # it was reported
                    await task

    app.router.lifespan_context = both


def _report(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()):
        log.error("%s has ended by an error", task.get_coro(), exc_info=error)
