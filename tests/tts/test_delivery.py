"""One schema of `Delivery`: whatever has its numbers has all of them."""

from dataclasses import replace
from inspect import signature
from itertools import count
from typing import get_args, get_type_hints

import numpy as np
import pytest
import typer
from tts.app.__main__ import batch_command
from tts.app.batch.command import batch
from tts.app.batch.inputs.table import NUMBERS
from tts.app.batch.item import BatchItem, item_key
from tts.app.demo.form.controls import DIALS
from tts.app.server.schemas import NUMBER_NAMES, SpeechRequest
from tts.app.server.session import Message

import tts.speech
from tts.cli.main import app, say
from tts.delivery import DELIVERY_FIELDS, DELIVERY_RANGES, Delivery
from tts.speech import Speech
from tts.text.markup.tags import PROSODY_RANGES
from tts.text.pauses import (
    BREATH_PAUSE_SECONDS,
    PARAGRAPH_PAUSE_SECONDS,
    SENTENCE_PAUSE_SECONDS,
)

TEXT = "One. Two."
# by their types alone, whatever their metadata
NUMERIC = {
    name: kind
    for name, kind in get_type_hints(Delivery).items()
    if kind in (int, float, float | None)
}
# computed before `volume` was a field
KEYS = {
    "331f3b3bdd93168ef0847bf437c19390": Delivery(),
    "fe0f48758a73ec6623cc6b567d4b23e8": Delivery(
        voice="michael", steps=2, seed=5, pace=1.5, pitch=-1.0, sentence_pause=0.4
    ),
}


def options(application, name=None):
    """The options of a command by the names of their parameters."""
    command = typer.main.get_command(application)
    command = command.commands[name] if name else command
    return {param.name: param for param in command.params}


def test_every_number_has_a_range_a_unit_and_help():
    assert len(NUMERIC) > 9
    assert DELIVERY_FIELDS.keys() == DELIVERY_RANGES.keys() == NUMERIC.keys()
    for name, number in DELIVERY_FIELDS.items():
        assert number.annotation == NUMERIC[name]
        assert number.default == getattr(Delivery(), name)
        assert number.help.endswith(".")


@pytest.mark.parametrize("name", [name for name in NUMERIC if name != "seed"])
def test_every_number_keeps_to_its_range(name):
    low, high = DELIVERY_RANGES[name]
    for value in (low, high):
        assert getattr(replace(Delivery(), **{name: value}), name) == value
    for value in (low - 1, high + 1):
        with pytest.raises(ValueError, match=f"{name} must be from {low} to {high}, got"):
            replace(Delivery(), **{name: value})


@pytest.mark.parametrize("name", NUMERIC)
def test_every_number_changes_the_sound(name, synthesizer):
    usual = DELIVERY_FIELDS[name].default or 0
    low, high = DELIVERY_RANGES[name]
    other = usual + 1 if usual + 1 <= high else low
    order = count()  # a judge that prefers the last candidate
    delivery = Delivery(judge=lambda audio, plan: next(order))
    heard = synthesizer.speak(TEXT, replace(delivery, **{name: other})).audio
    assert not np.array_equal(heard, synthesizer.speak(TEXT).audio)


def test_tags_have_the_ranges_of_a_delivery():
    for name, limits in PROSODY_RANGES.items():
        assert DELIVERY_RANGES[name] == limits


@pytest.mark.parametrize(
    ("command", "found", "others"),
    [
        (say, options(app, "say"), set()),
        (batch, options(batch_command), {"volume"}),  # which is the gain of its files
    ],
    ids=["say", "batch"],
)
def test_commands_have_an_option_for_every_number(command, found, others):
    parameters = signature(command).parameters
    for name in NUMERIC.keys() - others:
        option, number = found[name], DELIVERY_FIELDS[name]
        assert option.opts == [f"--{name.replace('_', '-')}"]
        assert option.default == number.default
        assert number.help in option.help
        assert get_args(parameters[name].annotation)[0] == NUMERIC[name]
    for name in others:
        assert DELIVERY_FIELDS[name].help not in found[name].help


