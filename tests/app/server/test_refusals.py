"""What a server does not let in, and what nobody gets out of it."""

import json
import sys
from hmac import compare_digest

import httpx
import pytest
from openai import AuthenticationError, NotFoundError, OpenAI
from tts.app.server.app import create_app
from tts.app.server.auth import is_authorized
from tts.app.server.errors import ApiError
from tts.app.server.schemas import SpeechRequest, aliases
from tts.app.server.settings import RESPONSE_FORMATS, ServerSettings, read_key

from tests.serving import SPEECH, assert_sounds_like, serving
from tts.delivery import Delivery
from tts.serving.engine import Engine

TEXT = "Hello there."
OPENED = []
KEY = "key-of-mine"


@pytest.fixture
def engine(tiny_synthesizer):
    with Engine(tiny_synthesizer) as engine:
        yield engine


@pytest.fixture
def at(engine):
    limits = {"max_characters": 100, "max_body_bytes": 2000, "steps": 8, "best_of": 4}
    with serving(create_app(engine, ServerSettings(**limits))) as at:
        yield at


@pytest.mark.parametrize(
    ("wanted", "status", "param", "said"),
    [
        (
            {"input": TEXT, "model": "gpt-5"},
            404,
            "model",
            "unknown model 'gpt-5'; models: one-step-tts",
        ),
        ({"input": TEXT, "voice": "nobody"}, 400, "voice", "unknown voice 'nobody'; voices: heart"),
        ({"input": TEXT, "voice": "../../x"}, 400, "voice", "'../../x'"),
        ({"input": TEXT, "voice": {"id": "/etc"}}, 400, "voice", "'/etc'"),
        ({"input": TEXT, "voice": "\ud800"}, 400, "voice", "voice must be text in valid Unicode"),
        ({"input": TEXT, "speed": 5}, 400, "speed", "speed must be from 0.25 to 4, got 5"),
        ({"input": TEXT, "steps": 9}, 400, "steps", "steps must be from 1 to 8, got 9"),
        ({"input": TEXT, "steps": 0}, 400, "steps", "steps must be from 1 to 8, got 0"),
        ({"input": TEXT, "best_of": 0}, 400, "best_of", "best_of must be from 1 to 4, got 0"),
        ({"input": TEXT, "best_of": 5}, 400, "best_of", "best_of must be from 1 to 4, got 5"),
        (
            {"input": TEXT, "best_of": 3, "steps": 3},
            400,
            "best_of",
            "steps times best_of must be at most 8, got 9",
        ),
        (
            {"input": TEXT, "judge": "dnsmos"},
            400,
            "judge",
            "judge must be one of ensemble; got 'dnsmos'",
        ),
        ({"input": TEXT, "seed": -1}, 400, "seed", "seed must be from 0 to 2**63 - 1, got -1"),
        (
            {"input": TEXT, "response_format": "m4a"},
            400,
            "response_format",
            "mp3, opus, aac, pcm; got 'm4a'",
        ),
        (
            {"input": TEXT, "stream_format": "ws"},
            400,
            "stream_format",
            "one of audio, sse; got 'ws'",
        ),
        (
            {"input": TEXT, "lexicon": {"...": "x"}},
            400,
            "lexicon",
            "the lexicon: '...' has no word",
        ),
        (
            {"input": TEXT, "voice": "a+" * 101},
            400,
            "voice",
            "at most 200 characters long, got 202",
        ),
        ({"input": "x" * 101}, 400, "input", "input must be at most 100 characters long, got 101"),
        ({"input": "..."}, 400, "input", "no words to speak in"),
        ({"input": "Да."}, 400, "input", "Cyrillic letters (Д, а) cannot be read"),
        ({"input": "[pause:soon] Hello."}, 400, "input", "soon"),
        ({"input": 7}, 400, "input", "input must be text, got 7"),
        ({}, 400, "input", "input is missing"),
        ([], 400, None, "the body must be a JSON object, got a list"),
        ("a", 400, None, "the body must be a JSON object, got text"),
        (True, 400, None, "the body must be a JSON object, got true or false"),
        (None, 400, None, "the body must be a JSON object, got nothing"),
        (
            {"input": TEXT, "instructions": "x" * 2000},
            413,
            None,
            "must have at most 2000 bytes",
        ),
    ],
)
def test_a_wrong_request_is_refused_in_a_sentence(at, wanted, status, param, said):
    sent = {"content": json.dumps(wanted), "headers": {"content-type": "application/json"}}
    refused = httpx.post(f"{at}{SPEECH}", **sent)
    assert refused.status_code == status
    error = refused.json()["error"]
    assert set(error) == {"message", "type", "param", "code"}
    assert error["param"] == param
    assert said in error["message"]
    assert "\n" not in error["message"]


