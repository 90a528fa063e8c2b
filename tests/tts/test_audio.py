import io
import sys

import numpy as np
import pytest
import soundfile

from tts.audio import (
    ENCODER_BLOCK_SAMPLES,
    SOUNDFILE_FORMATS,
    STDOUT,
    amplify,
    check_audio_path,
    open_sound,
    pcm16,
    wav_header,
    write_audio,
)
from tts.synthetic_tag import synthetic_comment

RATE = 24_000
# root mean square, of a tone at 0.2
ERROR = {".wav": 2**-16, ".flac": 2**-16, ".ogg": 0.005, ".mp3": 0.01, ".opus": 0.02}


@pytest.fixture
def audio():
    """A second and a bit of a tone, then as much silence."""
    time = np.arange(RATE + 321) / RATE
    tone = 0.3 * np.sin(2 * np.pi * 440 * time)
    return np.concatenate([tone, np.zeros_like(tone)]).astype(np.float32)


@pytest.mark.parametrize("ending", SOUNDFILE_FORMATS)
def test_comes_back_as_long_and_as_loud(ending, audio, tmp_path):
    path = tmp_path / f"sound{ending}"
    write_audio(path, audio, RATE)
    heard, rate = soundfile.read(path, dtype="float32")
    assert rate == RATE
    assert len(heard) == len(audio)
    assert np.abs(heard[: RATE // 2]).max() == pytest.approx(0.3, abs=0.02)
    assert np.abs(heard[-RATE // 2 :]).max() < 1e-3
    assert np.sqrt(np.square(heard - audio).mean()) < ERROR[ending]


def test_the_case_of_an_ending_does_not_matter(audio, tmp_path):
    write_audio(tmp_path / "SOUND.FLAC", audio, RATE)
    assert soundfile.info(tmp_path / "SOUND.FLAC").format == "FLAC"


def test_pieces_make_the_file_that_the_whole_makes(audio, tmp_path):
    write_audio(tmp_path / "whole.wav", audio, RATE)
    with open_sound(tmp_path / "pieces.wav", RATE) as put:
        for piece in np.array_split(audio, 7):
            put(piece)
    assert (tmp_path / "pieces.wav").read_bytes() == (tmp_path / "whole.wav").read_bytes()


@pytest.mark.parametrize("ending", [".ogg", ".opus"])
def test_minutes_at_once_can_be_encoded(ending, tmp_path):
    audio = np.zeros(180 * RATE + ENCODER_BLOCK_SAMPLES // 2, dtype=np.float32)
    write_audio(tmp_path / f"long{ending}", audio, RATE)
    assert soundfile.info(tmp_path / f"long{ending}").frames == len(audio)


def put_and_raise(path, audio, error):
    with open_sound(path, RATE) as put:
        put(audio)
        raise error


@pytest.mark.parametrize("ending", SOUNDFILE_FORMATS)
def test_an_interruption_leaves_a_valid_file(ending, audio, tmp_path):
    path = tmp_path / f"sound{ending}"
    with pytest.raises(KeyboardInterrupt):
        put_and_raise(path, audio, KeyboardInterrupt)
    assert soundfile.info(path).frames == len(audio)
    assert list(tmp_path.iterdir()) == [path]


def test_an_interruption_before_any_sound_leaves_what_was_there(tmp_path):
    path = tmp_path / "sound.wav"
    path.write_bytes(b"older")
    with pytest.raises(KeyboardInterrupt), open_sound(path, RATE):
        raise KeyboardInterrupt
    assert path.read_bytes() == b"older"
    assert list(tmp_path.iterdir()) == [path]


def test_an_error_leaves_nothing(audio, tmp_path):
    with pytest.raises(ValueError, match="midway"):
        put_and_raise(tmp_path / "sound.wav", audio, ValueError("midway"))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("ending", SOUNDFILE_FORMATS)
def test_a_full_disk_leaves_nothing(ending, tmp_path):
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    noise = np.random.default_rng(0).normal(0, 0.1, 30 * RATE).astype(np.float32)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, hard))
    try:
        with pytest.raises(OSError, match=r"cannot write .*; check that there is space left"):
            write_audio(tmp_path / f"sound{ending}", noise, RATE)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("name", "error", "sentence"),
    [
        (
            "sound.m4a",
            ValueError,
            "file name must end in one of .wav, .flac, .mp3, .opus, .ogg; got 'sound.m4a'",
        ),
        (
            "sound",
            ValueError,
            "file name must end in one of .wav, .flac, .mp3, .opus, .ogg; got 'sound'",
        ),
        (
            "nowhere/sound.wav",
            FileNotFoundError,
            "cannot write .*sound.wav: no such folder: .*nowhere",
        ),
        ("", IsADirectoryError, "cannot write .*: it is a folder"),
    ],
)
def test_refuses_a_path_before_anything_is_made(name, error, sentence, audio, tmp_path):
    with pytest.raises(error, match=sentence):
        check_audio_path(tmp_path / name)
    with pytest.raises(error, match=sentence):
        write_audio(tmp_path / name, audio, RATE)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["", " "])
def test_an_empty_name_is_no_file(name, audio):
    with pytest.raises(ValueError, match=f"^output must be a file name, got '{name}'$"):
        write_audio(name, audio, RATE)


@pytest.mark.parametrize("ending", ["mp3", "opus"])
def test_a_sample_rate_that_a_format_lacks_is_refused(ending, audio, tmp_path):
    sentence = rf"^sample rate of {ending} must be one of [\d, ]*24000[\d, ]*; got 12345$"
    with pytest.raises(OSError, match=sentence):
        write_audio(tmp_path / f"sound.{ending}", audio, 12345)
    assert not list(tmp_path.iterdir())


def test_an_error_of_the_encoder_names_no_partial_file(audio, tmp_path):
    with pytest.raises(OSError, match=r"^cannot write .*sound\.wav: [^/]*; check that") as caught:
        write_audio(tmp_path / "sound.wav", audio, -1)
    assert ".partial" not in str(caught.value)


@pytest.mark.parametrize("protected", ["folder", "folder/sound.wav"])
def test_refuses_what_it_may_not_write(protected, tmp_path, monkeypatch):
    path = tmp_path / "folder" / "sound.wav"
    path.parent.mkdir()
    path.touch()
    # permissions do not bind an administrator, who may well be running this
    monkeypatch.setattr("os.access", lambda asked, mode: asked != tmp_path / protected)
    with pytest.raises(PermissionError, match=r"cannot write .*: permission denied"):
        check_audio_path(path)


def test_a_pipe_carries_wav_as_it_comes(audio, monkeypatch):
    sent, header = io.BytesIO(), wav_header(RATE, comment=synthetic_comment("heart"))
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BufferedWriter(sent)))
    with open_sound(STDOUT, RATE, "heart") as put:
        assert sent.getvalue() == header
        for piece in np.split(audio, [100]):
            put(piece)
            length = (len(sent.getvalue()) - len(header)) // 2
            assert length in (100, len(audio))
    heard, rate = soundfile.read(io.BytesIO(sent.getvalue()), dtype="float32")
    assert rate == RATE
    np.testing.assert_allclose(heard, audio, atol=2**-15)


