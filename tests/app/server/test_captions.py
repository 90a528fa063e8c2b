import json
from base64 import b64decode

import httpx
import pytest
from tts.app.server.app import create_app
from tts.app.server.settings import ServerSettings

from tests.serving import assert_sounds_like, serving
from tts.audio import wav_header
from tts.captions.formats import CAPTION_FORMATS, TimedText
from tts.delivery import Delivery
from tts.serving.engine import Engine
from tts.synthetic_tag import synthetic_comment

TEXT = "On 3/4/2025 we met. The others followed, one by one."
CAPTIONED = "/dev/captioned_speech"


@pytest.fixture
def at(tiny_synthesizer):
    with Engine(tiny_synthesizer) as engine, serving(create_app(engine, ServerSettings())) as at:
        yield at


@pytest.mark.parametrize("name", CAPTION_FORMATS)
def test_captions_are_those_of_the_speech(at, name, tiny_synthesizer):
    wanted = {"input": TEXT, "voice": "michael", "speed": 2, "response_format": name}
    given = httpx.post(f"{at}/v1/audio/captions", json=wanted, timeout=30)
    times = TimedText(TEXT)
    times.add(tiny_synthesizer.speak(TEXT, Delivery(voice="michael", pace=2)))
    if name == "json":
        assert given.json() == json.loads(CAPTION_FORMATS["json"].write(times))
    else:
        assert given.text == CAPTION_FORMATS[name].write(times)


@pytest.mark.parametrize("path", ["/v1/audio/captions", CAPTIONED])
def test_a_header_warns_of_what_cannot_be_read(at, path):
    given = httpx.post(f"{at}{path}", json={"input": "He said да."}, timeout=30)
    assert given.status_code == 200
    assert given.headers["tts-warning"].startswith(
        r"Cyrillic letters (\u0434, \u0430) are left out"
    )
    assert "tts-warning" not in httpx.post(f"{at}{path}", json={"input": TEXT}, timeout=30).headers


def expected(speech):
    return [
        {"word": word.text, "start_time": word.start, "end_time": word.end} for word in speech.words
    ]


def test_sound_comes_in_lines_with_the_times_of_its_words(at, tiny_synthesizer):
    wanted = {"input": TEXT, "voice": "af_heart", "model": "kokoro", "response_format": "pcm"}
    speech = tiny_synthesizer.speak(TEXT)
    with httpx.stream("POST", f"{at}{CAPTIONED}", json=wanted, timeout=30) as given:
        lines = [json.loads(line) for line in given.iter_lines()]
    assert len(lines) > 2
    assert {line["audio_format"] for line in lines} == {"audio/pcm"}
    assert_sounds_like(b"".join(b64decode(line["audio"]) for line in lines), speech)
    assert [stamp for line in lines for stamp in line["timestamps"]] == expected(speech)


def test_or_all_at_once(at, tiny_synthesizer):
    wanted = {"input": TEXT, "stream": False, "response_format": "wav"}
    given = httpx.post(f"{at}{CAPTIONED}", json=wanted, timeout=30).json()
    speech = tiny_synthesizer.speak(TEXT)
    sound = b64decode(given["audio"])
    comment = synthetic_comment("heart")
    head = len(wav_header(24_000, comment=comment))
    assert sound[:head] == wav_header(24_000, len(sound) - head, comment)
    assert_sounds_like(sound[head:], speech)
    assert given["timestamps"] == expected(speech)
    assert given["audio_format"] == "audio/wav"


@pytest.mark.parametrize("stream", [True, False])
def test_choices_come_with_the_sound_of_their_sentences(at, tiny_synthesizer, stream):
    wanted = {"input": TEXT, "best_of": 2, "stream": stream, "response_format": "pcm"}
    given = httpx.post(f"{at}{CAPTIONED}", json=wanted, timeout=30).text
    choices = [each for line in given.splitlines() for each in json.loads(line).get("choices", ())]
    chosen = tiny_synthesizer.speak(TEXT, Delivery(best_of=2)).choices
    assert [(each["utterance"], each["seed"]) for each in choices] == [
        (each.utterance, each.seed) for each in chosen
    ]


def test_a_word_of_half_a_pair_of_surrogates_is_captioned(at):
    wanted = {"input": "Hello \ud800 there.", "response_format": "json"}
    sent = {"content": json.dumps(wanted), "headers": {"content-type": "application/json"}}
    given = httpx.post(f"{at}/v1/audio/captions", **sent, timeout=30)
    assert given.status_code == 200
    assert "there" in given.text
