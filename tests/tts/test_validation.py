"""Options are checked by their types when they are made, in one sentence, and so is JSON.

The checks of this suite would refuse a wrong type before ours do, so options are made elsewhere.
"""

import json
import subprocess
import sys
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from tts.validation import coerce_argument, from_dict, parse_json

ROOT = Path(__file__).parents[2]
HUGE = 10**400


@dataclass(frozen=True, kw_only=True)
class Inner:
    share: float


@dataclass(frozen=True, kw_only=True)
class Outer:
    count: int
    names: tuple[str, ...]
    pair: tuple[int, float]
    inner: Inner
    limit: int | None


WHOLE = {"count": 1, "names": ["a"], "pair": [1, 2], "inner": {"share": 1}, "limit": None}


def test_json_becomes_a_dataclass_whose_numbers_have_their_types():
    found = from_dict(Outer, WHOLE)
    assert found == Outer(count=1, names=("a",), pair=(1, 2.0), inner=Inner(share=1.0), limit=None)
    assert type(found.pair[1]) is type(found.inner.share) is float


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"count": 1.0}, "count must be a whole number, got 1.0"),
        ({"count": True}, "count must be a whole number, got True"),
        ({"count": None}, "count must be a whole number, got None"),
        ({"names": "ab"}, "names must be a list, got 'ab'"),
        ({"names": [1]}, "names must be text, got 1"),
        ({"names": ["\ud800"]}, r"names must be text, got '\\ud800'"),
        ({"pair": [1]}, r"pair must be a list of 2 values, got \[1\]"),
        ({"pair": [1, float("inf")]}, "pair must be a number, got inf"),
        ({"inner": []}, r"expected the fields of an Inner, got \[\]"),
        ({"inner": {"share": HUGE}}, r"share must be a number, got 1000.*\.\.\.0*"),
        ({"inner": {"share": float("nan")}}, "share must be a number, got nan"),
        ({"inner": {"share": "1"}}, "share must be a number, got '1'"),
        ({"limit": "1"}, "limit must be a whole number, got '1'"),
        ({"colour": "red"}, "Outer has no field colour"),
    ],
)
def test_json_of_other_types_is_refused(changes, sentence):
    with pytest.raises(ValueError, match=rf"^{sentence}$"):
        from_dict(Outer, WHOLE | changes)


@pytest.mark.parametrize("values", [[], None, 5, "text", {}, {"a": {}}])
def test_what_is_no_object_of_the_fields_is_refused(values):
    with pytest.raises(ValueError, match=r"expected the fields of an Outer|has no field|needs the"):
        from_dict(Outer, values)


@pytest.mark.parametrize(
    "text", ["", "{", b"\xff", "[" * 100_000, '{"a": ' + "9" * 5000 + "}", "x" * 10**6]
)
def test_what_is_no_json_is_refused_in_a_short_sentence(text):
    with pytest.raises(ValueError, match=r"^expected JSON, got ") as refusal:
        parse_json(text)
    assert len(str(refusal.value)) < 200


@pytest.mark.parametrize("value", [2, np.int64(2), np.uint8(2)])
def test_whole_numbers_of_any_kind_are_whole_numbers(value):
    assert type(coerce_argument("steps", int, value)) is int


@pytest.mark.parametrize("value", [0.5, np.float32(0.5), np.float64(0.5), Fraction(1, 2)])
def test_numbers_of_any_kind_are_numbers(value):
    assert (coerce_argument("pace", float, value), type(coerce_argument("pace", float, value))) == (
        0.5,
        float,
    )