SENT = "x" * 41  # one more than a message quotes
SIGNS = "".join(map(chr, range(0x4E00, 0x4F00)))


QUOTING = [
    {"model": SENT},
    {"voice": SENT},
    {"voice": {"id": SENT}},
    {"voice": f"{SENT}(0)"},
    {"speed": SENT},
    {"response_format": SENT},
    {"steps": 10**50},
    {"lexicon": {SENT: "???"}},
    {"lexicon": {"cat": "4" + SENT}},
    {"input": f"[pause:{SENT}] Hello."},
    {"input": f"[pace:{SENT}]Hello.[/pace]"},
    {"input": f"[{SENT}](/kaːt{SENT}4/)"},
    {"input": f"<speak><{SENT}/></speak>"},
    {"input": f"<speak {SENT}='1'>Hello.</speak>"},
    {"input": f"<speak xml:lang='{SENT}'>Hello.</speak>"},
    {"input": f"<speak><sub alias='a'><{SENT}/></sub></speak>"},
    {"input": f"<speak><prosody rate='{SENT}'>Hello.</prosody></speak>"},
    {"input": f"<speak><break strength='{SENT}'/>Hello.</speak>"},
    {"input": f"<speak><emphasis level='{SENT}'>Hello.</emphasis></speak>"},
    {"input": f"<speak><say-as interpret-as='{SENT}'>Hello.</say-as></speak>"},
    {"input": f"<speak><say-as interpret-as='date' format='{SENT}'>1</say-as></speak>"},
    {"input": f"<speak><phoneme alphabet='{SENT}' ph='a'>Hello.</phoneme></speak>"},
    {"input": f"<speak><phoneme ph='{SIGNS}'>a</phoneme></speak>"},
]


def test_no_message_quotes_more_than_the_start_of_what_was_sent(engine):
    with serving(create_app(engine, ServerSettings())) as at:
        for wanted in QUOTING:
            refused = httpx.post(f"{at}{SPEECH}", json={"input": TEXT, **wanted})
            message = refused.json()["error"]["message"]
            assert refused.status_code in (400, 404), message
            assert SENT not in message
            assert "0" * 50 not in message
            assert sum(sign in SIGNS for sign in message) < 80
            assert len(message) < 500


@pytest.mark.parametrize(
    ("body", "kind", "message"),
    [
        (b'{"input":', "application/json", "is not JSON: line 1, column 10: expecting value"),
        (b'{\n"a" 1}', "application/json", "line 2, column 5: expecting ':' delimiter"),
        (b"\xff", "application/json", "the body is not JSON: it is not UTF-8"),
        (b'{"input": "a", "speed": NaN}', "application/json", "speed must be a number, got nan"),
        (b"{}", "text/json", "Content-Type must be application/json, got 'text/json'"),
        (b"{}", "x" * 99, "Content-Type must be application/json, got 'xxx"),
        (b"{}", None, "Content-Type must be application/json, got none"),
        (b"", "application/json", "the body must be a JSON object, got nothing"),
    ],
)
def test_what_is_no_json_is_refused(at, body, kind, message):
    headers = {"content-type": kind} if kind else {}
    refused = httpx.post(f"{at}{SPEECH}", content=body, headers=headers)
    assert refused.status_code == 400
    error = refused.json()["error"]
    assert message in error["message"]
    assert error["type"] == "invalid_request_error"
    assert len(error["message"]) < 100


@pytest.mark.parametrize(
    ("method", "route", "status", "message"),
    [
        ("GET", "/nope", 404, "unknown route /nope"),
        ("GET", "/a%0Ab", 404, r"unknown route /a\nb"),
        ("POST", "/v1/models", 405, "/v1/models takes GET, got POST"),
        ("GET", SPEECH, 405, f"{SPEECH} takes POST, got GET"),
        (
            "GET",
            "/v1/audio/stream",
            404,
            "/v1/audio/stream is a WebSocket; connect to it with ws:// or wss://",
        ),
    ],
)
def test_a_wrong_route_or_method_is_named(at, method, route, status, message):
    refused = httpx.request(method, f"{at}{route}")
    assert refused.status_code == status
    kind = "not_found_error" if status == 404 else "invalid_request_error"
    error = {"message": message, "type": kind, "param": None, "code": None}
    assert refused.json() == {"error": error}


