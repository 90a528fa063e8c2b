"""The samples of the documentation are what the shipped voices say, and are small."""

import pytest
import soundfile

from docs.make_samples import FOLDER, TEXTS
from tts.delivery import Delivery
from tts.synthetic_tag import DIGITAL_SOURCE_TYPE

MOST_BYTES = 150_000  # of all together


@pytest.mark.parametrize("voice", TEXTS)
def test_a_sample_is_what_its_voice_says(voice, synthesizer):
    speech = synthesizer.speak(TEXTS[voice], Delivery(voice=voice))
    assert soundfile.info(FOLDER / f"{voice}.opus").duration == pytest.approx(speech.seconds)


def test_samples_are_small_and_marked_as_synthetic():
    paths = sorted(FOLDER.iterdir())
    assert sum(path.stat().st_size for path in paths) < MOST_BYTES
    assert {path.stem.removesuffix("-reader") for path in paths} == TEXTS.keys()
    for path in paths:
        with soundfile.SoundFile(path) as file:
            assert (file.format, file.subtype) == ("OGG", "OPUS")
            assert file.comment.startswith("synthetic speech, voice ")
            assert file.comment.endswith(DIGITAL_SOURCE_TYPE)