def test_lists_have_a_column_for_every_number():
    assert NUMBERS.keys() == NUMERIC.keys() | {"pause"}
    for name, kind in NUMERIC.items():
        assert NUMBERS[name] is (int if kind is int else float)


@pytest.mark.parametrize(
    ("model", "names"), [(SpeechRequest, NUMBER_NAMES), (Message, {})], ids=["request", "message"]
)
def test_the_server_takes_every_number(model, names):
    fields = model.model_fields
    assert fields.keys() >= {names.get(name, name) for name in NUMERIC}
    for name in NUMERIC.keys() - {"steps"}:  # whose default in a request is the model's
        assert fields[names.get(name, name)].default == getattr(Delivery(), name)
    assert not fields.keys() & names.keys()
    assert model.__name__ in ("SpeechRequest", "Message")


def test_dials_are_of_numbers():
    assert DIALS.keys() <= NUMERIC.keys()


def test_the_old_place_of_a_delivery_is_one_still():
    assert tts.speech.Delivery is tts.Delivery is Delivery


def test_keys_of_items_stay():
    for key, delivery in KEYS.items():
        item = BatchItem(id="1", text="Hello.", delivery=delivery, line=1)
        assert item_key(item, {"model": "m"}) == key
        louder = replace(item, delivery=replace(delivery, volume=1.0))
        assert item_key(louder, {"model": "m"}) != key


@pytest.mark.parametrize("low_latency", [True, False])
def test_volume_is_a_gain_on_the_samples(tiny_synthesizer, low_latency):
    def speak(**options):
        delivery = Delivery(**options)
        return Speech.join(tiny_synthesizer.stream(TEXT, delivery, low_latency=low_latency))

    usual = speak()
    for volume in (-60.0, 30.0):
        gained = speak(volume=volume)
        wanted = np.clip(usual.audio * 10 ** (volume / 20), -1, 1)
        np.testing.assert_allclose(gained.audio, wanted, rtol=1e-6, atol=0)
        assert gained.audio.dtype == usual.audio.dtype
        assert (gained.words, gained.phones) == (usual.words, usual.phones)
    assert np.abs(gained.audio).max() == 1
    same = speak(volume=0).audio
    assert same.tobytes() == usual.audio.tobytes()


def test_a_sentence_pause_moves_all_pauses_but_those_within_a_sentence():
    """Pauses within a sentence follow the factor of `pauses` alone."""
    delivery = Delivery(sentence_pause=1.0, pauses=2.0)
    longer = PARAGRAPH_PAUSE_SECONDS - SENTENCE_PAUSE_SECONDS
    assert delivery.pause_seconds(BREATH_PAUSE_SECONDS) == 2 * BREATH_PAUSE_SECONDS
    assert delivery.pause_seconds(SENTENCE_PAUSE_SECONDS) == 1.0
    assert delivery.pause_seconds(PARAGRAPH_PAUSE_SECONDS) == pytest.approx(1.0 + longer)
    assert Delivery(pauses=2.0).pause_seconds(PARAGRAPH_PAUSE_SECONDS) == (
        2 * PARAGRAPH_PAUSE_SECONDS
    )


@pytest.mark.parametrize(
    ("seeds", "message"),
    [
        (((-1, 1),), r"numbers of at least 0 and seeds from 0 to 2\*\*63 - 1, got \(-1, 1\)"),
        (((0, -1),), r"other_seeds must have .* got \(0, -1\)"),
        (((0, 1), (0, 2)), "other_seeds must have each number once"),
    ],
)
def test_other_seeds_are_of_utterances_that_can_be(seeds, message):
    with pytest.raises(ValueError, match=message):
        Delivery(other_seeds=seeds)


def test_no_pause_is_shorter_than_nothing():
    assert Delivery().pause_seconds(-1) == 0
