import io

import av
import numpy as np
import pytest
import soundfile
from tts.app.encoding import ENCODERS, BufferedEncoder
from tts.app.server.settings import RESPONSE_FORMATS

from tts import Delivery
from tts.audio import pcm16
from tts.synthetic_tag import SOFTWARE, synthetic_comment

TEXT = "Flow maps speak in a single step. The others follow after a little while."
EXACT = ("wav", "flac", "pcm")
LAG = 0.1  # seconds a codec may begin late, hold back, or end late


@pytest.fixture(scope="module")
def pieces(synthesizer):
    """Speech of the shipped voice: what codecs are made for."""
    return [pcm16(piece.audio) for piece in synthesizer.stream(TEXT, Delivery(seed=1))]


def encoded(name, pieces):
    encoder = ENCODERS[name](24_000)
    return [*(encoder.add(piece) for piece in pieces), encoder.end()]


def decoded(name, data):
    """Samples at 24 kHz, as a player would have them."""
    if name == "pcm":
        return np.frombuffer(data, "<i2")
    resampler = av.AudioResampler(format="s16", layout="mono", rate=24_000)
    with av.open(io.BytesIO(data)) as container:
        frames = [
            resampled
            for frame in container.decode(audio=0)
            for resampled in resampler.resample(frame)
        ]
    frames += resampler.resample(None)
    return np.concatenate([frame.to_ndarray()[0] for frame in frames])


def lag_and_likeness(heard, spoken):
    """By how many samples sound comes late, and how like it is then."""
    length = min(len(heard), len(spoken))
    one, other = (part[:length].astype(float) for part in (heard, spoken))
    size = 2 * length
    across = np.fft.irfft(np.fft.rfft(one, size) * np.fft.rfft(other, size).conj(), size)
    lag = int(across.argmax())
    return lag, across[lag] / np.linalg.norm(one) / np.linalg.norm(other)


def test_every_format_is_encoded():
    assert tuple(ENCODERS) == RESPONSE_FORMATS


@pytest.mark.parametrize("name", RESPONSE_FORMATS)
def test_a_format_sounds_like_what_was_spoken(name, pieces):
    spoken = np.concatenate(pieces)
    heard = decoded(name, b"".join(encoded(name, pieces)))
    if name in EXACT:
        np.testing.assert_array_equal(heard, spoken)
        return
    lag, likeness = lag_and_likeness(heard, spoken)
    assert likeness > 0.95
    assert 0 <= lag < LAG * 24_000
    assert 0 <= len(heard) - len(spoken) - lag < LAG * 24_000 or name == "opus"
    assert abs(len(heard) - len(spoken)) < LAG * 24_000


@pytest.mark.parametrize("name", RESPONSE_FORMATS)
def test_sound_is_there_as_soon_as_a_piece_is(name, pieces):
    parts = encoded(name, pieces)
    come = 0
    for count, piece in enumerate(pieces, start=1):
        come += len(piece)
        heard = decoded(name, b"".join(parts[:count]))
        assert len(heard) >= come - 2 * LAG * 24_000, f"after {count} pieces"
    assert len(parts[0]) > 44


def test_a_wav_can_be_read_before_it_ends(pieces):
    samples, rate = soundfile.read(io.BytesIO(b"".join(encoded("wav", pieces))), dtype="int16")
    np.testing.assert_array_equal(samples, np.concatenate(pieces))
    assert rate == 24_000


@pytest.mark.parametrize("name", RESPONSE_FORMATS)
def test_one_sample_is_a_sound_too(name):
    data = b"".join(encoded(name, [np.full(1, 1000, np.int16)]))
    assert len(decoded(name, data)) >= 1


@pytest.mark.parametrize("name", RESPONSE_FORMATS)
def test_what_never_began_can_end(name):
    assert isinstance(ENCODERS[name](24_000).end(), bytes)


# as the containers' own specifications have them; raw AAC and PCM have no tags
MARKS = {
    "wav": (b"INFOICMT", b"ISFT"),
    "flac": (b"DESCRIPTION=", b"digitalSourceType=trainedAlgorithmicMedia", b"software="),
    "mp3": (b"TXXX", b"digitalSourceType\0trainedAlgorithmicMedia", b"TSSE"),
    "opus": (b"DESCRIPTION=", b"digitalSourceType=trainedAlgorithmicMedia", b"software="),
}


@pytest.mark.parametrize("name", MARKS)
@pytest.mark.parametrize("whole", [True, False])
def test_a_stream_begins_with_its_tags(name, whole):
    encoder = BufferedEncoder(name, 24_000, "heart") if whole else ENCODERS[name](24_000, "heart")
    first = encoder.add(np.zeros(4800, np.int16))
    data = first + encoder.end()
    told = (data if whole else first)[:1000]
    for mark in (synthetic_comment("heart").encode(), SOFTWARE.encode(), *MARKS[name]):
        assert mark in told
    with av.open(io.BytesIO(data)) as container:
        tags = container.metadata | container.streams.audio[0].metadata
    assert tags["comment"] == synthetic_comment("heart")


@pytest.mark.parametrize("name", sorted({*RESPONSE_FORMATS} - {*MARKS}))
def test_what_has_no_tags_is_sound_alone(name):
    encoder = ENCODERS[name](24_000, "heart")
    data = encoder.add(np.zeros(4800, np.int16)) + encoder.end()
    assert b"synthetic" not in data
    assert data.startswith(b"\xff\xf1") if name == "aac" else len(data) == 9600


@pytest.mark.parametrize("name", RESPONSE_FORMATS)
def test_nothing_is_written_to_a_disk(name, pieces, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("builtins.open", None)
    encoded(name, pieces)
    assert not list(tmp_path.iterdir())
