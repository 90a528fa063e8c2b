"""The OpenAPI schema of the server: every route, field and status is described."""

import re
from functools import partial

import httpx
import pytest
from tts.app.server.app import create_app
from tts.app.server.openapi import ErrorBody
from tts.app.server.response import late
from tts.app.server.settings import ServerSettings

from tests.serving import serving
from tts.serving.engine import Engine, EngineClosed, QueueFull

KEY = "sesame"
# by which statuses each route may refuse
EVERYWHERE = {"408", "421", "500", "503", "default"}
SPEAKING = {"400", "404", "413", "429", "504"}
REFUSALS = {
    "/": set(),
    "/health": set(),
    "/metrics": {"401"},
    "/v1/models": {"401"},
    "/v1/audio/models": {"401"},
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


INVALID = {
    "range": {"speed": 5},
    "voice": {"voice": "nobody"},
    "no words": {"input": "!"},
    "too long": {"input": "x" * 5000},
    "missing": {"input": None},
    "format": {"response_format": "ogg"},
}


def test_errors_are_shown_as_the_server_answers_them(schema, tiny_synthesizer):
    settings, body = ServerSettings(key=KEY), {"input": "Hello."}
    headers = {"Authorization": f"Bearer {KEY}"}
    with Engine(tiny_synthesizer) as engine, serving(create_app(engine, settings)) as at:
        for path, needs in REFUSALS.items():
            if "413" not in needs:
                continue
            ask = partial(httpx.post, f"{at}{path}")
            wrong = INVALID | {
                "format": {"response_format": "doc" if "captions" in path else "ogg"}
            }
            answers = {
                (400, name): ask(json=body | given, headers=headers)
                for name, given in wrong.items()
            }
            answers[401, "key"] = ask(json=body)
            answers[404, "model"] = ask(json=body | {"model": "tts-9"}, headers=headers)
            answers[413, "size"] = ask(json=body | {"x": "x" * 2**20}, headers=headers)
            answers[421, "host"] = ask(json=body, headers=headers | {"Host": "tts.example.com"})
            shown = examples_of(schema["paths"][path]["post"])
            assert {key for key in shown if key[0] < 429 and key[0] != 408} == set(answers)
            for key, answer in answers.items():
                error = {
                    name: value
                    for name, value in answer.json()["error"].items()
                    if value is not None  # the schema has no null in examples
                }
                assert (answer.status_code, {"error": error}) == (key[0], shown[key]), (path, key)
            for status, error in (
                (429, QueueFull(2.0)),
                (503, EngineClosed()),
                (504, late(settings)),
            ):
                (example,) = (value for key, value in shown.items() if key[0] == status)
                assert example["error"]["message"] == (getattr(error, "detail", "") or str(error))


def examples_of(operation):
    """The examples of errors of a route by their status and name."""
    return {
        (int(status), name): example["value"]
        for status, response in operation["responses"].items()
        if status.isdigit() and status != "200"
        for name, example in response["content"]["application/json"]["examples"].items()
    }


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
