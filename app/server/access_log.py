"""A line in the log for every HTTP request, but for those of monitors and of the demo's files."""

import logging
from urllib.parse import quote

from tts.error_messages import excerpt

from ..logs import log_event
from .request_record import RequestRecord
from .settings import DEMO

log = logging.getLogger(__name__)
MONITORED = ("/health", "/metrics")


def log_request(record: RequestRecord) -> None:
    """Log a request that was answered."""
    if record.status < 400 and not record.voice and is_frequent(record):
        return
    path = quote(excerpt(record.path), errors="replace")  # without spaces, which part fields
    log_event(
        log,
        f"{record.method} {path}",
        status=record.status,
        voice=record.voice,
        characters=record.characters,
        sound_seconds=record.sound_seconds if record.voice else None,
        first_sound_seconds=record.first_sound,
        seconds=record.seconds,
        client=record.client,
    )


def is_frequent(record: RequestRecord) -> bool:
    """Whether a request is one of those that monitors and pages make all the time."""
    return record.route in MONITORED or record.path.startswith(f"{DEMO}/")
