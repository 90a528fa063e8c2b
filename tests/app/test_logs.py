"""The log of a server: what a line says, as text and as JSON."""

import json
import logging
import sys

from tts.app.logs import JsonFormatter, TextFormatter, log_event

log = logging.getLogger(__name__)


def line(formatter, caplog, *given, **fields):
    with caplog.at_level(logging.INFO):
        log_event(log, *given, **fields)
    return formatter.format(caplog.records[-1])


def test_a_line_of_text_has_the_time_the_event_and_what_is_known(caplog):
    shown = line(
        TextFormatter(), caplog, "POST /", status=200, voice="a + b", seconds=1 / 3, x=None
    )
    date, time, level, *rest = shown.split(" ", 3)
    assert (len(date), len(time), level) == (10, 8, "INFO")
    assert rest == ['POST / status=200 voice="a + b" seconds=0.333']


def test_no_value_begins_a_line_of_its_own(caplog):
    assert "\n" not in line(TextFormatter(), caplog, "event", name="a\nb", other="a\x1b[2Jb")
    assert "\n" not in line(JsonFormatter(), caplog, "event", name="a\nb")


def test_a_line_of_json_has_the_same(caplog):
    told = json.loads(line(JsonFormatter(), caplog, "POST /", status=200, seconds=0.25, x=None))
    assert told.pop("time").endswith("+00:00")
    assert told == {"level": "info", "message": "POST /", "status": 200, "seconds": 0.25}


def test_a_traceback_is_one_line_of_json():
    try:
        raise RuntimeError("a fault")
    except RuntimeError:
        record = log.makeRecord("x", logging.ERROR, "f", 1, "failed", (), sys.exc_info())
    (told,) = JsonFormatter().format(record).splitlines()
    assert "RuntimeError: a fault" in json.loads(told)["traceback"]
