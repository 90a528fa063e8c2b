import re
from urllib.parse import urljoin, urlsplit

import httpx
import pytest
from starlette.applications import Starlette
from tts.app.server.app import create_app
from tts.app.server.routes.pages import prefers_html
from tts.app.server.settings import ServerSettings

from tests.serving import serving
from tts.serving.engine import Engine

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
PAGES = ("/", "/live", "/docs")
# where a page, a style sheet or a script names a file to load
LOADED = re.compile(
    r"""<(?:link|script|img)[^>]*?(?:href|src)="([^"]+)"|@import url\("([^"]+)"\)"""
)
NAMED = re.compile(r"https?://[\w.-]+")
OWN = {"http://127.0.0.1", "http://www.w3.org"}  # the address in the examples, the name of SVG


@pytest.fixture(scope="module")
def engine(synthesizer):
    with Engine(synthesizer) as engine:
        yield engine


@pytest.fixture(scope="module")
def at(engine):
    with serving(create_app(engine, ServerSettings(key="sesame"))) as at:
        yield at


def opened(at, path="/"):
    return httpx.get(at + path, headers=BROWSER)


@pytest.mark.parametrize(
    ("accept", "html"),
    [
        (BROWSER["Accept"], True),
        ("TEXT/HTML;charset=utf-8", True),
        ("application/json;q=0.5, text/html", True),
        ("*/*", False),
        ("", False),
        ("application/json", False),
        ("application/json, text/html;q=0.9", False),
        ("text/html;q=0", False),
        ("text/html;q=é,;;,=", True),
    ],
)
def test_the_first_page_is_for_those_who_ask_for_html(accept, html):
    assert prefers_html(accept) is html


def test_browsers_get_a_page_where_programs_get_json(at):
    page, answer = opened(at), httpx.get(at)
    assert page.headers["content-type"].startswith("text/html")
    assert answer.json()["page"] == "/live"
    assert page.headers["vary"] == answer.headers["vary"] == "Accept"


def files_of(at, path):
    """All that a page loads, each file by its address, with what these files load."""
    files, waiting = {}, [urljoin(at, path)]
    while waiting:
        address = waiting.pop()
        files[address] = httpx.get(address, headers=BROWSER)
        loaded = [] if "swagger" in address else LOADED.findall(files[address].text)
        found = {urljoin(address, one or other) for one, other in loaded}
        waiting += found - files.keys() - {*waiting}
    return files


@pytest.mark.parametrize("path", PAGES)
def test_a_page_loads_nothing_from_elsewhere_and_needs_no_key(at, path):
    files = files_of(at, path)
    kinds = {"js": "javascript", "css": "css", "svg": "svg", path.rpartition("/")[2]: "html"}
    assert len(files) > 3
    for address, file in files.items():
        assert file.status_code == 200, address
        assert address.startswith(at), address
        assert (
            kinds[urlsplit(address).path.rpartition("/")[2].rpartition(".")[2]]
            in file.headers["content-type"]
        ), address
        if "swagger" not in address:
            assert {*NAMED.findall(file.text)} <= OWN, address
    policy = files[urljoin(at, path)].headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy


def test_a_file_that_has_not_changed_is_not_sent_again(at):
    file = httpx.get(f"{at}/static/swagger-ui-bundle.js")
    assert file.headers["cache-control"] == "no-cache"
    known = {"If-None-Match": file.headers["etag"]}
    again = httpx.get(f"{at}/static/swagger-ui-bundle.js", headers=known)
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    ("wanted", "status"),
    [
        ({"length": 48_000, "voice": "heart+michael"}, 200),
        ({"length": 0}, 200),
        ({"length": 2**32}, 200),
        ({"length": 2**32 + 1}, 400),
        ({"length": -1}, 400),
        ({"length": "many"}, 400),
        ({}, 400),
        ({"length": 9, "voice": "v" * 2001}, 400),
        ({"length": 9, "voice": "/etc/\n\0\ud800".encode("utf-8", "surrogatepass")}, 200),
    ],
)
def test_the_header_of_a_download_marks_it_as_synthetic(at, wanted, status):
    answer = httpx.get(f"{at}/live/wav-header", params=wanted)
    assert answer.status_code == status
    if status == 200:
        assert answer.content.startswith(b"RIFF")
        assert b"synthetic speech" in answer.content
        assert b"etc/" not in answer.content


def test_there_is_an_icon_for_browsers_that_look_for_one(at):
    icon = httpx.get(f"{at}/favicon.ico")
    assert icon.headers["content-type"].startswith("image/svg")


@pytest.mark.parametrize("key", ["sesame", None])
def test_the_first_page_says_whether_a_key_is_needed_and_does_not_tell_it(engine, key):
    with serving(create_app(engine, ServerSettings(key=key, max_characters=77))) as at:
        page = opened(at).text
    assert f'data-key="{"needed" if key else "none"}"' in page
    assert ('api_key="YOUR_KEY"' in page) is bool(key)
    assert 'maxlength="77"' in page
    assert "sesame" not in page
    assert "$" not in page


def test_pages_name_each_other_and_the_demo_only_where_it_is_mounted(engine):
    app = create_app(engine, ServerSettings())
    with serving(app) as at:
        for path in PAGES:
            links = re.findall(r"<nav.*</nav>", opened(at, path).text)
            assert re.findall('href="(.*?)"', links[0]) == ["./", "live", "docs"]
            assert links[0].count("aria-current") == 1
        assert "demo" not in opened(at).text
    app.mount("/demo", Starlette())
    with serving(app) as at:
        assert opened(at).text.count('href="demo/"') == 2
