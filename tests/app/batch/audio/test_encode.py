import hashlib
import io
import subprocess
import sys
import tracemalloc
from pathlib import Path

import av
import numpy as np
import pyloudnorm
import pytest
import soundfile
import soxr
from tts.app.batch.audio.encode import (
    AudioMetadata,
    ChapterMark,
    apply_gain,
    encode_audio,
    measure_gain_db,
    resample,
    write_encoded,
)
from tts.app.batch.audio.format import OUTPUT_FORMATS, OutputFormat
from tts.app.batch.audio.loudness import measure_loudness

from tts import Delivery, load
from tts.audio import pcm16
from tts.audio_formats import AUDIO_FORMATS
from tts.synthetic_tag import SOFTWARE, synthetic_comment

RATE = 24_000
TEXT = "Flow maps speak in a single step. The others follow after a little while."
EXACT = ("wav", "flac")
RATES = {name: AUDIO_FORMATS[name].sample_rates for name in OUTPUT_FORMATS}
FRAME = {"wav": 1, "flac": 1, "mp3": 1, "opus": 8, "m4b": 1024}  # samples of what is decoded


@pytest.fixture(scope="module")
def speech():
    return load().speak(TEXT, Delivery(seed=1)).audio


@pytest.fixture(scope="module")
def sine():
    return tone(1.0)


METER, STEP = 48_000, 4_800


def tone(seconds, amplitude=0.1, frequency=997.0):
    time = np.arange(round(seconds * RATE)) / RATE
    return (amplitude * np.sin(2 * np.pi * frequency * time)).astype(np.float32)


def decoded(data):
    """Samples and their rate, as a player would have them."""
    with av.open(io.BytesIO(data)) as container:
        frames = [frame.to_ndarray() for frame in container.decode(audio=0)]
        rate = container.streams.audio[0].rate
    audio = np.concatenate(frames, axis=1)[0]
    whole = np.issubdtype(audio.dtype, np.integer)
    return (audio / 32768 if whole else audio).astype(np.float32), rate


def pitch(audio, rate):
    spectrum = np.abs(np.fft.rfft(audio * np.hanning(len(audio))))
    return spectrum.argmax() * rate / len(audio)


