import json
from dataclasses import asdict, replace

import numpy as np
import pytest
import safetensors.torch
import soundfile
import torch
from tts.training.__main__ import app
from tts.training.evaluation.judge import CLIPS_A_VOICE, SpeechJudge, embed
from tts.training.evaluation.results import ResultStore
from tts.training.evaluation.similarity import Similarity
from tts.training.evaluation.speaker_encoder import SpeakerEncoder
from tts.training.evaluation.voices.report import (
    Measurement,
    describe,
    info,
    judgements,
    read_clips,
    recorded_lines,
    speaks_well,
)
from typer.testing import CliRunner

from tests.conftest import awake
from tts.acoustic.model import AcousticModel
from tts.checkpoint import read_metadata
from tts.metrics import Metrics
from tts.synthesis import load
from tts.torch_checkpoint import save_checkpoint
from tts.voices import VoiceInfo, offered_voices

NAMES = ("heart", "michael", "sky", "blend00")


@pytest.fixture
def measurement(tiny_config, tiny_vocoder, tmp_path):
    """A model of three voices and a blend, a corpus of their recordings, and two sentences."""
    acoustic = awake(AcousticModel(replace(tiny_config, voices=NAMES)))
    save_checkpoint(acoustic, tmp_path / "acoustic.safetensors", {"recipe": "tiny"})
    save_checkpoint(tiny_vocoder, tmp_path / "vocoder.safetensors", {})
    texts = [{"id": f"e{n}", "kind": "sentence", "text": "So they do."} for n in range(3)]
    write_rows(tmp_path / "texts.jsonl", [*texts, {"id": "l", "kind": "long", "text": "And on."}])
    (tmp_path / "whisper").mkdir()
    (tmp_path / "whisper" / "model.bin").write_bytes(b"weights")
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    rows = [clip(corpus, voice, number) for voice in NAMES for number in range(2)]
    for name in ("heart", "michael"):
        write_rows(corpus / f"{name}.jsonl", [row for row in rows if row["voice"] == name])
    write_rows(corpus / "many.jsonl", [row for row in rows if row["voice"] in NAMES[2:]])
    return Measurement(
        checkpoint=tmp_path / "acoustic.safetensors",
        vocoder=tmp_path / "vocoder.safetensors",
        whisper=tmp_path / "whisper",
        corpus=corpus,
        texts=tmp_path / "texts.jsonl",
        lines=2,
        threads=1,
    )


def test_the_voices_that_speak_well_are_offered_and_no_weight_is_touched(measurement, tmp_path):
    """Each line was judged before, so that neither Whisper nor an encoder is asked for."""
    ledger = ResultStore(tmp_path / "out" / "ledger.jsonl", measurement.subject)
    for voice, errors, distillmos in (("heart", 0, 4.2), ("michael", 1, 4.0), ("sky", 0, 3.5)):
        for id in ("e0", "e1"):
            row = judged(voice, id, errors, distillmos)
            ledger.get_or_compute(f"{voice}/{id}", lambda row=row: row)
    ledger.get_or_compute("bounds", lambda: {"rows": [{"of": "heart", "voice": 0.94}]})
    done = run(measurement, tmp_path / "out")
    assert done.exit_code == 0, done.output
    assert done.stdout.rstrip().endswith("Not offered: michael, sky.")
    assert "| 1 step | heart   | 2     | 0.0 (0.0 to 0.0)" in done.stdout

    before, after = measurement.checkpoint, tmp_path / "out" / "acoustic.safetensors"
    one, other = (safetensors.torch.load_file(path) for path in (before, after))
    assert list(one) == list(other)
    assert all(torch.equal(one[name], other[name]) for name in one)
    heart = VoiceInfo(
        name="heart",
        sex="female",
        accent="US",
        word_errors=0.0,
        distillmos=4.2,
        similarity=0.88,
        lines=2,
    )
    assert offered_voices(read_metadata(after)) == (heart,)
    added = read_metadata(after)
    del added["voices"]
    assert added == read_metadata(before)
    synthesizer = load(after, measurement.vocoder)
    assert synthesizer.voices == ("heart",)
    assert synthesizer.has_voice("blend00")
    found = json.loads((tmp_path / "out" / "voices.json").read_text())
    assert found["offered"] == [asdict(heart)]
    assert found["limits"] == {"distillmos": 3.6, "word_errors": 8.0}
    assert len(found["lines"]) == 6
    assert {row["voice"] for row in found["summary"]} == {"heart", "michael", "sky"}


def test_where_no_voice_speaks_well_nothing_is_written(measurement, tmp_path):
    ledger = ResultStore(tmp_path / "out" / "ledger.jsonl", measurement.subject)
    for voice in ("heart", "michael", "sky"):
        for id in ("e0", "e1"):
            ledger.get_or_compute(f"{voice}/{id}", lambda v=voice, i=id: judged(v, i, 5, 2.0))
    ledger.get_or_compute("bounds", lambda: {"rows": []})
    error = run(measurement, tmp_path / "out").exception
    assert isinstance(error, ValueError)
    assert "no voice of" in str(error)
    assert not (tmp_path / "out" / "acoustic.safetensors").exists()


