"""Routes that list models and voices, with the aliases that other clients use."""

from typing import Annotated

from fastapi import APIRouter
from fastapi import Path as PathParameter

from tts.serving.engine import Engine

from ...voices import describe_voices
from ..openapi import content_response, error_responses
from ..schemas import MODEL_NAME, MODELS, aliases, default_voice, steps_of
from ..settings import ServerSettings

JSON = "application/json"


def models_router(engine: Engine, settings: ServerSettings) -> APIRouter:
    """The routes that list models and voices."""
    router = APIRouter()

    @router.get(
        "/v1/models",
        summary="List the models",
        responses={
            200: content_response(
                "All names of the model.",
                JSON,
                example={"object": "list", "data": [_model(MODEL_NAME)]},
            )
        },
    )
    def models() -> dict[str, object]:
        """List the names of the model, in the form of OpenAI's API."""
        return {"object": "list", "data": [_model(name) for name in MODELS]}

    @router.get(
        "/v1/audio/models",
        summary="List the models for Open WebUI",
        responses={
            200: content_response(
                "All names of the model.", JSON, example={"models": [_model(MODEL_NAME)]}
            )
        },
    )
    def audio_models() -> dict[str, object]:
        """List the names of the model, in the form that Open WebUI reads."""
        return {"models": [_model(name) for name in MODELS]}

    @router.get(
        "/v1/models/{name}",
        summary="Get a model",
        responses={
            **error_responses(404),
            200: content_response("The model and its steps.", JSON, example=_model("tts-1-hd")),
        },
    )
    def model(
        name: Annotated[str, PathParameter(description="A name of the model.", examples=["tts-1"])],
    ) -> dict[str, object]:
        """Describe a model; `steps` is the default of requests that name it."""
        return _model(name)

    listed = content_response(
        "The voices with what is known of each, the voice of requests that name none, the aliases "
        "with the voice of each, and the sample rate of the audio in Hz.",
        JSON,
        example={
            "voices": [
                {
                    "id": "heart",
                    "name": "heart",
                    "description": "female, US accent",
                    "languages": ["en-US"],
                    "sex": "female",
                    "accent": "US",
                    "word_errors": 3.8,
                    "distillmos": 4.09,
                    "similarity": 0.9,
                    "lines": 40,
                    "learned": False,
                },
                {
                    "id": "anna",
                    "name": "anna",
                    "description": "female, learned from 12.5 minutes, CC0-1.0",
                    "languages": ["en-US"],
                    "sex": "female",
                    "minutes": 12.5,
                    "licence": "CC0-1.0",
                    "learned": True,
                },
            ],
            "default": "heart",
            "aliases": {"alloy": "heart"},
            "sample_rate": 24000,
        },
    )

    @router.get("/v1/audio/voices", summary="List the voices (alias)", responses={200: listed})
    @router.get("/v1/voices", summary="List the voices", responses={200: listed})
    def voices() -> dict[str, object]:
        """List the voices, and the names of OpenAI's voices that stand for them.

        Each has its `languages`, a `description`, and what was measured on so many `lines`:
        `word_errors` in percent (lower is better), `distillmos` from 1 to 5 and `similarity` to the
        voice's recordings from 0 to 1 (higher is better). A learned voice comes from a voice file
        of the server. Its licence and the minutes of its recordings are listed; its file is not.
        """
        return {
            "voices": list(describe_voices(engine.synthesizer)),
            "default": default_voice(engine, settings),
            "aliases": aliases(engine),
            "sample_rate": engine.synthesizer.sample_rate,
        }

    return router


def _model(name: str) -> dict[str, object]:
    return {
        "id": name,
        "object": "model",
        "created": 0,
        "owned_by": MODEL_NAME,
        "steps": steps_of(name),
    }
