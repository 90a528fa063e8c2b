"""Int8 with fixed scales: near float32, the same when streamed, and only where the scales fit."""

from dataclasses import replace

import numpy as np
import pytest
from tts.training.release.calibrate import NETWORKS, measure_scales

from tts.checkpoint import read_config, read_weights, shipped_checkpoint
from tts.delivery import Delivery
from tts.processor import Int8Support
from tts.runtime.base import WeightDifferences
from tts.runtime.int8_check import check_ratios, snr
from tts.runtime.quantise import (
    Calibration,
    Models,
    fingerprint,
    input_range,
    make_runtime,
    read_calibrations,
    write_calibrations,
)
from tts.speech import Speech
from tts.synthesis import Synthesizer

TEXTS = ["Seven grey geese.", "Who knows?"]
STREAMED_DB, NEAR_DB = 80, 30


@pytest.fixture(scope="module")
def models():
    acoustic, vocoder = map(shipped_checkpoint, NETWORKS)
    config, vocoder_config = read_config(acoustic, "acoustic"), read_config(vocoder, "vocoder")
    weights, vocoder_weights = read_weights(acoustic, config), read_weights(vocoder, vocoder_config)
    return Models(config, weights, vocoder_config, vocoder_weights)


@pytest.fixture(scope="module")
def exact(models):
    return models.runtime()


@pytest.fixture(scope="module")
def scales(torch_synthesizer):
    """The shipped scales, and those of the decoder, which is not in int8 by default."""
    return measure_scales(torch_synthesizer, TEXTS, ["acoustic"]) | read_calibrations()


@pytest.fixture
def fast(monkeypatch):
    support = Int8Support(fast=True, reason="")
    monkeypatch.setattr("tts.runtime.quantise.int8_support", lambda: support)


def tight(calibration):
    """Scales so small that most inputs are outside their range, of other weights."""
    small = {key: replace(one, scale=one.scale / 4) for key, one in calibration.scales.items()}
    return Calibration("", small)


def test_shipped_scales_are_of_the_shipped_weights(models):
    found = read_calibrations()
    assert "vocoder" in found
    assert all(one.is_of(models.weights_of(name)) for name, one in found.items())


def test_int8_is_near_float32(models, exact, scales):
    ratios = check_ratios(exact, make_runtime(models, "int8", 1, scales))
    assert all(NEAR_DB < ratios[name] < 60 for name in scales)


def test_streamed_int8_is_the_whole(models, scales):
    synthesizer = Synthesizer(make_runtime(models, "int8", 1, scales))
    assert synthesizer.runtime.precision == "int8"
    text = "The ferry leaves at ten, and again at noon."
    whole, pieces = synthesizer.speak(text), list(synthesizer.stream(text))
    assert len(pieces) > 3
    assert snr(whole.audio, Speech.join(pieces).audio) > STREAMED_DB


def test_scales_of_other_weights_are_tried(models, exact, scales):
    other = {name: replace(one, fingerprint="") for name, one in scales.items()}
    runtime = make_runtime(models, "int8", 1, other)
    assert runtime.precision == "int8"
    assert all(NEAR_DB < check_ratios(exact, runtime)[name] < 60 for name in scales)


def test_scales_that_do_not_fit_are_left_out(models, exact, scales, fast):
    wrong = {name: tight(one) for name, one in scales.items()}
    runtime = make_runtime(models, None, 1, wrong)
    assert runtime.precision == "float32"
    assert set(check_ratios(exact, runtime).values()) == {np.inf}
    with pytest.raises(ValueError, match=r"the int8 scales do not fit the weights \(.*vocoder.*\)"):
        make_runtime(models, "int8", 1, wrong)


def test_the_scales_of_one_model_may_fit(models, exact, fast):
    right = read_calibrations()["vocoder"]
    absent = Calibration("", {"decoder.blocks.99.widen": input_range(-1, 1)})
    runtime = make_runtime(models, None, 1, {"acoustic": absent, "vocoder": right})
    assert runtime.precision == "int8"
    ratios = check_ratios(exact, runtime)
    assert ratios["acoustic"] == np.inf
    assert NEAR_DB < ratios["vocoder"] < 60


def adapted(models, runtime, key, factor):
    """A runtime, one weight of whose vocoder is multiplied, as a voice file would have it."""
    difference = (models.vocoder_weights[key] * (factor - 1)).astype(np.float16)
    changed = WeightDifferences(vocoder={key: difference})
    return runtime.adapted(changed, models.weights["voices.weight"][1])


def test_scales_that_fit_a_learned_voice_are_kept(models, exact, scales):
    base, key = make_runtime(models, "int8", 1, scales), "backbone.norm.weight"
    voice = models.weights["voices.weight"][1]
    rounded, wanted = (adapted(models, each, key, 1.1) for each in (base, exact))
    assert (rounded.precision, wanted.precision) == ("int8", "float32")
    ratios = check_ratios(wanted, rounded, voice)
    assert all(NEAR_DB < ratios[name] < 60 for name in scales)
    assert check_ratios(exact, wanted, voice)["vocoder"] < 40


