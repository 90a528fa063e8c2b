"""The log of a server, on standard error: a line a request, as text or as JSON.

Texts of clients are never in it.
"""

import logging
import re
from datetime import UTC, datetime
from json import dumps

PLAIN = re.compile(r"[^\s\"=]+")  # values that need no quotes
TIME = "%Y-%m-%d %H:%M:%S"


def configure_logs(*, as_json: bool) -> None:
    """Write what servers log to standard error.

    Args:
        as_json: a JSON object a line, instead of text.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter() if as_json else TextFormatter())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    for name in ("tts", "uvicorn"):
        logging.getLogger(name).setLevel(logging.INFO)


def log_event(log: logging.Logger, event: str, level: int = logging.INFO, **fields: object) -> None:
    """Log an event.

    Args:
        log: the logger.
        event: what happened, in a few words.
        level: of the line.
        fields: what is known of it; None for what is not. Numbers are rounded to milliseconds.
    """
    known = {
        name: round(value, 3) if isinstance(value, float) else value
        for name, value in fields.items()
        if value is not None
    }
    log.log(level, "%s", event, extra={"fields": known})


class TextFormatter(logging.Formatter):
    """`2026-01-31 12:00:00 INFO EVENT name=value`."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(message)s", TIME)

    def formatMessage(self, record: logging.LogRecord) -> str:
        fields = getattr(record, "fields", {})
        return " ".join(
            [super().formatMessage(record), *(f"{k}={_shown(v)}" for k, v in fields.items())]
        )


class JsonFormatter(logging.Formatter):
    """An object with `time`, `level`, `message` and the fields of the event."""

    def format(self, record: logging.LogRecord) -> str:
        told = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            told["traceback"] = self.formatException(record.exc_info)
        return dumps(told, default=str)


def _shown(value: object) -> str:
    text = str(value)
    return text if PLAIN.fullmatch(text) and text.isprintable() else dumps(text)
