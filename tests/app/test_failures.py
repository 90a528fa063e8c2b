from pathlib import Path

import pytest
from tts.app.demo.player import response
from tts.app.failures import UNEXPECTED_FAILURE, FailureKind, describe_failure
from tts.app.server import session

from tts.learned_voices import VoiceFileError
from tts.serving.engine import EngineClosed, QueueFull

APP = Path(__file__).parents[2] / "app"


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (ValueError("expected a text; send one"), FailureKind.INVALID_REQUEST),
        (QueueFull(2.0), FailureKind.BUSY),
        (EngineClosed(), FailureKind.CLOSED),
    ],
)
def test_what_was_expected_is_told_by_its_own_sentence(error, kind):
    failure = describe_failure(error)
    assert (failure.kind, failure.message) == (kind, str(error))


def test_what_was_not_expected_keeps_its_text_to_itself():
    failure = describe_failure(RuntimeError("a secret of ours"))
    assert (failure.kind, failure.message) == (FailureKind.UNEXPECTED, UNEXPECTED_FAILURE)


def test_the_path_of_a_voice_file_is_logged_and_not_told(caplog):
    failure = describe_failure(VoiceFileError("anna", "no such file: /secret/anna.voice"))
    assert failure.kind is FailureKind.VOICE_UNAVAILABLE
    assert failure.message.startswith("the file of the voice 'anna' is missing or was changed")
    assert "/secret" not in failure.message
    assert "/secret/anna.voice" in caplog.text


def test_every_server_has_a_status_for_each_kind():
    for statuses in (response.STATUS, session.CLOSE_CODES):
        assert set(statuses) == set(FailureKind)


def test_the_sentence_stands_once():
    texts = [path.read_text(encoding="utf-8") for path in APP.rglob("*.py")]
    assert sum(text.count(UNEXPECTED_FAILURE) for text in texts) == 1
