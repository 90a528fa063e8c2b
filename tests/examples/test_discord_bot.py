"""The bot of Discord: packets that Discord takes, from a running server."""

import json
import runpy
from pathlib import Path
from urllib.error import HTTPError

import av
import numpy as np
import pytest
from tts.app.server.app import create_app
from tts.app.server.settings import ServerSettings

from tests.serving import serving, wait_for
from tts.delivery import Delivery
from tts.serving.engine import Engine

pytest.importorskip("discord", reason="needs discord.py")

PATH = Path(__file__).parents[2] / "examples" / "discord_bot.py"
TEXT = "Hello there. It is good to see you."
RATE, PACKET = 48_000, 960  # of Discord: samples a second, and in a packet of 20 ms
# Milliseconds of a packet's frames by the upper five bits of its first byte (RFC 6716, 3.1)
FRAME_MS = [10, 20, 40, 60] * 3 + [10, 20] * 2 + [2.5, 5, 10, 20] * 4
ONE_FRAME = 0  # its lower two bits, of a packet with a single frame


@pytest.fixture(scope="module")
def example():
    return runpy.run_path(str(PATH))


@pytest.fixture(scope="module")
def engine(synthesizer):
    with Engine(synthesizer) as engine:
        yield engine


@pytest.fixture(scope="module")
def server(engine):
    with serving(create_app(engine, ServerSettings())) as address:
        yield address


def test_packets_are_what_discord_plays(example, server, synthesizer):
    speech = example["Speech"](example["request_speech"](TEXT, server, voice="michael"))
    packets = list(iter(speech.read, b""))
    speech.cleanup()
    assert speech.is_opus()
    assert {FRAME_MS[packet[0] >> 3] for packet in packets} == {20}
    assert {packet[0] & 3 for packet in packets} == {ONE_FRAME}

    decoder = av.CodecContext.create("libopus", "r")
    decoder.sample_rate = RATE
    frames = [frame for packet in packets for frame in decoder.decode(av.Packet(packet))]
    assert {(frame.sample_rate, frame.samples) for frame in frames} == {(RATE, PACKET)}
    heard = np.concatenate([frame.to_ndarray().reshape(-1, 2)[:, 0] for frame in frames])
    expected = synthesizer.speak(TEXT, Delivery(voice="michael"))
    assert len(heard) / RATE == pytest.approx(expected.seconds, abs=0.05)
    assert correlation(heard, expected.audio.repeat(RATE // expected.sample_rate)) > 0.9


def correlation(heard, expected):
    """Of two signals, where they fit best: an encoder delays its sound."""
    size = 2 ** (len(heard) + len(expected)).bit_length()
    spectra = np.fft.rfft(heard, size) * np.fft.rfft(expected, size).conj()
    return np.fft.irfft(spectra, size).max() / np.linalg.norm(heard) / np.linalg.norm(expected)


def test_a_server_that_refuses_says_why(example, server):
    with pytest.raises(HTTPError) as refused:
        example["request_speech"](TEXT, server, voice="nobody")
    assert "nobody" in json.load(refused.value)["error"]["message"]


def test_the_server_stops_when_the_bot_does(example, server, engine):
    speech = example["Speech"](example["request_speech"](TEXT * 100, server))
    assert speech.read()
    assert engine.stats.running == 1
    speech.cleanup()
    wait_for(lambda: engine.stats.running == 0)
