"""Speech over HTTP, as OpenAI's clients ask for it; the engine makes it, and nothing else here."""

from fastapi import APIRouter, Depends, FastAPI, Request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import JSONResponse, Response

from tts.serving.engine import Engine

from ..network.body_limit import Guard, HostCheck
from ..network.origins import OriginLog
from .auth import allowed
from .errors import Refusal, answer_errors
from .metrics import Measured, Metrics
from .routes.captions import captions
from .routes.models import catalogue
from .routes.speech import speech
from .routes.websocket import stream
from .schemas import OURS
from .settings import Settings

WRONG_KEY = "expected the key in a header `Authorization: Bearer KEY`, got none or another; give it"


def server(engine: Engine, settings: Settings) -> FastAPI:
    """An application that speaks, and leaves no trace on the disk."""

    def keyed(request: Request) -> None:
        if not allowed(settings, request.headers.get("authorization")):
            raise Refusal(401, WRONG_KEY, code="invalid_api_key")

    metrics = Metrics(engine)
    # its page of documentation fetches scripts from afar, and so it has none
    app = FastAPI(title=OURS, docs_url=None, redoc_url=None)
    answer_errors(app)
    app.include_router(health(engine))
    app.include_router(stream(engine, settings))  # it asks for the key itself
    rooms = (speech(engine, settings), captions(engine, settings), catalogue(engine))
    for room in (*rooms, figures(metrics)):
        app.include_router(room, dependencies=[Depends(keyed)])
    app.add_middleware(Guard, most=settings.body)
    if settings.origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.origins,
            allow_methods=["GET", "POST"],
            allow_headers=["*"],
        )
    app.add_middleware(OriginLog, origins=settings.origins)
    app.add_middleware(HostCheck, hosts=settings.hosts)
    app.add_middleware(Measured, metrics=metrics)
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
        return {"name": OURS, "page": "/live", "routes": routes}

    return router


def figures(metrics: Metrics) -> APIRouter:
    """The route for Prometheus."""
    router = APIRouter()

    @router.get("/metrics", response_class=Response)
    async def measured() -> Response:
        """Requests and load, since the server began."""
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)

    return router