WRONG = """
from fractions import Fraction
from pathlib import Path
import numpy as np
from tts.app.batch.audio.format import OutputFormat
from tts.app.batch.inputs.builder import InputOptions
from tts.app.batch.worker import JobConfig
from tts.app.batch.quality import QualityLimits
from tts.app.demo.limits import DemoLimits
from tts.app.server.settings import ServerSettings
from tts.training.data.dataset import Selection
from tts.training.vocoder.discriminators import DiscriminatorConfig
from tts.training.evaluation.config import Evaluation
from tts.training.acoustic.terms import Ramp, Term
from tts.training.recipes import RECIPES
from tts.training.config import VocoderLossWeights
from tts import Delivery, Engine, Lexicon, TextOptions, load
from tts.config import DecoderConfig, EncoderConfig, MelConfig, ModelConfig, VocoderConfig
from tts.text.markup.tags import Prosody

def voice(**options): return ModelConfig(**{"symbols": "^$a", "voices": ("heart",)} | options)
def reader(**options):
    return InputOptions(**{"delivery": Delivery(), "voices": ("heart",)} | options)
def term(**options):
    return Term(**{"objective": "flow_matching", "times": "diagonal"} | options)
def evaluation(**options):
    path = Path("x")
    told = {"acoustic": path, "vocoder": path, "whisper": path, "texts": path}
    return Evaluation(**told | options)
def changed(recipe):
    from dataclasses import replace
    return lambda **options: replace(RECIPES[recipe](), **options)

NAN, INF, HUGE = float("nan"), float("inf"), 10**400
RUN, VOCODER_RUN, JOINT_RUN = map(changed, ("flow_matching", "vocoder", "joint"))
CASES = [
    (Engine, {"synthesizer": 3}),
    *((load, {"device": value}) for value in (3, None)),
    *((load, {name: 3}) for name in ("runtime", "precision")),
    *((load, {"threads": value}) for value in (0, 1025, "2", 1.5)),
    *((Delivery, {"steps": value}) for value in (1.5, None, "1", True, 0, 257, [], HUGE, NAN)),
    *((Delivery, {"pace": value}) for value in (NAN, INF, None, "1", True, 0, HUGE, [1], 1j)),
    *((Delivery, {"seed": value}) for value in (-1, 2**63, 1.0, None, HUGE)),
    *((Delivery, {name: NAN}) for name in ("pitch", "energy", "pauses", "temperature")),
    *((Delivery, {name: "1"}) for name in ("sentence_pause", "prosody_temperature")),
    *((Delivery, {"lexicon": value}) for value in ({}, "a", [])),
    *((Delivery, {"reading": value}) for value in (None, "de", {})),
    *((Delivery, {"voice": value}) for value in (None, 5, b"heart", ["heart"])),
    *((Delivery, {"judge": value}) for value in (None, 5, "whisper", ["ensemble"])),
    *((Delivery, {"other_seeds": value}) for value in (5, ((1,),), ((1, "a"),), {1: 2}, "ab")),
    *((TextOptions, {"language": value}) for value in ("xx", "", None, [], 5, "EN-US")),
    *((TextOptions, {"day_first": value}) for value in (1, None, "yes")),
    *((TextOptions, {"links": value}) for value in ("drop", None, [])),
    *((lambda value: Lexicon.of(value), {"value": v}) for v in (5, None, [("a", "b")], {"a": 5})),
    (lambda value: Lexicon.of(value), {"value": {5: "a"}}),
    (Lexicon, {"entries": 5}), (Lexicon, {"longest_phrase_words": []}),
    *((Prosody, {"pace": value}) for value in (NAN, INF, "1", None, True, 9)),
    *((OutputFormat, {"sample_rate": value}) for value in (24000.0, "24000", None, True, 7)),
    *((OutputFormat, {"volume": value}) for value in (NAN, "1", None)),
    (OutputFormat, {"format": 5}), (OutputFormat, {"loudness": "loud"}),
    *((ServerSettings, {"max_characters": value}) for value in (1.5, NAN, None, True, "9", 0)),
    *((ServerSettings, {"response_timeout_seconds": value}) for value in (NAN, INF, None, "9", -1)),
    *((ServerSettings, {name: "wav"}) for name in ("formats", "origins")),
    (ServerSettings, {"key": 5}), (ServerSettings, {"origins": (5,)}),
    *((DemoLimits, {"visitors": value}) for value in (1.5, None, True, 0)),
    (DemoLimits, {"seconds": NAN}), (QualityLimits, {"wer": None}), (QualityLimits, {"edge": NAN}),
    *((JobConfig, {"together": value}) for value in (1.5, None, True, 0, "1")),
    *((JobConfig, {"mos": value}) for value in (NAN, "1", 101)),
    (JobConfig, {"times": "srt"}), (JobConfig, {"form": {}}),
    (JobConfig, {"parts": 1}), (JobConfig, {"device": 5}),
    *((reader, {"takes": value}) for value in (1.5, None, True, 0)),
    (reader, {"voices": "heart"}), (reader, {"paces": 1.0}), (reader, {"paces": (NAN,)}),
    (reader, {"delivery": {}}), (reader, {"others": "heart"}), (reader, {"book": None}),
    *((MelConfig, {"hop": value}) for value in (0, -1, 10**12, 300, 256.0, True, None)),
    (MelConfig, {"floor": NAN}), (MelConfig, {"sample_rate": 0}),
    (EncoderConfig, {"heads": 5}), (EncoderConfig, {"kernel": 2}), (EncoderConfig, {"dropout": 1}),
    (DecoderConfig, {"patch": 0}), (VocoderConfig, {"depth": 0}), (VocoderConfig, {"mel": {}}),
    *((voice, {"voices": v}) for v in ("heart", (), ("a", "a"), (1,), ("",), ("a\\nb",))),
    *((voice, {"symbols": value}) for value in ("", "aa", None, ["a"], "ab" * 1000)),
    (Ramp, {"start": "0", "end": 1.0}), (Ramp, {"start": NAN, "end": 1.0}), (term, {"share": 1.0}),
    *((RUN, {"steps": value}) for value in (1.5, None, True, NAN)),
    (RUN, {"batch": 2.5}), (RUN, {"rate": NAN}), (RUN, {"sets": "val"}), (RUN, {"terms": ()}),
    (RUN, {"terms": (5,)}), (RUN, {"model": {}}), (RUN, {"compiled": 1}), (RUN, {"seed": "0"}),
    (VOCODER_RUN, {"critics": (5,)}), (VOCODER_RUN, {"weights": {}}), (JOINT_RUN, {"margin": 1.5}),
    (VocoderLossWeights, {"mel": "1"}), (VocoderLossWeights, {"mel": NAN}),
    (DiscriminatorConfig, {"kind": "period", "size": 0, "channels": 1}),
    (Selection, {"share": NAN}),
    (DiscriminatorConfig, {"kind": "period", "size": 2.0, "channels": 1}),
    (Selection, {"conventions": "misaki"}),
    (evaluation, {"limit": 0}), (evaluation, {"steps": (1.5,)}), (evaluation, {"texts": "x"}),
]
RIGHT = [
    (Delivery, {"steps": np.int64(2), "pace": np.float32(1.5), "seed": np.uint8(7), "pitch": 2}),
    (Delivery, {"pace": Fraction(1, 2), "other_seeds": [(1, np.int32(2))], "lexicon": Lexicon()}),
    (TextOptions, {"day_first": np.bool_(True), "language": "en-us"}),
    (ServerSettings, {"origins": ["*"], "response_timeout_seconds": 5, "formats": ["wav"]}),
    (JobConfig, {"mos": 5, "together": np.int16(8)}), (OutputFormat, {"loudness": -16}),
]
"""
TRYING = """
import json
told = []
for make, options in CASES:
    try:
        make(**options)
        told.append([repr(options)[:80], "accepted", ""])
    except Exception as error:
        told.append([repr(options)[:80], type(error).__name__, str(error)])
for make, options in RIGHT:
    json.dumps(getattr(make(**options), next(iter(options))))
print(json.dumps(told))
"""


@pytest.mark.command
def test_options_of_other_types_are_refused_where_they_are_made():
    pytest.importorskip("torch")  # as options of training are among them
    command = [sys.executable, "-c", WRONG + TRYING]
    run = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert run.returncode == 0, run.stderr
    told = json.loads(run.stdout)
    assert len(told) > 150
    for options, error, sentence in told:
        assert error == "ValueError", (options, error, sentence)
        assert sentence
        assert "\n" not in sentence
        assert len(sentence) < 300
    assert [
        "{'language': 'xx'}",
        "ValueError",
        "language must be en-us, got 'xx'",
    ] in told
