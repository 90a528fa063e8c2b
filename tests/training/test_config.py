"""What a run may be told, where it starts, and what it finds in its folder."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from tts.training.build import StageBuilder
from tts.training.data.f0 import read_f0
from tts.training.loop.logger import RunLogger
from tts.training.loop.start import first_voices, found_in, load_start
from tts.training.loop.state import read_state
from tts.training.loop.train import check_folder, read_run, write_down
from tts.training.overrides import override, parse_option
from tts.training.recipes import RECIPES
from tts.training.vocoder.discriminators import Discriminators
from tts.training.vocoder.joint import load_critics

from tests.toys import write_toy_features
from tts.acoustic.model import AcousticModel
from tts.torch_checkpoint import save_checkpoint


def changed(recipe, option):
    return override(RECIPES[recipe](), *parse_option(option))


@pytest.mark.parametrize(
    "option",
    [
        "batch=1.5", "batch=abc", "batch=null", "batch=true", "crop=abc", "warmup=abc",
        "betas=0.9", "betas=[0.9]", 'betas=[0.9,"a"]', "terms.0.share.start=[0]", "precision=3",
        "compiled=1", "matrix_rate=[1]", "minutes=long", "model.decoder.dim=8.5", 'maps="mel"',
    ],
)  # fmt: skip
def test_a_value_of_another_type_is_refused(option):
    with pytest.raises(
        ValueError, match=r"^\w+ must be (a whole number|a number|true or false|text|a list.*), got"
    ):
        changed("flow_matching", option)


@pytest.mark.parametrize(
    "option",
    [
        "batch=0", "batch=-1", "crop=0", "warmup=0", "log_every=0", "save_minutes=-1", "rate=0",
        "minutes=NaN", "minutes=Infinity", "minutes=0", "minutes=-1", "steps=0", "average=2",
        "masked=-1", "masked=1", "watch=nonsense", "patience=2", "save_steps=0",
    ],
)  # fmt: skip
def test_a_value_that_no_run_could_have_is_refused(option):
    with pytest.raises(
        ValueError,
        match=r"run flow_matching must|minutes must be (a number|above 0)",
    ):
        changed("flow_matching", option)


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["terms.1.share.start=-1"], "share must be at least 0, got -1"),
        (["terms.1.longest.start=0"], "longest must be above 0 and at most 1, got 0.0 to 1.0"),
        (["terms.1.longest.end=2"], "longest must be above 0 and at most 1, got 0.1 to 2.0"),
        (["terms=[]"], "run split_mean_flow must have at least one term"),
        (
            ["terms.2.share.end=0", "terms.1.share.end=0", "terms.0.share.end=0"],
            "all terms of run split_mean_flow have a share of 0 at progress 0.333333; give one",
        ),
    ],
)
def test_a_batch_always_has_terms_to_share_it(options, problem):
    run = RECIPES["split_mean_flow"]()
    *before, last = options
    for option in before:
        run = override(run, *parse_option(option))
    with pytest.raises(ValueError, match=problem):
        override(run, *parse_option(last))


def test_values_of_the_right_type_are_taken():
    assert changed("flow_matching", "minutes=3").minutes == 3.0
    assert changed("flow_matching", "minutes=null").minutes is None
    assert changed("flow_matching", "matrix_rate=null").matrix_rate is None
    assert changed("flow_matching", "watch=mel/flow_matching").watch == "mel/flow_matching"
    assert changed("joint", "watch=speech/mel").watch == "speech/mel"
    assert changed("flow_matching", 'maps=["mel"]').maps == ("mel",)


def test_joint_training_without_discriminators_is_refused():
    with pytest.raises(ValueError, match="run joint has no discriminators; set critics"):
        changed("joint", "critics=[]")


def test_what_recipes_leave_to_each_other_is_looked_for_where_runs_are_kept():
    moved = found_in(RECIPES["endpoint"](), Path("trials"))
    assert moved.start == "trials/split_mean_flow/average.safetensors"
    assert moved.teacher == "trials/prosody/average.safetensors"
    assert found_in(moved, Path("others")) == moved
    joint = RECIPES["joint"]()
    assert found_in(joint, Path("trials")) == joint


def test_a_folder_where_nothing_was_learnt_is_free(tmp_path):
    run = RECIPES["flow_matching"]()
    write_down(replace(run, batch=3), tmp_path)
    write_down(run, tmp_path)
    (tmp_path / "average.safetensors").touch()
    check_folder(replace(run, minutes=1.0), tmp_path)
    other = replace(run, batch=3, model=replace(run.model, voice_dim=8))
    with pytest.raises(
        ValueError,
        match=r"with other options than .*: batch \(24 there\), model \(.* there\); name",
    ):
        check_folder(other, tmp_path)


def test_a_run_goes_on_where_its_options_were_saved_before_others_existed(tmp_path):
    """Options that were added since have their defaults; another value is another run."""
    run = RECIPES["split_mean_flow"]()
    write_down(run, tmp_path)
    (tmp_path / "average.safetensors").touch()
    saved = read_run(tmp_path / "run.json")
    for name in ("weak", "freeze_encoder", "fresh", "guided", "unconditional"):
        del saved[name]
    for term in saved["terms"]:
        for name in ("weighting", "power", "flat"):
            del term[name]
    (tmp_path / "run.json").write_text(json.dumps(saved))
    check_folder(run, tmp_path)
    with pytest.raises(ValueError, match=r"other options than .*: fresh \(\[\] there\); name"):
        check_folder(replace(run, fresh=("decoder",)), tmp_path)


def test_a_run_that_goes_on_learns_from_the_same_sets(tmp_path):
    run = replace(RECIPES["flow_matching"](), sets=("heart",))
    write_down(run, tmp_path)
    (tmp_path / "average.safetensors").touch()
    with pytest.raises(ValueError, match=r"options than .*: sets \(\['heart'\] there\); name"):
        check_folder(replace(run, sets=("michael",)), tmp_path)


def test_a_new_model_has_the_voices_of_its_clips_alone(tiny_config, tmp_path):
    write_toy_features(tmp_path)
    voices = ("nobody", "michael")
    model = replace(tiny_config, voices=voices)
    run = replace(RECIPES["flow_matching"](), model=model, precision="float32")
    stage = StageBuilder(tmp_path, tmp_path, ["heart"], ["val"]).build(run)
    assert stage.run.model.voices == ("michael", "heart")
    assert stage.run.sets == ("heart",)
    assert len(stage.model.pitch) == 2


def test_a_start_of_other_sizes_says_which(tiny_acoustic, tmp_path):
    path = tmp_path / "small.safetensors"
    save_checkpoint(tiny_acoustic, path, {})
    run = replace(RECIPES["flow_matching"](), start=str(path))
    with pytest.raises(
        ValueError, match=r"does not fit recipe .*model\.encoder\.dim \(16 there\).*--set"
    ):
        load_start(run, AcousticModel)


def test_a_vocoder_is_no_start_for_an_acoustic_model(tiny_vocoder, tmp_path):
    path = tmp_path / "vocoder.safetensors"
    save_checkpoint(tiny_vocoder, path, {})
    with pytest.raises(
        ValueError, match=r"^cannot read .*vocoder.safetensors: not an acoustic model; name"
    ):
        first_voices(replace(RECIPES["flow_matching"](), start=str(path)))


@pytest.mark.parametrize("content", [b"", b"{}\n", b"PK\x03\x04 cut short", b"\x80\x02]q\x00."])
def test_a_state_that_cannot_be_read_is_refused_in_a_sentence(content, tmp_path):
    path = tmp_path / "state.pt"
    path.write_bytes(content)
    with pytest.raises(ValueError, match="state of a run"):
        read_state(path)
    with pytest.raises(ValueError, match="state of a run"):
        load_critics(Discriminators(()), path)


@pytest.mark.parametrize("content", [b"", b"F0", b"PK\x03\x04 cut short"])
def test_damaged_f0_is_refused_in_a_sentence(content, tmp_path):
    assert read_f0(tmp_path) == {}
    (tmp_path / "f0.npz").write_bytes(content)
    with pytest.raises(ValueError, match=r"cannot read .*f0\.npz: damaged; unpack it again"):
        read_f0(tmp_path)


@pytest.mark.parametrize("written", [b"", b"null", b"5", b"[1]", b"[" * 99_999, b"\xff", b'{"a'])
def test_options_of_a_run_that_cannot_be_read_are_refused_in_a_sentence(written, tmp_path):
    (tmp_path / "run.json").write_bytes(written)
    with pytest.raises(
        ValueError, match=r"cannot read .*run\.json: not the options of a run; name another"
    ):
        read_run(tmp_path / "run.json")


@pytest.mark.parametrize("line", [b"5", b"null", b"{}", b'{"step": "1"}', b"[" * 99_999, b"\xff"])
def test_a_log_that_cannot_be_read_is_refused_by_its_line(line, tmp_path):
    (tmp_path / "log.jsonl").write_bytes(b'{"step": 1}\n' + line + b"\n")
    with pytest.raises(
        ValueError, match=r"^line 2 of .*log\.jsonl: expected the figures .*; delete that line"
    ):
        RunLogger(RECIPES["flow_matching"](), tmp_path)