def test_a_body_whose_length_nobody_told_is_measured_as_it_comes(at):
    refused = httpx.post(f"{at}{SPEECH}", content=iter([b" " * 1500] * 2))
    assert refused.status_code == 413


def test_only_whoever_has_the_key_is_answered(engine):
    with serving(create_app(engine, ServerSettings(key=KEY))) as at:
        for key in ("another", KEY[:-1], f"{KEY}x"):
            with (
                OpenAI(base_url=f"{at}/v1", api_key=key) as client,
                pytest.raises(AuthenticationError, match="the API key is missing or wrong"),
            ):
                client.models.list()
        with OpenAI(base_url=f"{at}/v1", api_key=KEY) as client:
            assert client.models.list().data
        for closed in ("/v1/models", "/v1/voices", "/metrics"):
            refused = httpx.get(f"{at}{closed}")
            assert refused.status_code == 401
            assert refused.headers["www-authenticate"] == "Bearer"
        assert httpx.post(f"{at}{SPEECH}", json={"input": TEXT}).status_code == 401
        assert httpx.post(f"{at}/dev/captioned_speech", json={"input": TEXT}).status_code == 401
        assert httpx.get(f"{at}/health").status_code == 200
    assert engine.stats.finished == 0


def test_a_key_is_itself_alone_or_after_bearer():
    locked = ServerSettings(key="open sesame")
    for given in ("open sesame", "Bearer open sesame", "bearer  open sesame "):
        assert is_authorized(locked, given)
    for given in (None, "", "Bearer", "Bearer ", "open", "Bearer open sesam\ud800"):
        assert not is_authorized(locked, given)
    assert is_authorized(ServerSettings(), None)


def test_a_key_comes_from_the_first_line_of_a_file(tmp_path):
    path = tmp_path / "key"
    with pytest.raises(FileNotFoundError, match=f"no such file: {path}"):
        read_key(path)
    path.write_text("\nsecond\n")
    with pytest.raises(ValueError, match=f"cannot use {path}: its first line is empty"):
        read_key(path)
    path.write_text(" first \nsecond\n")
    assert read_key(path) == "first"


@pytest.mark.parametrize(
    "wrong",
    [
        {"max_characters": 0},
        {"max_body_bytes": 0},
        {"response_timeout_seconds": 0},
        {"steps": 0},
        {"key": " "},
        {"key": "clé"},
        {"formats": ("ape",)},
    ],
)
def test_settings_that_would_serve_nobody_are_refused(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong)).rstrip("s")):
        ServerSettings(**wrong)


def test_a_format_that_is_not_given_is_refused(engine):
    with serving(create_app(engine, ServerSettings(formats=("wav", "pcm")))) as at:
        refused = httpx.post(f"{at}{SPEECH}", json={"input": TEXT})
        assert (refused.status_code, refused.json()["error"]["param"]) == (400, "response_format")
        wav = {"input": TEXT, "response_format": "wav"}
        assert httpx.post(f"{at}{SPEECH}", json=wav).status_code == 200
    assert ServerSettings().formats == RESPONSE_FORMATS


def test_pages_of_others_may_not_ask_unless_they_are_let_in(at, engine):
    page = {"Origin": "https://example.com"}
    asks = {**page, "Access-Control-Request-Method": "POST"}
    assert "access-control-allow-origin" not in httpx.get(f"{at}/health", headers=page).headers
    assert httpx.options(f"{at}{SPEECH}", headers=asks).status_code == 405
    with serving(create_app(engine, ServerSettings(origins=("https://example.com",)))) as open_:
        let = httpx.options(f"{open_}{SPEECH}", headers=asks)
        assert let.headers["access-control-allow-origin"] == page["Origin"]
        other = httpx.get(f"{open_}/health", headers={"Origin": "https://example.org"})
        assert "access-control-allow-origin" not in other.headers


def test_a_form_of_another_page_is_not_read_as_json(at):
    plain = {"content-type": "text/plain"}
    sent = httpx.post(f"{at}{SPEECH}", content=b'{"input": "Hello."}', headers=plain)
    assert sent.status_code == 400


