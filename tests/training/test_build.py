"""Which sets a run learns from, and what is refused before it does."""

import json
from dataclasses import replace

import numpy as np
import pytest
import soundfile
from tts.training.acoustic.stage import AcousticStage
from tts.training.build import StageBuilder
from tts.training.data.crops import RecordingDataset
from tts.training.data.pairs import PairedDataset
from tts.training.data.prepare import prepare
from tts.training.data.recordings import read_recordings
from tts.training.recipes import RECIPES
from tts.training.vocoder.discriminators import DiscriminatorConfig

from tests.toys import write_toy_features
from tts.config import MelConfig, VocoderConfig
from tts.torch_checkpoint import save_checkpoint

RATE = 24_000
ENDS = [1920, 3420, 3420, 7420, 10_420, 15_420, 16_620, 19_120]
PHONES = {"phones": "hˈɛlO.", "ends": ENDS, "g2p": "misaki"}
CRITICS = (DiscriminatorConfig(kind="spectrogram", size=512, channels=2),)
SMALL = {"critics": CRITICS, "minutes": None, "steps": 2, "batch": 4, "crop": 16}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Sets of two clips each: `mine` and `yours` are aligned, `half` half, `plain` not at all.

    There are features of `mine`.
    """
    folder = tmp_path_factory.mktemp("room")
    within = np.arange(ENDS[-1]) / RATE
    soundfile.write(folder / "a.wav", 0.2 * np.sin(2 * np.pi * (150 + 40 * within) * within), RATE)
    for name, aligned in (("mine", 2), ("yours", 2), ("half", 1), ("plain", 0)):
        rows = [
            {"id": f"{name}{index}", "voice": "heart", "audio": "a.wav", "text": "Hello."}
            | (PHONES if index < aligned else {})
            for index in range(2)
        ]
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    prepare([folder / "mine.jsonl"], folder / "features" / "mine", workers=1)
    return folder


@pytest.fixture
def runs(tiny_acoustic, tiny_harmonic, tmp_path):
    """Both recipes that learn from recordings and from features."""
    acoustic, vocoder = (str(tmp_path / f"{n}.safetensors") for n in ("acoustic", "vocoder"))
    save_checkpoint(tiny_acoustic, tmp_path / "acoustic.safetensors", {})
    save_checkpoint(tiny_harmonic, tmp_path / "vocoder.safetensors", {})
    tiny = VocoderConfig(dim=16, intermediate_dim=32, depth=1, pitch_dim=8)
    alone = replace(RECIPES["vocoder"](), **SMALL, model=tiny, acoustic=acoustic)
    joint = replace(RECIPES["joint"](), **SMALL, start=acoustic, vocoder=vocoder)
    return {"vocoder": alone, "joint": joint}


def known(stage):
    """The ids of recordings, and of those among them that have features."""
    if hasattr(stage, "clips"):
        clips, spoken = stage.clips.recordings.clips, stage.clips.corpus.clips
    else:
        clips = stage.recordings.clips
        spoken = [clips[index] for index in stage.recordings.one_step_mels]
    return [clip.id for clip in clips], [clip.id for clip in spoken]


@pytest.mark.parametrize("name", ["vocoder", "joint"])
def test_the_sets_that_are_named_are_those_it_learns_from(name, runs, folder):
    """Whatever their names; of those that are not aligned, it copies recordings alone."""
    room = StageBuilder(folder, folder / "features", ["plain ", "", " mine"], ["mine", "half"])
    recordings, spoken = known(room.build(runs[name]))
    assert recordings == ["plain0", "plain1", "mine0", "mine1"]
    assert spoken == ["mine0", "mine1"]


@pytest.mark.parametrize(
    ("name", "way_out"), [("vocoder", ", or do .*predicted=1$"), ("joint", "$")]
)
def test_a_run_without_an_aligned_set_says_what_to_do(name, way_out, runs, folder):
    room = StageBuilder(folder, folder / "features", ["plain", "half"], ["mine"])
    message = "needs a set with phones .* every clip, and none of plain, half has them; add one"
    with pytest.raises(ValueError, match=rf"run {name} {message} to --sets{way_out}"):
        room.build(runs[name])


def test_a_vocoder_does_without_features_when_told_to(runs, folder):
    room = StageBuilder(folder, folder / "features", ["plain"], ["plain"])
    stage = room.build(replace(runs["vocoder"], predicted=1.0))
    assert known(stage) == (["plain0", "plain1"], [])


def test_joint_training_is_judged_by_an_aligned_set(runs, folder):
    with pytest.raises(ValueError, match=r"none of plain has them; add one to --held-out$"):
        StageBuilder(folder, folder / "features", ["mine"], ["plain"]).build(runs["joint"])


@pytest.mark.parametrize("name", ["vocoder", "joint"])
def test_an_aligned_set_is_not_left_out_for_want_of_features(name, runs, folder):
    room = StageBuilder(folder, folder / "features", ["mine", "yours"], ["mine"])
    with pytest.raises(
        FileNotFoundError, match=r"no features of set yours in .*; run `tts training prepare`"
    ):
        room.build(runs[name])


def test_features_of_other_recordings_do_not_count(runs, folder, tmp_path):
    """Otherwise a vocoder would never be given what it was told to learn from."""
    rows = (folder / "mine.jsonl").read_text(encoding="utf-8").replace('"mine', '"other')
    (tmp_path / "mine.jsonl").write_text(rows.replace('"a.wav"', json.dumps(str(folder / "a.wav"))))
    room = StageBuilder(tmp_path, folder / "features", ["mine"], ["mine"])
    with pytest.raises(ValueError, match="no recording has features of its own id; prepare"):
        room.build(runs["vocoder"])


def test_sets_that_share_an_id_are_refused(runs, folder):
    (folder / "twin.jsonl").write_text((folder / "plain.jsonl").read_text())
    alone = replace(runs["vocoder"], predicted=1.0)
    with pytest.raises(ValueError, match="several clips of plain, twin have the id 'plain0'"):
        StageBuilder(folder, folder / "features", ["plain", "twin"], ["plain"]).build(alone)


def test_two_recordings_of_one_id_are_refused(runs, folder):
    corpus = (
        StageBuilder(folder, folder / "features", ["mine"], ["mine"])
        .build(runs["joint"])
        .clips.corpus
    )
    twice = RecordingDataset(2 * read_recordings(folder, "mine"), MelConfig())
    with pytest.raises(ValueError, match="two recordings have the id mine0; rename one"):
        PairedDataset(corpus, twice)


@pytest.mark.parametrize("held_out", [[], [""], [" ", ""]])
def test_a_run_is_judged_by_something(held_out, folder):
    with pytest.raises(ValueError, match=r"^no held-out set; name at least one with --held-out$"):
        StageBuilder(folder, folder / "features", ["mine"], held_out)


@pytest.fixture
def converse(tmp_path, tiny_config):
    """Features of two clips of misaki and two of espeak, and a run of either convention."""
    write_toy_features(tmp_path)
    path = tmp_path / "heart" / "clips.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    rows[1]["convention"] = rows[2]["convention"] = "espeak"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))

    def stage(own, *others):
        plain = RECIPES["flow_matching"]()
        selection = replace(plain.selection, conventions=others, phrases=0.25)
        model = replace(tiny_config, convention=own)
        run = replace(plain, model=model, selection=selection, batch=2, crop=8)
        return StageBuilder(tmp_path, tmp_path, ["heart"], ["val"]).build(run)

    return stage


@pytest.mark.parametrize(
    ("own", "others", "found"),
    [
        ("misaki", ["espeak"], "2 of its 2 clips have espeak"),
        ("espeak", ["misaki"], "2 of its 2 clips have misaki"),
        ("misaki", [], "2 of its 4 clips have espeak"),
        ("espeak", [], "2 of its 4 clips have misaki"),
    ],
)
def test_a_model_learns_no_phonemes_but_those_it_will_be_given(own, others, found, converse):
    message = f"model of run flow_matching has convention {own}, but {found}; set selection"
    with pytest.raises(ValueError, match=message):
        converse(own, *others)


@pytest.mark.parametrize("own", ["misaki", "espeak"])
def test_a_model_of_the_convention_of_its_clips_learns(own, converse):
    """It may be judged by others."""
    stage = converse(own, own)
    assert isinstance(stage, AcousticStage)
    assert {clip.convention for clip in stage.corpus.clips} == {own}
    assert {clip.convention for clip in stage.held_out["val"].clips} == {"misaki"}