def test_a_terminal_is_no_pipe(monkeypatch):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    with pytest.raises(ValueError, match="standard output is a terminal"):
        check_audio_path(STDOUT)


def test_output_that_is_closed_is_told(monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)
    with pytest.raises(ValueError, match="standard output is closed; name a file"):
        check_audio_path(STDOUT)


def test_pcm_is_full_scale_at_one_and_beyond():
    loud = np.array([0, 1, -1, 2, -2, 0.5], dtype=np.float32)
    assert pcm16(loud).tolist() == [0, 32767, -32767, 32767, -32767, 16384]


def test_the_head_of_a_pipe_is_that_of_a_wav(tmp_path):
    write_audio(tmp_path / "sound.wav", np.zeros(0, dtype=np.float32), RATE, "heart")
    head = (tmp_path / "sound.wav").read_bytes()
    ours = wav_header(RATE, 0, synthetic_comment("heart"))
    bare = wav_header(RATE, 0)
    assert len(bare) == 44
    assert ours[8:36] == head[8:36] == bare[8:36]
    assert ours[-8:] == head[-8:] == bare[-8:] == b"data\0\0\0\0"
    # libsndfile adds its own version to the program
    texts, ours_texts = (data[36:40] + data[44 : data.index(b"ISFT")] for data in (head, ours))
    assert texts == ours_texts
    assert texts.startswith(b"LISTINFOICMT")
    assert b"one-step-tts" in head[head.index(b"ISFT") :]


@pytest.mark.parametrize("comment", ["", "a", "ab", "ä", "voice " * 50])
@pytest.mark.parametrize("length", [0, 2, 48_000, 0xFFFFFFFF - 36, None])
def test_a_header_states_its_lengths_and_keeps_samples_at_even_places(length, comment):
    header = wav_header(RATE, length, comment)
    riff, data = (int.from_bytes(header[at:][:4], "little") for at in (4, len(header) - 4))
    known = length is not None and length + len(header) - 8 <= 0xFFFFFFFF
    assert (riff, data) == ((len(header) - 8 + length, length) if known else (0xFFFFFFFF,) * 2)
    assert len(header) % 2 == 0
    if comment:
        size = int.from_bytes(header[40:44], "little")
        assert header[44 + size :][:4] == b"data"


def test_a_gain_clips_what_goes_beyond_full_scale_and_leaves_the_rest_as_it_is():
    audio = np.array([0.05, -0.05, 0.5, -0.5], dtype=np.float32)
    np.testing.assert_allclose(amplify(audio, 20.0), [0.5, -0.5, 1, -1], rtol=1e-6)
    np.testing.assert_allclose(amplify(audio, -20.0), audio / 10, rtol=1e-6)
    assert amplify(audio, 0.0) is audio
