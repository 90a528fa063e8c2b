"""The pages for people: `/` to begin with, `/live` to type, and `/docs` with all routes."""

import re
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.staticfiles import StaticFiles

from tts.audio import wav_header
from tts.palette import PALETTE
from tts.serving.engine import Engine
from tts.synthetic_tag import synthetic_comment

from ..openapi import content_response
from ..schemas import MODEL_NAME
from ..settings import DEMO, ServerSettings

JSON, HTML = "application/json", "text/html"
STATIC = Path(__file__).parent.parent / "static"
SWAGGER = Path(str(files("fastapi_offline") / "static"))
# The files that pages load, by the name at the end of their path
LOADED = {
    PALETTE.name: PALETTE.parent,
    **dict.fromkeys(("look.css", "favicon.svg", "voices.js"), STATIC),
    **dict.fromkeys(("home.css", "home.js"), STATIC),
    **dict.fromkeys(("docs.css", "docs.js"), STATIC),
    **dict.fromkeys(("swagger-ui.css", "swagger-ui-bundle.js"), SWAGGER),
}
LIVE_LOADS = ("live.js", "worklet.js", "live.css")
# The pages load nothing from other sites, and cannot be framed
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; media-src blob:; frame-ancestors 'none'; base-uri 'none'; "
    "form-action 'none'"
)
# The pages, by their places below the first: name, and what it is for
PAGES = {
    "./": ("Start", "Try the server and call it from your programs."),
    "live": ("Live", "Speaks while you type, and marks the words."),
    f"{DEMO[1:]}/": ("Demo", "Voices, settings, long texts and files."),
    "docs": ("API", "All routes, fields and errors, to try."),
}
Length = Annotated[int, Query(ge=0, le=2**32)]
Voice = Annotated[str, Query(max_length=2000)]
QUALITY = re.compile(r"q=([01](?:\.\d{0,3})?)", re.IGNORECASE)


def pages_router(engine: Engine, settings: ServerSettings) -> APIRouter:
    """The routes of the pages, which need no key, and of the files that they load."""
    router = APIRouter()

    @router.head("/", include_in_schema=False)
    @router.get(
        "/",
        response_class=Response,
        summary="Overview",
        responses={
            200: content_response(
                "The overview of the server; a page for browsers, which ask for HTML.",
                JSON,
                example={"name": MODEL_NAME, "page": "/live", "routes": ["/health"]},
            )
        },
    )
    def landing(request: Request) -> Response:
        """The name of the server, the path of its page, and the paths of its routes."""
        if prefers_html(request.headers.get("accept", "")):
            answer: Response = _page(request, "home.html", "./", **_facts(settings))
        else:
            routes = sorted(request.app.openapi()["paths"])
            answer = JSONResponse({"name": MODEL_NAME, "page": "/live", "routes": routes})
        answer.headers["Vary"] = "Accept"
        return answer

    @router.get("/live", include_in_schema=False)
    def live(request: Request) -> HTMLResponse:
        return _page(request, "live.html", "live")

    @router.get("/live/wav-header", include_in_schema=False)
    def header(length: Length, voice: Voice = "") -> Response:
        """The header of a file with so many bytes of sound, which the page has."""
        rate, comment = engine.synthesizer.sample_rate, synthetic_comment(voice)
        return Response(wav_header(rate, length, comment), media_type="audio/wav")

    @router.get("/docs", include_in_schema=False)
    def docs(request: Request) -> HTMLResponse:
        return _page(request, "docs.html", "docs")

    _serve(router, "/favicon.ico", STATIC / "favicon.svg")
    for name, folder in LOADED.items():
        _serve(router, f"/static/{name}", folder / name)
    for name in LIVE_LOADS:
        _serve(router, f"/live/{name}", STATIC / name)
    return router


def prefers_html(accept: str) -> bool:
    """Whether an `Accept` header names HTML, and JSON not before it.

    Example:
        >>> prefers_html("text/html,application/xhtml+xml,*/*;q=0.8"), prefers_html("*/*")
        (True, False)
    """
    qualities = {}
    for part in accept.split(","):
        kind, _, parameters = part.partition(";")
        quality = QUALITY.search(parameters)
        qualities[kind.strip().lower()] = float(quality[1]) if quality else 1.0
    return qualities.get(HTML, 0.0) > 0 and qualities[HTML] >= qualities.get(JSON, 0.0)


def _facts(settings: ServerSettings) -> dict[str, str]:
    """What the first page says of the server."""
    return {
        "key": "needed" if settings.key else "none",
        "any_key": "YOUR_KEY" if settings.key else "none",
        "characters": str(settings.max_characters),
    }


def _page(request: Request, name: str, current: str, **facts: str) -> HTMLResponse:
    pages = _offered(request)
    links = "".join(_link(place, name, place == current) for place, (name, _) in pages.items())
    top = Template(_read("top.html")).substitute(links=links)
    content = Template(_read(name)).safe_substitute(facts, top=top, pages=_cards(pages))
    return HTMLResponse(content, headers={"Content-Security-Policy": POLICY})


def _offered(request: Request) -> dict[str, tuple[str, str]]:
    """The pages that are there."""
    mounted = {getattr(route, "path", "") for route in request.app.routes}
    lacking = set() if DEMO in mounted else {f"{DEMO[1:]}/"}
    return {place: page for place, page in PAGES.items() if place not in lacking}


def _link(place: str, name: str, is_current: bool) -> str:
    current = ' aria-current="page"' if is_current else ""
    return f'<a href="{place}"{current}>{name}</a>'


def _cards(pages: Mapping[str, tuple[str, str]]) -> str:
    """A list of the pages but the first."""
    cards = [
        f'<li><a class="sheet" href="{place}"><b>{name}</b><span>{about}</span></a></li>'
        for place, (name, about) in list(pages.items())[1:]
    ]
    return f'<ul class="pages">{"".join(cards)}</ul>'


def _read(name: str) -> str:
    return (STATIC / name).read_text("utf-8")


def _serve(router: APIRouter, path: str, file: Path) -> None:
    def send(request: Request) -> Response:
        answer = StaticFiles().file_response(file, file.stat(), request.scope)
        answer.headers["Cache-Control"] = "no-cache"  # a browser asks whether it has changed
        return answer

    router.add_api_route(path, send, include_in_schema=False)
