"""A line in the log for every HTTP request; those of monitors are left out."""

import logging

from tts.error_messages import quoted

from ..logs import log_event
from .request_record import RequestRecord

log = logging.getLogger(__name__)
MONITORED = ("/health", "/metrics")


def log_request(record: RequestRecord) -> None:
    """Log a request that was answered."""
    if record.route in MONITORED and record.status == 200:
        return
    path = quoted(record.path)[1:-1]
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
