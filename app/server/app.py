"""Speech over HTTP, as OpenAI's clients ask for it; the engine makes it, and nothing else here."""

from fastapi import APIRouter, Depends, FastAPI, Request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import JSONResponse, Response

from tts.serving.engine import Engine

from ..network.body_limit import AllowedHostMiddleware, BodyLimitMiddleware
from ..network.origins import OriginLog
from .auth import is_authorized
from .errors import ApiError, add_error_handlers
from .metrics import MetricsMiddleware, RequestMetrics
from .routes.captions import captions_router
from .routes.models import models_router
from .routes.speech import speech_router
from .routes.websocket import websocket_router
from .schemas import MODEL_NAME
from .settings import ServerSettings

WRONG_KEY = "expected the key in a header `Authorization: Bearer KEY`, got none or another; give it"


def create_app(engine: Engine, settings: ServerSettings) -> FastAPI:
    """An application that speaks, and leaves no trace on the disk."""

    def keyed(request: Request) -> None:
        if not is_authorized(settings, request.headers.get("authorization")):
            raise ApiError(401, WRONG_KEY, code="invalid_api_key")

    metrics = RequestMetrics(engine)
    # its page of documentation fetches scripts from afar, and so it has none
    app = FastAPI(title=MODEL_NAME, docs_url=None, redoc_url=None)
    add_error_handlers(app)
    app.include_router(health(engine))
    app.include_router(websocket_router(engine, settings))  # it asks for the key itself
    rooms = (
        speech_router(engine, settings),
        captions_router(engine, settings),
        models_router(engine),
    )
    for room in (*rooms, figures(metrics)):
        app.include_router(room, dependencies=[Depends(keyed)])
    app.add_middleware(BodyLimitMiddleware, most=settings.max_body_bytes)
    if settings.origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.origins,
            allow_methods=["GET", "POST"],
            allow_headers=["*"],
        )
    app.add_middleware(OriginLog, origins=settings.origins)
    app.add_middleware(AllowedHostMiddleware, hosts=settings.hosts)
    app.add_middleware(MetricsMiddleware, metrics=metrics)
    return app


def health(engine: Engine) -> APIRouter:
    """The routes that need no key."""
    router = APIRouter()

    # on the event loop, so that nothing which keeps the threads busy delays it
    @router.head("/health", include_in_schema=False)
    @router.get("/health")
    async def well() -> Response:
        """Whether there is anyone to speak."""
        if engine.closed:
            return JSONResponse({"status": "closed"}, 503)
        return JSONResponse({"status": "ok"})

    @router.head("/", include_in_schema=False)
    @router.get("/")
    def landing(request: Request) -> dict[str, object]:
        """Where everything is."""
        routes = sorted(request.app.openapi()["paths"])
        return {"name": MODEL_NAME, "page": "/live", "routes": routes}

    return router


def figures(metrics: RequestMetrics) -> APIRouter:
    """The route for Prometheus."""
    router = APIRouter()

    @router.get("/metrics", response_class=Response)
    async def measured() -> Response:
        """Requests and load, since the server began."""
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)

    return router
