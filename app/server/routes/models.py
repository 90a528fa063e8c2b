"""What there is to ask for: models and voices, by their own names and by those of others."""

from fastapi import APIRouter

from tts.serving.engine import Engine

from ..schemas import MODEL_NAME, MODELS, aliases, steps_of


def models_router(engine: Engine) -> APIRouter:
    """The routes that list models and voices."""
    router = APIRouter()

    @router.get("/v1/models")
    def models() -> dict[str, object]:
        """Every name a model goes by."""
        return {"object": "list", "data": [_model(name) for name in MODELS]}

    @router.get("/v1/models/{name}")
    def model(name: str) -> dict[str, object]:
        """A model, and how many steps it takes."""
        return _model(name)

    @router.get("/v1/audio/voices")
    @router.get("/v1/voices")
    def voices() -> dict[str, object]:
        """Our voices, and who of them is meant by the names that others use."""
        named = [{"id": voice, "name": voice} for voice in engine.synthesizer.voices]
        rate = engine.synthesizer.sample_rate
        return {"voices": named, "aliases": aliases(engine), "sample_rate": rate}

    return router


def _model(name: str) -> dict[str, object]:
    return {
        "id": name,
        "object": "model",
        "created": 0,
        "owned_by": MODEL_NAME,
        "steps": steps_of(name),
    }
