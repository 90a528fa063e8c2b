"""The OpenAPI schema of the server: every route, field and status is described."""

import re

import httpx
import pytest
from tts.app.server.app import create_app
from tts.app.server.openapi import ErrorBody
from tts.app.server.settings import ServerSettings

from tests.serving import serving
from tts.serving.engine import Engine

KEY = "sesame"
# by which statuses each route may refuse
EVERYWHERE = {"408", "421", "500", "503", "default"}
SPEAKING = {"400", "404", "413", "429", "504"}
REFUSALS = {
    "/": set(),
    "/health": set(),
    "/metrics": {"401"},
    "/v1/models": {"401"},
    "/v1/models/{name}": {"401", "404"},
    "/v1/voices": {"401"},
    "/v1/audio/voices": {"401"},
    "/v1/audio/speech": {"401", *SPEAKING},
    "/v1/audio/captions": {"401", *SPEAKING},
    "/dev/captioned_speech": {"401", *SPEAKING},
}


@pytest.fixture
def schema(tiny_synthesizer):
    with Engine(tiny_synthesizer) as engine:
        return create_app(engine, ServerSettings(key=KEY)).openapi()


@pytest.fixture
def operations(schema):
    """Every route with its operation."""
    return [(path, one) for path, methods in schema["paths"].items() for one in methods.values()]


def is_prose(text):
    """A sentence of some words; it may begin with the name of a value."""
    return re.match("[A-Z0-9`]", text) and text.endswith(".") and len(text.split()) > 2


def test_the_service_is_described(schema):
    assert schema["info"]["version"]
    assert schema["info"]["summary"]
    assert "/v1/audio/stream" in schema["info"]["description"], "of WebSockets it has no routes"


def test_every_route_has_a_summary_and_a_description(operations):
    assert {path for path, _ in operations} == set(REFUSALS)
    summaries = [one["summary"] for _, one in operations]
    assert len(set(summaries)) == len(summaries)
    for path, one in operations:
        generated = one["operationId"].partition("_")[0].capitalize()
        assert one["summary"] not in ("", generated), path
        assert is_prose(one["description"].strip()), path
        for parameter in one.get("parameters", ()):
            assert is_prose(parameter["description"]), (path, parameter)
            assert parameter["schema"]["examples"], (path, parameter)


def test_every_route_declares_its_statuses_and_what_they_mean(operations):
    for path, one in operations:
        declared = one["responses"]
        assert set(declared) == {"200"} | EVERYWHERE | REFUSALS[path], path
        for status, response in declared.items():
            assert is_prose(response["description"]), (path, status)
            assert response["description"] != "Successful Response."
            assert response["content"], (path, status)


def test_every_field_has_a_description_an_example_and_a_default(schema):
    requests = [
        name for name, model in schema["components"]["schemas"].items() if name.endswith("Request")
    ]
    assert len(requests) == 3
    for name in (*requests, "VoiceId", "ErrorDetail"):
        model = schema["components"]["schemas"][name]
        assert is_prose(model["description"])
        for field, about in model["properties"].items():
            assert is_prose(about["description"]), (name, field)
            assert about["examples"], (name, field)
            assert (
                "default" in about
                or field in model.get("required", ())
                or None in (each.get("type") != "null" or None for each in about["anyOf"])
            ), (name, field)


def test_numbers_state_their_ranges(schema):
    fields = schema["components"]["schemas"]["OpenAISpeechRequest"]["properties"]
    speed = fields["speed"]
    assert (speed["minimum"], speed["maximum"], speed["default"]) == (0.25, 4, 1.0)
    pause, _ = fields["sentence_pause"]["anyOf"]
    assert (pause["minimum"], pause["maximum"]) == (0, 10)
    assert "econds" in fields["sentence_pause"]["description"]


def test_a_refusal_has_a_declared_status_and_form(schema, tiny_synthesizer):
    body = {"input": "Hello."}
    headers = {"Authorization": f"Bearer {KEY}"}
    with (
        Engine(tiny_synthesizer) as engine,
        serving(create_app(engine, ServerSettings(key=KEY, max_body_bytes=1000))) as at,
    ):
        url = f"{at}/v1/audio/speech"
        refused = {
            400: httpx.post(url, json={}, headers=headers),
            401: httpx.post(url, json=body),
            404: httpx.post(url, json=body | {"model": "x"}, headers=headers),
            413: httpx.post(url, json=body | {"x": "x" * 1000}, headers=headers),
            421: httpx.post(url, json=body, headers=headers | {"Host": "evil.example"}),
        }
    declared = schema["paths"]["/v1/audio/speech"]["post"]["responses"]
    for status, answer in refused.items():
        assert answer.status_code == status
        assert str(status) in declared
        assert ErrorBody.model_validate(answer.json()).error.message