@pytest.mark.parametrize(
    ("wer", "distillmos", "well"),
    [
        (0.08, 3.6, True),
        (0.081, 3.6, False),
        (0.08, 3.59, False),
        (0.0, None, False),
    ],
)
def test_good_enough_is_at_the_limits_or_within(wer, distillmos, well):
    figures = {"wer": {"value": wer}, "cer": {"value": wer}}
    if distillmos is not None:
        figures["distillmos"] = {"value": distillmos}
    assert speaks_well(figures) == well


def test_figures_are_of_each_voice_beside_its_own_recordings(measurement, tmp_path):
    pytest.importorskip("jiwer")
    synthesizer = load(measurement.checkpoint, measurement.vocoder)
    clips = read_clips(measurement.corpus, measurement.sets, NAMES[:3])
    encoder = SpeakerEncoder().eval()
    recorded = embed(encoder, recorded_lines(clips))
    assert {name: set(found) for name, found in recorded.items()} == {
        name: {f"{name}0", f"{name}1"} for name in NAMES[:3]
    }
    # an encoder that has learnt nothing hears everybody alike; as if michael's were the opposite
    recorded["michael"] = {id: -one for id, one in recorded["michael"].items()}
    panel = SpeechJudge(
        judges=Metrics(transcribe=lambda audio: "So they do.", mos_predictors={}),
        encoder=encoder,
        similarity=Similarity(recorded),
    )
    ledger = ResultStore(tmp_path / "ledger.jsonl", {})
    rows = judgements(measurement, synthesizer, NAMES[:3], lambda: panel, ledger)
    found = [(row["system"], row["voice"], row["id"], row["word_errors"]) for row in rows]
    assert found == [("1 step", name, id, 0) for name in NAMES[:3] for id in ("e0", "e1")]
    alike = [row["similarity"] for row in rows]
    assert alike == pytest.approx([1, 1, -1, -1, 1, 1], abs=0.1)
    again = judgements(measurement, synthesizer, NAMES[:3], cannot_be_asked, ledger)
    assert again == rows


def test_some_clips_of_each_voice_are_read(measurement):
    rows = [clip(measurement.corpus, "sky", number) for number in range(CLIPS_A_VOICE + 5)]
    write_rows(measurement.corpus / "many.jsonl", rows)
    clips = read_clips(measurement.corpus, ("heart", "many"), ("heart", "sky"))
    assert [row["id"] for row in clips["sky"]] == [f"sky{n}" for n in range(CLIPS_A_VOICE)]
    assert all(row["audio"].is_file() for row in clips["sky"])
    with pytest.raises(
        ValueError, match=r"no recordings of nova in heart, many of .*; name other sets"
    ):
        read_clips(measurement.corpus, ("heart", "many"), ("heart", "nova"))


def test_sex_and_accent_are_as_the_recordings_say_or_as_is_known():
    assert describe("onyx", [{}]) == {"sex": "male", "accent": "US"}
    assert describe("bella", [{}]) == {"sex": "female", "accent": "US"}
    assert describe("bob", [{"sex": "male", "accent": "GB"}]) == {"sex": "male", "accent": "GB"}
    with pytest.raises(
        ValueError, match="sex of voice bob must be one of female, male; got None; add it"
    ):
        describe("bob", [{}])
    with pytest.raises(
        ValueError, match="sex of voice bob must be one of female, male; got 'unsaid'"
    ):
        describe("bob", [{"sex": "unsaid"}])


def test_figures_are_rounded_as_they_are_shown():
    figures = {"voice": "onyx", "lines": 40, "wer": {"value": 0.03141}}
    figures |= {"distillmos": {"value": 4.0777}, "similarity": {"value": 0.9051}}
    found = info(figures, {"sex": "male", "accent": "US"})
    assert (found.word_errors, found.distillmos, found.similarity) == (3.1, 4.08, 0.91)


def test_a_checkpoint_is_not_written_over(measurement):
    error = run(measurement, measurement.checkpoint.parent).exception
    assert isinstance(error, ValueError)
    assert "it is the model itself; give another --out" in str(error)


def cannot_be_asked():
    raise AssertionError("all of it is known")


def run(measurement, out):
    named = {"whisper": measurement.whisper, "corpus": measurement.corpus, "out": out}
    named |= {"vocoder": measurement.vocoder, "texts": measurement.texts, "lines": 2, "threads": 1}
    options = [str(part) for name, value in named.items() for part in (f"--{name}", value)]
    return CliRunner().invoke(app, ["voices", str(measurement.checkpoint), *options])


def judged(voice, id, errors, distillmos):
    row = {"kind": "sentence", "system": "1 step", "voice": voice, "id": id}
    row |= {"words": 10, "word_errors": errors, "characters": 50, "character_errors": errors}
    return {**row, "distillmos": distillmos, "similarity": 0.88}


def clip(corpus, voice, number):
    """A row of a manifest, and its sound."""
    name = f"{voice}{number}.flac"
    wave = 0.1 * np.sin(np.arange(24_000) / (8 + len(voice) + number))
    soundfile.write(corpus / name, wave, 24_000)
    return {"id": f"{voice}{number}", "voice": voice, "text": "Hello.", "audio": name}


def write_rows(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
