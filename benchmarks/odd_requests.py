"""Requests as a careless or hostile client sends them, and texts that take long to read."""

import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from itertools import cycle, islice

SPEECH, CAPTIONS = "/v1/audio/speech", "/v1/audio/captions"
PATHS = (SPEECH, CAPTIONS, "/dev/captioned_speech")
CHARACTERS = 4096  # the most that a server takes, if it is not told otherwise
BODY = 2**20
# each repeated until the text is as long as it may be
PIECES = (
    "aB", "a@", "a_", "a/", "a-", "a.", "1.", "1,", "1/", "(", "[", "<", "&", "\\", "*", "'", '"',
    "\n", "\u00a0", "\u200b", "e\u0301", "\U0001f600", "$1", "1e", "AB1", "www.", "A. ", "[pace:1]",
    "1:2:", "the ", "Mr. ", "I II ", "12/31/1999 ", "\n\n1", "`", "~", "#", "| ", "http://", "a'b",
)  # fmt: skip
ODD = "\x00\x07\x1b\x7f\u0085\u2028\u202e\ufeff\ufffd\ud800\udfff\U000e0001\U0010ffff\u0300\u0640"
VALUES: tuple[object, ...] = (
    None, True, -1, 0, 1.5, 1e400, 10**40, "", "x" * 300, [], {}, [[]], {"a": None}, "\ud800",
)  # fmt: skip
FIELDS = (
    "input", "model", "voice", "speed", "steps", "seed", "pitch", "energy", "pauses", "temperature",
    "lexicon", "links", "emoji", "response_format", "stream_format", "day_first", "instructions",
)  # fmt: skip


@dataclass(frozen=True)
class Request:
    """The bytes of a request, and whether its client disconnects at once or sends no more."""

    data: bytes
    leaves: bool = False
    half_closes: bool = False


def worst_texts(count: int) -> list[str]:
    """Texts that repeat one piece each."""
    return [(piece * CHARACTERS)[:CHARACTERS] for piece in islice(cycle(PIECES), count)]


def random_request(chance: random.Random) -> Request:
    """A random request of one of the kinds, all equally likely."""
    return chance.choice(KINDS)(chance)


def good(chance: random.Random) -> Request:
    voice, form = chance.choice(["heart", "michael"]), chance.choice(["pcm", "wav", "mp3", "opus"])
    return post(SPEECH, {"input": "It is well.", "voice": voice, "response_format": form})


def captions(chance: random.Random) -> Request:
    form = chance.choice(["srt", "vtt", "json", "textgrid"])
    return post(CAPTIONS, {"input": "It is well.", "response_format": form})


def get(chance: random.Random) -> Request:
    paths = ("/", "/health", "/metrics", "/v1/models", "/v1/voices", "/live", "/openapi.json")
    return raw("GET", chance.choice(paths))


def malformed(chance: random.Random) -> Request:
    """Malformed JSON, JSON that is nested too deep, or none."""
    body = json.dumps({"input": "It is well.", "seed": 1}).encode()
    place = chance.randrange(len(body))
    faults = (
        body[:place],
        body[:place] + bytes([chance.randrange(256)]) + body[place + 1 :],
        b"[" * chance.choice([10, 1000, 100_000]),
        b'{"input": ' * 5000,
        b'{"input": "a", "seed": ' + b"9" * 10_000 + b"}",
        chance.randbytes(200),
        b"",
    )
    return raw("POST", chance.choice(PATHS), chance.choice(faults))


def mistyped(chance: random.Random) -> Request:
    """Some fields with wrong values."""
    wrong = {chance.choice(FIELDS): chance.choice(VALUES) for _ in range(chance.randint(1, 3))}
    return post(chance.choice(PATHS), {"input": "It is well.", **wrong})


def missing(chance: random.Random) -> Request:
    return post(chance.choice(PATHS), chance.choice([{}, [], None, 5, "text", {"voice": "heart"}]))


def large(chance: random.Random) -> Request:
    """A text or a body that is too long, or just of the largest size."""
    lengths = (CHARACTERS, CHARACTERS + 1, BODY, 2 * BODY)
    return post(chance.choice(PATHS), {"input": " ." * (chance.choice(lengths) // 2)})


def odd_text(chance: random.Random) -> Request:
    """Rare characters among common ones."""
    letters = [chance.choice([*ODD, *PIECES, chr(chance.randrange(32, 0x3000))]) for _ in range(40)]
    form = chance.choice(["pcm", "mp3"])
    return post(SPEECH, {"input": "".join(letters), "response_format": form})


def odd_lexicon(chance: random.Random) -> Request:
    words = {chance.choice(PIECES) * 5 + str(n): chance.choice(PIECES) * 9 for n in range(20)}
    return post(SPEECH, {"input": "It is well.", "lexicon": words})


def wrong_method(chance: random.Random) -> Request:
    method = chance.choice(["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW", "GET"])
    path = chance.choice([*PATHS, "/health", "/nowhere", "/live/../../secret", "/" + "a" * 3000])
    return raw(method, path)


def wrong_kind(chance: random.Random) -> Request:
    kinds = ("text/plain", "application/xml", "multipart/form-data", "application/json; charset=x")
    return raw("POST", chance.choice(PATHS), b'{"input": "a"}', chance.choice(kinds))


def no_http(chance: random.Random) -> Request:
    lines = (b"\x16\x03\x01\x02\x00", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\r\n\r\n\x00")
    return Request(chance.choice([*lines, chance.randbytes(64) + b"\r\n\r\n"]), half_closes=True)


def unfinished(chance: random.Random) -> Request:
    """A body shorter than its declared length, after which nothing is sent."""
    whole = post(SPEECH, {"input": "It is well."}).data
    return Request(whole[: chance.randrange(1, len(whole) - 1)], half_closes=True)


def hangs_up(chance: random.Random) -> Request:
    """Disconnect within the request, or right after it."""
    whole = post(SPEECH, {"input": "It is well. " * chance.randint(1, 100)}).data
    return Request(whole[: chance.choice([len(whole), chance.randrange(1, len(whole))])], True)


KINDS: tuple[Callable[[random.Random], Request], ...] = (
    good, captions, get, malformed, mistyped, missing, large, odd_text, odd_lexicon, wrong_method,
    wrong_kind, no_http, unfinished, hangs_up,
)  # fmt: skip


def post(path: str, body: object) -> Request:
    return raw("POST", path, json.dumps(body).encode())


def raw(method: str, path: str, body: bytes = b"", kind: str = "application/json") -> Request:
    head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
    fields = f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    return Request((head + fields).encode() + body)