def reference(audio, rate=RATE):
    """Loudness by pyloudnorm, of whole steps of 0.1 s: it counts a block that has only just begun.
    Meters at low rates differ; this one is at 48 kHz."""
    fine = soxr.resample(audio.astype(float), rate, METER, "VHQ")
    return pyloudnorm.Meter(METER).integrated_loudness(fine[: len(fine) // STEP * STEP])


@pytest.mark.parametrize(
    ("form", "why"),
    [
        ({"format": "ogg"}, f"format must be one of {', '.join(OUTPUT_FORMATS)}; got 'ogg'"),
        ({"sample_rate": 7_999}, "sample rate must be from 8000 to 48000 Hz, got 7999"),
        ({"sample_rate": 48_001}, "sample rate must be from 8000 to 48000 Hz, got 48001"),
        (
            {"format": "opus", "sample_rate": 44_100},
            "sample rate of opus must be one of 8000, .*; got 44100",
        ),
        ({"volume": 31}, "volume must be from -60 to 30 dB, got 31"),
        ({"loudness": 0}, "loudness must be from -60 to -5 LUFS, got 0"),
        ({"loudness": -20, "volume": 3}, "volume and loudness exclude each other"),
    ],
)
def test_a_form_that_cannot_be_is_refused(form, why):
    with pytest.raises(ValueError, match=why):
        OutputFormat(**form)


@pytest.mark.parametrize("name", [name for name in RATES if RATES[name]])
def test_every_rate_that_a_codec_has_it_has(name):
    for rate in RATES[name]:
        assert encode_audio(
            np.zeros(RATE, np.float32), RATE, OutputFormat(format=name, sample_rate=rate)
        )


@pytest.mark.parametrize("rate", [8_000, 16_000, 24_000, 48_000])
@pytest.mark.parametrize("name", OUTPUT_FORMATS)
def test_a_sine_is_as_long_and_as_high_at_every_rate(name, rate, sine):
    audio, heard = decoded(encode_audio(sine, RATE, OutputFormat(format=name, sample_rate=rate)))
    assert heard == (48_000 if name == "opus" else rate)
    assert abs(len(audio) - len(sine) * heard / RATE) <= FRAME[name]
    assert abs(pitch(audio, heard) - 997) < 1.5
    if name in EXACT:
        assert (
            abs(measure_loudness([audio], heard).loudness - measure_loudness([sine], RATE).loudness)
            < 0.1
        )


@pytest.mark.parametrize("name", EXACT)
def test_what_loses_nothing_holds_the_very_samples(name, speech):
    samples, rate = soundfile.read(
        io.BytesIO(encode_audio(speech, RATE, OutputFormat(format=name))), dtype="int16"
    )
    np.testing.assert_array_equal(samples, pcm16(speech))
    assert rate == RATE


@pytest.mark.parametrize("rate", [24_000, 48_000])
@pytest.mark.parametrize("name", OUTPUT_FORMATS)
def test_speech_begins_at_once_in_every_format(name, rate, speech):
    """Encoders put some silence before it, which a player is told to skip."""
    audio, heard = decoded(encode_audio(speech, RATE, OutputFormat(format=name, sample_rate=rate)))
    wanted = np.concatenate(list(resample([speech], RATE, heard)))
    size = len(audio) + len(wanted)
    across = np.fft.irfft(np.fft.rfft(audio, size) * np.fft.rfft(wanted, size).conj(), size)
    assert across.argmax() == 0
    assert across[0] > 0.97 * np.linalg.norm(audio) * np.linalg.norm(wanted)


@pytest.mark.parametrize("name", OUTPUT_FORMATS)
def test_a_short_file_is_still_one(name):
    audio, _ = decoded(encode_audio(np.full(240, 0.5, np.float32), RATE, OutputFormat(format=name)))
    assert len(audio) >= 240


def test_any_rate_will_do_for_what_has_no_codec(sine):
    audio, rate = decoded(encode_audio(sine, RATE, OutputFormat(format="flac", sample_rate=11_111)))
    assert rate == 11_111
    assert abs(len(audio) - 11_111) <= 1


@pytest.mark.parametrize("wanted", [-16.0, -23.0, -40.0])
@pytest.mark.parametrize("rate", [8_000, 24_000, 48_000])
def test_speech_is_as_loud_as_wanted_or_its_peak_stops_it(wanted, rate, speech):
    form = OutputFormat(loudness=wanted, sample_rate=rate)
    audio, _ = decoded(encode_audio(speech, RATE, form))
    told = measure_loudness([audio], rate)
    between = 20 * np.log10(np.abs(soxr.resample(audio, rate, 16 * rate, "VHQ")).max())
    assert between <= -0.95
    assert abs(told.loudness - wanted) < 0.3 or abs(told.true_peak + 1) < 0.05
    assert wanted == -16 or abs(reference(audio, rate) - wanted) < 0.3


def test_a_peak_stops_it_indeed(speech):
    """What the law above allows does happen: this would be clipped otherwise."""
    told = measure_loudness(
        [decoded(encode_audio(speech, RATE, OutputFormat(loudness=-6)))[0]], RATE
    )
    assert told.loudness < -8
    assert told.true_peak == pytest.approx(-1, abs=0.05)


def test_a_volume_is_so_many_decibels(speech):
    quieter, _ = decoded(encode_audio(speech, RATE, OutputFormat(volume=-12)))
    assert measure_loudness([speech], RATE).loudness - measure_loudness(
        [quieter], RATE
    ).loudness == pytest.approx(12, abs=0.05)


def test_a_volume_too_high_clips_and_does_not_wrap():
    loud, _ = decoded(encode_audio(tone(0.1), RATE, OutputFormat(volume=30)))
    assert np.abs(loud).max() == pytest.approx(1, abs=1e-4)
    assert np.corrcoef(loud, tone(0.1))[0, 1] > 0.8


def test_silence_stays_silent():
    quiet, _ = decoded(encode_audio(np.zeros(RATE, np.float32), RATE, OutputFormat(loudness=-16)))
    assert not quiet.any()


def test_what_is_no_number_is_no_file():
    with pytest.raises(
        ValueError, match="the model gave samples that are not finite; try another seed"
    ):
        encode_audio(np.full(100, np.nan, np.float32), RATE, OutputFormat())


def test_a_reference_tone_is_as_loud_as_the_standard_says():
    """A sine of 997 Hz at full scale in one channel has -3.01 LUFS."""
    assert measure_loudness([tone(5)], RATE).loudness == pytest.approx(-23.01, abs=0.1)
    assert measure_loudness([tone(5)], RATE).true_peak == pytest.approx(-20, abs=0.05)


def test_loudness_is_what_others_measure(speech):
    for audio in (speech, 0.1 * speech, np.concatenate([speech, 0.01 * speech])):
        assert measure_loudness([audio], RATE).loudness == pytest.approx(reference(audio), abs=0.1)


def test_a_level_is_of_the_whole_however_it_is_cut(speech):
    pieces = [speech[start : start + 777] for start in range(0, len(speech), 777)]
    assert measure_loudness(pieces, RATE) == measure_loudness([speech], RATE)


def test_a_word_is_as_loud_as_if_it_were_said_over_and_over(speech):
    word = speech[3000:6000]
    told = measure_loudness([word], RATE)
    assert told.loudness == pytest.approx(
        measure_loudness([np.tile(word, 4)], RATE).loudness, abs=0.5
    )


def test_a_peak_between_samples_counts():
    """At a quarter of the rate and between its samples, a sine is 3 dB higher than they are."""
    time = np.arange(RATE)
    between = (0.5 * np.sin(np.pi / 2 * time + np.pi / 4)).astype(np.float32)
    fade = np.hanning(RATE).astype(np.float32)
    assert measure_loudness([between * fade], RATE).true_peak == pytest.approx(-6.02, abs=0.05)
    assert 20 * np.log10(np.abs(between * fade).max()) == pytest.approx(-9.03, abs=0.05)


@pytest.mark.parametrize("silent", [np.zeros(0, np.float32), np.zeros(RATE, np.float32)])
def test_silence_has_no_loudness(silent):
    assert measure_loudness([silent], RATE).loudness is None


@pytest.mark.parametrize("rate", [8_000, 44_100, 48_000])
def test_what_is_resampled_in_pieces_is_the_same(rate, speech):
    pieces = (speech[start : start + 777] for start in range(0, len(speech), 777))
    whole, cut = (np.concatenate(list(resample(parts, RATE, rate))) for parts in ([speech], pieces))
    np.testing.assert_array_equal(whole, cut)


PROGRAM = """
import hashlib
import numpy as np
from tts.app.batch.audio.format import OUTPUT_FORMATS, OutputFormat
from tts.app.batch.audio.encode import encode_audio
noise = np.random.default_rng(0).standard_normal(20_000).astype(np.float32) / 10
for name in OUTPUT_FORMATS:
    data = encode_audio(noise, 24_000, OutputFormat(format=name, sample_rate=16_000, loudness=-20))
    print(name, hashlib.sha256(data).hexdigest())
"""


def test_a_file_has_the_same_bytes_in_every_process():
    root = Path(__file__).parents[4]
    told = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=root, check=True, capture_output=True, text=True
    ).stdout
    noise = np.random.default_rng(0).standard_normal(20_000).astype(np.float32) / 10
    for line in told.splitlines():
        name, there = line.split()
        data = encode_audio(
            noise, RATE, OutputFormat(format=name, sample_rate=16_000, loudness=-20)
        )
        assert hashlib.sha256(data).hexdigest() == there, name


@pytest.mark.parametrize("name", OUTPUT_FORMATS)
def test_a_file_is_what_its_bytes_are(name, speech, tmp_path):
    form = OutputFormat(format=name, volume=-3)
    pieces = [speech[start : start + 5000] for start in range(0, len(speech), 5000)]
    path = tmp_path / f"sound.{name}"
    write_encoded(path, apply_gain(pieces, form.volume), form, AudioMetadata())
    written, _ = decoded(path.read_bytes())
    whole, _ = decoded(encode_audio(speech, RATE, form))
    np.testing.assert_array_equal(written, whole)
    assert [path.name for path in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("name", ["m4b", "mp3", "flac", "opus"])
def test_players_see_title_author_and_chapters(name, tmp_path):
    chapters = (ChapterMark("Öne", 0, 2.5), ChapterMark("Two, and more", 2.5, 4))
    tags = {"title": "A book", "artist": "Somebody"}
    path = tmp_path / f"book.{name}"
    write_encoded(
        path, [tone(4)], OutputFormat(format=name), AudioMetadata(chapters=chapters, tags=tags)
    )
    with av.open(str(path)) as container:
        assert container.duration / 1e6 == pytest.approx(4, abs=0.01)
        told = container.metadata | container.streams.audio[0].metadata
        seen = container.chapters()
    assert {name: told[name] for name in tags} == tags
    assert told["comment"] == synthetic_comment()
    if name in ("m4b", "mp3"):
        assert [mark["metadata"]["title"] for mark in seen] == ["Öne", "Two, and more"]
        times = [float(mark[end] * mark["time_base"]) for mark in seen for end in ("start", "end")]
        assert times == [0, 2.5, 2.5, 4]


# as the containers' own specifications have them
MARKS = {
    "wav": (b"INFOICMT", b"ISFT"),
    "flac": (b"DESCRIPTION=", b"digitalSourceType=trainedAlgorithmicMedia", b"software="),
    "mp3": (b"TXXX", b"digitalSourceType\0trainedAlgorithmicMedia", b"TSSE"),
    "opus": (b"DESCRIPTION=", b"digitalSourceType=trainedAlgorithmicMedia", b"software="),
    "m4b": (b"\xa9cmt", b"\xa9too"),
}


@pytest.mark.parametrize("name", OUTPUT_FORMATS)
def test_every_file_says_that_it_is_synthetic_and_by_which_voice(name):
    voice = "heart(2)+michael(1)"
    data = encode_audio(tone(0.2), RATE, OutputFormat(format=name), voice)
    for mark in (synthetic_comment(voice).encode(), SOFTWARE.encode(), *MARKS[name]):
        assert mark in data
    with av.open(io.BytesIO(data)) as container:
        tags = container.metadata | container.streams.audio[0].metadata
    assert tags["comment"] == synthetic_comment(voice)
    if name == "wav":
        with soundfile.SoundFile(io.BytesIO(data)) as file:
            assert (file.comment, file.software) == (synthetic_comment(voice), SOFTWARE)


def test_a_book_can_be_heard_before_all_of_it_has_come(tmp_path):
    path = tmp_path / "book.m4b"
    write_encoded(path, [tone(4)], OutputFormat(format="m4b"), AudioMetadata())
    data = path.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")
    assert data[8:12] == b"M4B "


def test_an_hour_takes_no_more_memory_than_a_minute(tmp_path):
    second = tone(1)

    def peak(seconds):
        tracemalloc.start()
        pieces = apply_gain(resample((second for _ in range(seconds)), RATE, 8_000), 3)
        write_encoded(
            tmp_path / "long.wav", pieces, OutputFormat(sample_rate=8_000), AudioMetadata()
        )
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    assert peak(1200) < peak(20) + 500_000


def test_what_cannot_be_finished_leaves_nothing(tmp_path):
    def pieces():
        yield tone(1)
        raise KeyError("the parts end here")

    with pytest.raises(KeyError):
        write_encoded(tmp_path / "book.m4b", pieces(), OutputFormat(format="m4b"), AudioMetadata())
    assert not list(tmp_path.iterdir())


def test_one_gain_is_for_all_pieces(speech):
    form = OutputFormat(loudness=-30)
    by = measure_gain_db([speech, 0.1 * speech], form)
    assert by == pytest.approx(-30 - measure_loudness([speech, 0.1 * speech], RATE).loudness)


@pytest.mark.parametrize("sample_rate", [16_000, 24_000, 48_000])
def test_short_opus_is_as_long_as_it_was(sample_rate):
    for seconds in (0.05, 0.11, 0.2, 0.37, 0.5, 0.81, 0.99, 1.3):
        audio = 0.1 * np.sin(np.arange(round(seconds * 24_000)) / 10).astype(np.float32)
        data = encode_audio(audio, 24_000, OutputFormat(format="opus", sample_rate=sample_rate))
        with soundfile.SoundFile(io.BytesIO(data)) as file:
            assert abs(file.frames / file.samplerate - seconds) < 0.002, seconds