def test_a_model_whose_scales_do_not_fit_a_learned_voice_is_in_float32(models, exact, scales):
    base, key = make_runtime(models, "int8", 1, scales), "backbone.convnext.1.norm.weight"
    mixed, wanted = (adapted(models, each, key, 30) for each in (base, exact))
    ratios = check_ratios(wanted, mixed)
    assert ratios["vocoder"] == np.inf
    assert NEAR_DB < ratios["acoustic"] < 60
    assert mixed.precision == "int8"
    alone = make_runtime(models, "int8", 1, {"vocoder": scales["vocoder"]})
    assert adapted(models, alone, key, 30).precision == "float32"


@pytest.mark.parametrize(("is_fast", "precision"), [(True, "int8"), (False, "float32")])
def test_int8_is_chosen_where_it_is_fast(models, monkeypatch, is_fast, precision):
    support = Int8Support(is_fast, "")
    monkeypatch.setattr("tts.runtime.quantise.int8_support", lambda: support)
    assert make_runtime(models, None, 1).precision == precision


def test_calibration_is_deterministic_and_reads_all_blocks(tiny_synthesizer):
    first, second = (measure_scales(tiny_synthesizer, TEXTS, list(NETWORKS)) for _ in range(2))
    assert first == second
    runtime = tiny_synthesizer.runtime
    assert set(first["acoustic"].scales) == {
        f"decoder.blocks.{block}.{layer}"
        for block in range(runtime.config.decoder.depth)
        for layer in ("widen", "narrow")
    }
    assert len(first["vocoder"].scales) == 2 * runtime.vocoder_config.depth
    assert measure_scales(tiny_synthesizer, TEXTS[:1], ["vocoder"]) != {"vocoder": first["vocoder"]}


def test_calibrated_scales_fit_their_model(tiny_synthesizer):
    runtime = tiny_synthesizer.runtime
    weights = [
        {name: weight.numpy() for name, weight in network.state_dict().items()}
        for network in (runtime.acoustic, runtime.vocoder)
    ]
    models = Models(runtime.config, weights[0], runtime.vocoder_config, weights[1])
    found = measure_scales(tiny_synthesizer, TEXTS, list(NETWORKS))
    rounded = make_runtime(models, "int8", 1, found)
    ratios = check_ratios(models.runtime(), rounded)
    assert all(20 < ratio < np.inf for ratio in ratios.values())
    spoken = Synthesizer(rounded).speak(TEXTS[0], Delivery(seed=1))
    assert np.isfinite(spoken.audio).all()


@pytest.mark.parametrize(("low", "high"), [(-1, 3), (0.5, 2), (-4, -1), (0, 0), (-0.17, 9)])
def test_zero_is_a_step_and_ends_are_within_half_a_step(low, high):
    found = input_range(low, high)
    assert found.scale > 0
    assert 0 <= found.zero_point <= 255
    for end in (min(low, 0), max(high, 0)):
        step = np.clip(round(end / found.scale) + found.zero_point, 0, 255) - found.zero_point
        assert abs(step * found.scale - end) <= found.scale / 2 + 1e-9


def test_any_weight_changes_the_fingerprint():
    weights = {"a.weight": np.zeros((2, 3)), "b.weight": np.zeros(1), "c.weight": np.zeros(1)}
    before = fingerprint(weights, {"a": 1, "b": 1})
    weights["c.weight"][0] = 1
    assert fingerprint(weights, {"b": 1, "a": 1}) == before
    weights["a.weight"][1, 2] = 1
    assert fingerprint(weights, {"a": 1, "b": 1}) != before


def test_scales_come_back_equal(tmp_path, scales):
    path = tmp_path / "scales.json"
    write_calibrations(path, scales)
    assert read_calibrations(path) == scales


@pytest.mark.parametrize(
    "content", ["", "[]", '{"vocoder": {}}', '{"vocoder": {"fingerprint": "", "scales": {"a": 1}}}']
)
def test_other_files_are_refused(tmp_path, content):
    path = tmp_path / "scales.json"
    path.write_text(content)
    with pytest.raises(ValueError, match=r"cannot read .*scales\.json: expected scales"):
        read_calibrations(path)
    with pytest.raises(FileNotFoundError, match="no such file"):
        read_calibrations(tmp_path / "none.json")


@pytest.mark.parametrize(
    ("signal", "error", "expected"), [(1.0, 0.1, 20), (2.0, 2.0, 0), (1.0, 0.0, np.inf)]
)
def test_snr(signal, error, expected):
    reference = np.full(9, signal)
    assert snr(reference, reference + error) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("reference", "other", "ratio"),
    [(0, 0, np.inf), (1, 1, np.inf), (0, 1, -np.inf), (1, 1.1, 20), (1, np.nan, -np.inf),
     (np.nan, np.nan, -np.inf), (np.inf, 1, -np.inf), (1, np.inf, -np.inf)],
)  # fmt: skip
def test_a_ratio_is_high_only_for_what_is_near(reference, other, ratio):
    assert snr(np.array([reference]), np.array([other])) == pytest.approx(ratio)