def test_no_path_in_a_request_reaches_the_disk(at, engine, tmp_path, monkeypatch, tiny_synthesizer):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes.txt").write_text("A secret.")
    texts = ("/etc/passwd", "notes.txt", "file:///etc/passwd", "../notes.txt", str(tmp_path))
    expected = [tiny_synthesizer.speak(text) for text in texts]
    with watched():
        for text, speech in zip(texts, expected, strict=True):
            wanted = {"input": text, "response_format": "pcm", "instructions": "notes.txt"}
            assert_sounds_like(httpx.post(f"{at}{SPEECH}", json=wanted).content, speech)
            for field in ("voice", "model", "response_format"):
                assert httpx.post(f"{at}{SPEECH}", json={**wanted, field: text}).status_code >= 400
            assert httpx.get(f"{at}/v1/models/{text}").status_code == 404
            httpx.post(f"{at}/v1/audio/captions", json={"input": text})
        assert not [path for path in OPENED if "passwd" in path or str(tmp_path) in path]
        assert "notes.txt" not in OPENED
        (tmp_path / "notes.txt").read_text()
    assert OPENED[-1] == str(tmp_path / "notes.txt"), "it is seen when a file is opened"


def test_there_is_no_page_that_fetches_from_afar(at):
    policy = httpx.get(f"{at}/docs").headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "://" not in policy
    assert httpx.get(f"{at}/redoc").status_code == 404
    routes = httpx.get(f"{at}/openapi.json")
    assert SPEECH in routes.json()["paths"]
    assert routes.headers["x-content-type-options"] == "nosniff"


def test_unknown_names_are_told(at):
    with OpenAI(base_url=f"{at}/v1", api_key="x") as client, pytest.raises(NotFoundError):
        client.models.retrieve("whisper-1")
    missing = httpx.get(f"{at}/v2/nothing")
    assert (missing.status_code, missing.json()["error"]["type"]) == (404, "not_found_error")


def test_every_other_name_is_one_of_our_voices(engine):
    assert set(aliases(engine).values()) <= set(engine.synthesizer.voices)
    assert not set(aliases(engine)) & set(engine.synthesizer.voices)


class watched:
    """Notes every path that anyone opens meanwhile."""

    def __enter__(self):
        OPENED.clear()
        WATCHING.append(True)

    def __exit__(self, *_):
        WATCHING.clear()


WATCHING = []


def note(event, arguments):
    if WATCHING and event in ("open", "os.listdir", "os.scandir"):
        OPENED.append(str(arguments[0]))


# a hook cannot be taken away again, so there is one, and it listens only when it is told to
sys.addaudithook(note)


def test_nobody_is_told_more_than_so_many_seconds(engine):
    long = {"input": "Hello. [pause:60s] And there."}
    with serving(create_app(engine, ServerSettings(max_audio_seconds=10.0))) as url:
        with pytest.raises(httpx.RemoteProtocolError):
            httpx.post(url + SPEECH, json=long | {"response_format": "pcm"}, timeout=20)
        refused = httpx.post(url + "/v1/audio/captions", json=long, timeout=20)
    assert refused.status_code == 400
    assert "input may give at most 10 s of audio" in refused.json()["error"]["message"]
    assert engine.stats.running == 0


def test_every_route_of_the_interface_needs_the_key(engine):
    """All but where everything is and whether the server is well."""
    app = create_app(engine, ServerSettings(key=KEY))
    paths = {path: next(iter(methods)) for path, methods in app.openapi()["paths"].items()}
    assert len(paths) > 8
    with serving(app) as at, httpx.Client(base_url=at) as client:
        for path, method in paths.items():
            answer = client.request(method, path.format(name="tts-1"), json={"input": TEXT})
            assert (answer.status_code == 200) == (path in ("/", "/health")), path
            assert answer.status_code in (200, 401), path
    assert engine.stats.finished == 0


def test_a_key_is_compared_in_constant_time(monkeypatch):
    """Whatever the key is, right or wrong, `hmac.compare_digest` is what tells."""
    compared = []

    def compare(given, key):
        compared.append((given, key))
        return compare_digest(given, key)

    monkeypatch.setattr("tts.app.server.auth.compare_digest", compare)
    for given in (KEY, f"Bearer {KEY}", "another", "k", ""):
        assert is_authorized(ServerSettings(key=KEY), given) == (KEY in given)
    assert compared == [
        (part, KEY.encode()) for part in (*[KEY.encode()] * 2, b"another", b"k", b"")
    ]


def test_a_text_is_counted_in_characters_and_not_in_bytes(engine):
    settings = ServerSettings(max_characters=100)
    assert SpeechRequest(input="é" * 100).delivery(engine, settings) == Delivery()
    with pytest.raises(ApiError, match="at most 100 characters long, got 101"):
        SpeechRequest(input="é" * 101).delivery(engine, settings)
