"""Learned voices on the page: alone, in blends, and never by a path."""

import asyncio

import gradio as gr
import numpy as np
import pytest
from tts.app.demo.handlers import DemoHandlers
from tts.app.demo.limits import DemoLimits
from tts.app.demo.request import DemoRequest, blend

from tests.learned import with_learned_voices
from tts.delivery import Delivery
from tts.serving.engine import Engine
from tts.speech import Speech

DIALS = (1, 1.0, 0, 0, 1.0, 0, 1)


@pytest.fixture
def engine(tiny_synthesizer):
    with Engine(with_learned_voices(tiny_synthesizer)) as engine:
        yield engine


@pytest.mark.parametrize("path", ["../anna.voice", "/secret/voices/anna.voice", "anna.voice"])
def test_no_visitor_names_a_file(path, engine):
    async def speak():
        studio = DemoHandlers(engine, DemoLimits())
        return [shown async for shown in studio.speak("Hello.", path, "", 50, *DIALS)]

    with pytest.raises(gr.Error, match=r"Unknown voice '.*anna\.voice'; voices: heart") as refused:
        asyncio.run(speak())
    assert path in str(refused.value)


def test_a_blend_that_is_the_default_can_be_blended_again(engine):
    voice = blend("anna(2)+heart(1)", "bea", 40)
    shares = engine.synthesizer.voice_shares(voice)
    assert shares == pytest.approx({"heart": 0.2, "anna": 0.4, "bea": 0.4}, abs=1e-4)
    assert blend("anna(0)+heart(0)", "bea", 40) == "anna(0)+heart(0)(0.60)+bea(0.40)"


def test_it_speaks_in_a_blend_with_a_learned_voice(engine):
    wanted = DemoRequest.of("So they do.", "heart", "anna", 50, *DIALS)
    assert wanted.delivery.voice == "heart(0.50)+anna(0.50)"
    with engine.stream(wanted.text, wanted.delivery) as stream:
        made = Speech.join(list(stream))
    alone = engine.synthesizer.speak("So they do.", Delivery(voice="anna(1)+heart(1)"))
    np.testing.assert_allclose(made.audio, alone.audio, rtol=0, atol=1e-4)
