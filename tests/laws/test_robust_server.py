from urllib.parse import urlsplit

import httpx
import pytest
from tts.app.server.app import create_app
from tts.app.server.settings import ServerSettings

from benchmarks.odd_requests import CHARACTERS, KINDS, worst_texts
from benchmarks.robust_server import faults_of, robustness, send_random, table
from tests.serving import serving, wait_for
from tts.serving.engine import Engine

TOLD = {
    "statuses": {"200": 5, "400": 5, "503": 1, "closed": 2, "left": 1},
    "alive": True,
    "longest_health_s": 0.9,
    "sigterm_to_end_s": 9.0,
    "tracebacks_logged": 0,
}


def test_a_server_answers_whatever_it_is_sent(tiny_synthesizer):
    with (
        Engine(tiny_synthesizer, workers=1, waiting=8) as engine,
        serving(create_app(engine, ServerSettings())) as at,
    ):
        statuses = send_random(urlsplit(at).port, 6 * len(KINDS), seed=0)
        assert httpx.get(f"{at}/health", timeout=5).status_code == 200
        wait_for(lambda: engine.stats.running == engine.stats.waiting == 0)
    assert not faults_of({**TOLD, "statuses": dict(statuses)})
    assert statuses["200"] > 10
    assert statuses["400"] > 10
    assert statuses["left"] > 2
    assert engine.stats.failed == 0


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        ({"statuses": {"200": 1, "500": 2}}, "2 requests ended as 500"),
        ({"statuses": {"late": 1}}, "1 requests ended as late"),
        ({"alive": False}, "the server died"),
        ({"longest_health_s": 1.1}, "/health took 1.1 s"),
        ({"sigterm_to_end_s": 10.5}, "SIGTERM took 10.5 s"),
        ({"tracebacks_logged": 1}, "tracebacks are in the log"),
    ],
)
def test_a_fault_is_seen(wrong, fault):
    assert faults_of(TOLD) == []
    assert faults_of(TOLD | wrong) == [fault]


def test_the_worst_texts_are_as_long_as_may_be():
    texts = worst_texts(50)
    assert {len(text) for text in texts} == {CHARACTERS}
    assert len(set(texts)) > 30


@pytest.mark.slow
def test_a_server_bears_the_worst_texts_and_ends_when_it_is_told_to():
    told = robustness(200, 0, seconds=5)
    assert not faults_of(told), table(told)
