"""The cards of the voices: what they tell, which is chosen, and how a file is named on them."""

import gradio as gr
import pytest
from bs4 import BeautifulSoup
from tts.app.demo.form.voice_cards import NO_BLEND, SHOWN, cards_html, voice_picker, voices_of

from tests.learned import with_learned_voices
from tts.serving.engine import Engine


def cards_of(found, chosen="heart"):
    """The cards, as text by the name of the voice; and the page they are on."""
    page = BeautifulSoup(cards_html(found, chosen), "html.parser")
    return {one.input["value"]: one for one in page.select(".card")}, page


@pytest.fixture
def learned(tiny_synthesizer):
    return with_learned_voices(tiny_synthesizer)


def test_a_card_tells_what_is_known_of_a_shipped_voice(synthesizer):
    cards, page = cards_of(voices_of(synthesizer))
    assert list(cards) == list(synthesizer.voices)
    told = [one.text for one in cards["michael"].select(".facts span")]
    assert told == ["Male, US", "Quality 4.2 of 5", "Word errors 3.8%"]
    assert "Learned voice" in cards["kathleen"].text, "shipped, but learned from recordings"
    assert len(page.select("fieldset > .cards .card")) == SHOWN
    assert page.summary.text == f"{len(cards) - SHOWN} more voices"
    for name, card in cards.items():
        assert card.button["aria-label"] == f"Listen to {name}"
        assert card.button["data-voice"] == name


def test_voices_of_the_user_are_marked(learned):
    cards, _ = cards_of(voices_of(learned))
    assert list(cards) == ["heart", "michael", "anna", "bea"]
    facts = [one.text for one in cards["anna"].select(".facts span")]
    assert facts == ["Female", "Your own voice", "Word errors 3.1%"]
    assert "own" not in cards["heart"].text


@pytest.mark.parametrize("default", [None, "michael", "anna", "anna(2)+heart(1)"])
def test_the_default_voice_comes_first_and_is_chosen(default, learned):
    with Engine(learned) as engine, gr.Blocks():
        picker = voice_picker(engine, default)
    chosen = default or "heart"
    page = BeautifulSoup(picker.voice.props["cards"], "html.parser")
    assert picker.voice.value == chosen
    assert [one["value"] for one in page.select("input[checked]")] == [chosen]
    assert page.input["value"] == chosen
    assert page.legend.strong.text == chosen
    options = BeautifulSoup(picker.other.props["options"], "html.parser").select("option")
    assert picker.other.value == options[0]["value"] == NO_BLEND
    assert "anna (your own)" in [one.text for one in options]


def test_names_of_voices_are_text(learned):
    name = "<b>&${1+1}`\"'"
    page = cards_of([{"id": name, "learned": False, "own": False}], name)[1]
    assert page.input["value"] == page.select_one(".name").text == name
    assert page.b is None


def test_few_voices_need_no_second_list(learned):
    assert cards_of(voices_of(learned)[:SHOWN])[1].details is None
