"""What responses share that are sent while they are made."""

from anyio import CancelScope
from starlette.types import Receive

# no caches, and no buffering by proxies such as nginx
STREAMED_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


async def cancel_on_disconnect(receive: Receive, work: CancelScope) -> None:
    """Wait until the client of a request disconnects, and then cancel the work for it.

    Args:
        receive: of the request, whose body was read.
        work: the scope of the work.
    """
    while (await receive())["type"] != "http.disconnect":
        pass
    work.cancel()
