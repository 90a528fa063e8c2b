import io
import wave

import av
import numpy as np
import pytest

from tts import DISTRIBUTION, Delivery, __version__
from tts.audio import SOUNDFILE_FORMATS, open_sound, pcm16, wav_header, write_audio
from tts.speech import Speech
from tts.synthetic_tag import MAX_VOICE_CHARACTERS, SOFTWARE, synthetic_comment

RATE, BLEND = 24_000, "heart(2)+michael(1)"
END = f"{DISTRIBUTION} {__version__}, digitalSourceType=trainedAlgorithmicMedia"
TONE = (0.3 * np.sin(np.arange(RATE) / 10)).astype(np.float32)


def tags_of(path):
    """The tags by name in lower case, as FFmpeg reads them; Ogg has them in its stream."""
    with av.open(str(path)) as container:
        tags = container.metadata | container.streams.audio[0].metadata
    return {name.lower(): value for name, value in tags.items()}


@pytest.mark.parametrize(
    ("voices", "shown"),
    [
        ((), ""),
        ((None,), ""),
        ((" ",), ""),
        (("heart",), "voice heart, "),
        ((BLEND,), f"voice {BLEND}, "),
        (("michael", "heart", "michael"), "voices michael, heart, "),
        (("heart", "heart"), "voice heart, "),
        (("/home/me/anna.voice(2)+heart",), "voice anna.voice(2)+heart, "),
        ((r"C:\Users\me\anna.voice",), "voice anna.voice, "),
        (("a\nb\0\ud800c",), "voice a b c, "),
        (("Zoë",), "voice Zoë, "),
    ],
)
def test_a_comment_names_voices_and_program(voices, shown):
    assert synthetic_comment(*voices) == f"synthetic speech, {shown}{END}"


def test_a_long_list_of_voices_is_shortened():
    comment = synthetic_comment(*(f"voice{number}" for number in range(100)))
    assert comment.startswith("synthetic speech, voices voice0, voice1, ")
    assert comment.endswith(f"..., {END}")
    assert len(comment) <= MAX_VOICE_CHARACTERS + len(f"synthetic speech, voices , {END}")


@pytest.mark.parametrize("ending", SOUNDFILE_FORMATS)
def test_a_file_of_speech_names_its_voice(ending, tmp_path):
    path = tmp_path / f"sound{ending}"
    delivery = Delivery(voice=BLEND)
    Speech(audio=TONE, sample_rate=RATE, phones=(), delivery=delivery).save(path)
    tags = tags_of(path)
    assert tags["comment"] == synthetic_comment(BLEND)
    if ending != ".mp3":  # where LAME writes its own name
        program = tags["encoder" if ending in (".wav", ".opus") else "software"]
        assert program.startswith(SOFTWARE)


@pytest.mark.parametrize("ending", SOUNDFILE_FORMATS)
def test_a_file_without_a_voice_is_still_marked(ending, tmp_path):
    path = tmp_path / f"sound{ending}"
    write_audio(path, TONE, RATE)
    assert tags_of(path)["comment"] == f"synthetic speech, {END}"


@pytest.mark.parametrize("ending", SOUNDFILE_FORMATS)
def test_a_file_names_its_title_and_its_seed(ending, tmp_path):
    path, title = tmp_path / f"sound{ending}", "“Été”\0–\n\ud800 東京"
    with open_sound(path, RATE, "Zoë", title=title, seed=7) as put:
        put(TONE)
    found = tags_of(path)
    if ending == ".mp3":  # libsndfile knows no other letters there
        assert found["title"] == '"Ete" -'
        assert found["comment"] == synthetic_comment("Zoe", seed=7)
    else:
        assert found["title"] == "“Été” – 東京"
        assert found["comment"] == f"synthetic speech, voice Zoë, seed 7, {END}"


@pytest.mark.parametrize("ending", [".wav", ".flac", ".mp3"])
def test_equal_sounds_make_equal_files(ending, tmp_path):
    first, second = (tmp_path / f"{name}{ending}" for name in ("first", "second"))
    for path in (first, second):
        with open_sound(path, RATE, "heart") as put:
            put(TONE)
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize("voice", ["heart", "Zoë", BLEND])
@pytest.mark.parametrize("known", [True, False])
def test_a_header_with_a_comment_is_read_by_others(voice, known):
    samples, comment = pcm16(TONE), synthetic_comment(voice)
    length = samples.nbytes if known else None
    data = wav_header(RATE, length, comment) + samples.tobytes()
    with av.open(io.BytesIO(data)) as container:
        assert container.metadata == {"comment": comment, "encoder": SOFTWARE}
        frames = [frame.to_ndarray()[0] for frame in container.decode(audio=0)]
    np.testing.assert_array_equal(np.concatenate(frames), samples)
    with wave.open(io.BytesIO(data)) as file:
        assert file.getframerate() == RATE
        assert file.readframes(len(samples) + 100) == samples.tobytes()
