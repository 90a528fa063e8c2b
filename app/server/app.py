"""The HTTP application: routes in the form of OpenAI's API, with metrics and limits."""

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.security import HTTPBearer
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import JSONResponse, Response

from tts import __version__
from tts.serving.engine import Engine

from ..demo.limits import DemoLimits
from ..network.body_limit import AllowedHostMiddleware, BodyLimitMiddleware
from ..network.origins import OriginMiddleware
from .access_log import log_request
from .auth import WRONG_KEY, is_authorized
from .errors import ApiError, add_error_handlers
from .metrics import RequestMetrics
from .openapi import DESCRIPTION, SUMMARY, content_response, error_responses
from .request_record import RecordMiddleware
from .responder import SpeechResponder
from .routes.captions import captions_router
from .routes.models import models_router
from .routes.pages import pages_router
from .routes.speech import speech_router
from .routes.websocket import websocket_router
from .schemas import MODEL_NAME
from .settings import DEMO, ServerSettings

JSON = "application/json"
SPEECH, VOICES, SERVER = "Speech", "Voices and models", "Server"  # groups of routes


def create_app(engine: Engine, settings: ServerSettings, demo: DemoLimits | None = None) -> FastAPI:
    """Build the ASGI application. It writes nothing to disk.

    Args:
        engine: makes the speech; the caller closes it.
        settings: limits, API key, allowed hosts and origins.
        demo: limits of the web demo below `/demo`, which needs the extra `demo`; None for none.

    Returns:
        The application; `openapi()` describes its routes.

    Example:
        >>> app = create_app(Engine(tts.load()), ServerSettings())  # doctest: +SKIP
        >>> uvicorn.run(app)  # doctest: +SKIP
    """

    def keyed(request: Request) -> None:
        if not is_authorized(settings, request.headers.get("authorization")):
            raise ApiError(401, WRONG_KEY, code="invalid_api_key")

    metrics = RequestMetrics(engine)
    # FastAPI's own pages load scripts from other sites; `pages_router` has others
    app = FastAPI(
        title=MODEL_NAME,
        version=__version__,
        summary=SUMMARY,
        description=DESCRIPTION,
        responses=error_responses(),
        openapi_tags=[{"name": name} for name in (SPEECH, VOICES, SERVER)],
        docs_url=None,
        redoc_url=None,
    )
    add_error_handlers(app)
    app.include_router(health(engine), tags=[SERVER])
    app.include_router(pages_router(engine, settings), tags=[SERVER])
    app.include_router(websocket_router(engine, settings))  # it checks the key itself
    responder = SpeechResponder(engine, settings)
    rooms = (
        (SPEECH, speech_router(responder)),
        (SPEECH, captions_router(responder)),
        (VOICES, models_router(engine, settings)),
        (SERVER, figures(metrics)),
    )
    dependencies = [Depends(keyed)]
    if settings.key is not None:  # for the schema alone: `keyed` checks it
        dependencies.append(Depends(HTTPBearer(auto_error=False, description="The API key.")))
    for tag, room in rooms:
        app.include_router(
            room, tags=[tag], dependencies=dependencies, responses=error_responses(401)
        )
    if demo:
        from .demo_mount import mount_demo

        mount_demo(app, engine, settings, demo)
    mounted = DEMO if demo else None
    app.add_middleware(BodyLimitMiddleware, most=settings.max_body_bytes, mounted=mounted)
    if settings.origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.origins,
            allow_methods=["GET", "POST"],
            allow_headers=["*"],
        )
    app.add_middleware(OriginMiddleware, origins=settings.origins, refuses=mounted)
    app.add_middleware(AllowedHostMiddleware, hosts=settings.hosts)
    app.add_middleware(RecordMiddleware, observers=(metrics.observe, log_request))
    return app


def health(engine: Engine) -> APIRouter:
    """The route that says whether the server is well; it needs no key."""
    router = APIRouter()

    # on the event loop, so that busy threads do not delay it
    @router.head("/health", include_in_schema=False)
    @router.get(
        "/health",
        summary="Health check",
        responses={
            200: content_response("The server is up.", JSON, example={"status": "ok"}),
            503: content_response("It is shutting down.", JSON, example={"status": "closed"}),
        },
    )
    async def well() -> Response:
        """Whether the server can synthesise; it needs no key and is fast under any load."""
        if engine.closed:
            return JSONResponse({"status": "closed"}, 503)
        return JSONResponse({"status": "ok"})

    return router


def figures(metrics: RequestMetrics) -> APIRouter:
    """The route for Prometheus."""
    router = APIRouter()

    @router.get(
        "/metrics",
        response_class=Response,
        summary="Metrics",
        responses={200: content_response("Metrics in Prometheus' text format.", "text/plain")},
    )
    async def measured() -> Response:
        """Counts and durations of requests, and the load, since the server started."""
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)

    return router
