"""Mel decoder and vocoder together: crops of both kinds, their losses, and a run that resumes."""

import json
from copy import deepcopy
from dataclasses import replace
from math import lcm

import numpy as np
import pytest
import soundfile
import torch
from torch import Generator
from tts.training.__main__ import app
from tts.training.acoustic.losses import encode_batch
from tts.training.build import StageBuilder
from tts.training.config import LEARNING, SpeechLossWeights, VocoderLossWeights
from tts.training.data.crops import RecordingDataset
from tts.training.data.dataset import FeatureDataset
from tts.training.data.pairs import PairedDataset
from tts.training.data.prepare import prepare
from tts.training.data.recordings import read_recordings
from tts.training.data.statistics import Statistics
from tts.training.loop.logger import RunLogger
from tts.training.loop.train import train
from tts.training.recipes import RECIPES
from tts.training.vocoder.discriminators import DiscriminatorConfig
from tts.training.vocoder.joint import EndToEnd, frame_loss, repulsive_term
from tts.training.vocoder.joint_stage import JointStage
from tts.training.vocoder.stage import VocoderStage

from tts.acoustic.model import AcousticModel
from tts.cli.main import run_command as command
from tts.config import MelConfig, VocoderConfig
from tts.text.pronounce.symbols import PhonemeTokenizer
from tts.torch_checkpoint import load_checkpoint, save_checkpoint
from tts.vocoder.mel import log_mel
from tts.vocoder.model import Vocoder

RATE, HOP = 24_000, 256
CRITICS = (DiscriminatorConfig(kind="spectrogram", size=512, channels=2),)
SMALL = {
    "critics": CRITICS,
    "minutes": None,
    "steps": 4,
    "batch": 4,
    "crop": 16,
    "margin": 4,
    "warmup": 1,
    "precision": "float32",
}
KINDS = (("acoustic", AcousticModel), ("vocoder", Vocoder))
NOTHING = dict.fromkeys(VocoderLossWeights.__dataclass_fields__, 0.0)


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """Manifests of two aligned clips of gliding tones, and their features.

    The second has a voice and a convention beside that no model knows.
    """
    folder, rows = tmp_path_factory.mktemp("pairs"), []
    for index in range(2):
        ends = np.cumsum([1920, 1500, 0, 4000, 3000, 5000, 1200, 2500])
        within = np.arange(ends[-1]) / RATE
        audio = 0.2 * np.sin(2 * np.pi * (150 + 30 * index + 40 * within) * within)
        audio[: ends[0]] = audio[ends[-2] :] = 0
        soundfile.write(folder / f"{index}.flac", audio, RATE)
        row = {"id": f"r{index}", "voice": "heart", "audio": f"{index}.flac", "text": "Hello."}
        rows.append(row | {"phones": "hˈɛlO.", "ends": ends.tolist(), "g2p": "misaki"})
    stranger, reader = rows[0] | {"voice": "nobody"}, rows[0] | {"g2p": "espeak"}
    sets = {"heart": rows, "many": [rows[1], stranger | {"id": "r2"}, reader | {"id": "r3"}]}
    for name, chosen in sets.items():
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in chosen))
        prepare([folder / f"{name}.jsonl"], folder / "features" / name, workers=1)
    return folder


@pytest.fixture
def generator(tiny_acoustic, tiny_harmonic):
    return EndToEnd(tiny_acoustic, tiny_harmonic)


@pytest.fixture
def clips(folder, generator):
    model = generator.acoustic
    symbols, statistics = PhonemeTokenizer(inventory=model.config.symbols), Statistics.of(model)
    corpus = FeatureDataset(
        [folder / "features" / "heart"], symbols, model.config.voices, statistics
    )
    return PairedDataset(
        corpus, RecordingDataset(read_recordings(folder, "heart", "train"), MelConfig())
    )


@pytest.fixture
def run():
    return replace(RECIPES["joint"](), **SMALL, joined=0.0)


@pytest.fixture(autouse=True)
def short_trial(monkeypatch):
    """One batch of what is held out is enough to be judged by."""
    monkeypatch.setattr("tts.training.vocoder.joint_stage.ROUNDS", 1)


def weights(model):
    return {name: value.clone() for name, value in model.state_dict().items()}


def changed(model, before):
    return {name for name, value in model.state_dict().items() if not value.equal(before[name])}


def test_features_and_sound_of_a_crop_are_of_the_same_moment(clips):
    """The mel of its sound is its mel; margins may overhang a clip, and are masked there."""
    pair = clips.batch(20, 30, Generator().manual_seed(0), margin=10, grid=4)
    assert pair.audio.shape == (20, 50 * HOP)
    assert pair.log2_f0.shape == (20, 50)
    assert set((pair.features.frames[:, 0] % 4).tolist()) == {0}
    assert not pair.features.frame_mask.all()
    own = log_mel(pair.audio, MelConfig())
    # where the tone is loud; further down is what half precision leaves
    real = pair.features.frame_mask[..., None] & (pair.features.mel > -1)
    real[:, :2] = real[:, -2:] = False  # windows that reach beyond the crop
    torch.testing.assert_close(own[real], pair.features.mel[real], atol=2e-2, rtol=0)
    assert real.sum() > 1000
    assert pair.log2_f0.isfinite().any()


def test_a_clip_without_its_recording_is_refused(clips):
    others = clips.recordings
    others.lengths += torch.tensor([1, 0])
    with pytest.raises(ValueError, match="clip r0 and its features differ"):
        PairedDataset(clips.corpus, others)
    others.clips = others.clips[1:]
    with pytest.raises(ValueError, match="no recording of clip r0; add its set"):
        PairedDataset(clips.corpus, others)


@torch.no_grad()
def test_a_mel_is_one_jump_from_noise_and_beyond_its_clip_it_is_silent(generator, clips):
    features = clips.batch(8, 60, Generator().manual_seed(0), margin=8).features
    noise = torch.randn(features.mel.shape)
    frames = generator.frames(features, noise)
    given, model = encode_batch(generator.acoustic, features), generator.acoustic
    zero, one = torch.zeros(8), torch.ones(8)
    flow = model.mel_map(given.conditioning, given.voice, features.frame_mask)
    torch.testing.assert_close(frames, noise + flow.average_velocity(noise, zero, one))
    mel = generator.log_mel(frames, features.frame_mask)
    assert (mel[~features.frame_mask] == -8).all()
    real = features.frame_mask
    torch.testing.assert_close(mel[real], model.denormalise(frames)[real])


def test_two_that_do_not_agree_on_the_mel_are_refused(tiny_acoustic):
    vocoder = Vocoder(VocoderConfig(dim=8, intermediate_dim=8, depth=1, mel=MelConfig(floor=-9.0)))
    with pytest.raises(
        ValueError,
        match=r"mels of acoustic model and vocoder differ: .* and .*; give two that agree",
    ):
        EndToEnd(tiny_acoustic, vocoder)


@pytest.mark.parametrize("learning", [LEARNING[:1], LEARNING])
def test_what_is_to_learn_does_and_the_rest_stays(learning, run, generator, clips):
    acoustic, vocoder = weights(generator.acoustic), weights(generator.vocoder)
    stage = JointStage(replace(run, learning=learning), generator, clips, clips)
    critics = weights(stage.rivals.critics)
    stage.step(1.0, Generator().manual_seed(0))
    moved = changed(generator.acoustic, acoustic)
    assert {name.partition(".")[0] for name in moved} == set(learning)
    assert {name.partition(".")[0] for name in changed(generator.vocoder, vocoder)} == {
        "backbone",
        "head",
        "source",
    }
    assert changed(stage.rivals.critics, critics)
    kept = {name for name in acoustic if name.partition(".")[0] not in learning}
    averages = stage.averages()
    followed = changed(averages["acoustic"], acoustic)
    assert followed == moved
    assert followed.isdisjoint(kept)
    assert changed(averages["vocoder"], vocoder)


def test_discriminators_learn_alone_until_they_are_joined(run, generator, clips):
    before = weights(generator)
    stage = JointStage(replace(run, joined=0.5), generator, clips, clips)
    critics = weights(stage.rivals.critics)
    assert set(stage.step(0.49, Generator().manual_seed(0)).losses) == {"telling"}
    assert not changed(generator, before)
    assert changed(stage.rivals.critics, critics)
    losses = stage.step(0.5, Generator().manual_seed(1)).losses
    names = set(VocoderLossWeights.__dataclass_fields__)
    assert set(losses) == {"telling", "speech/frames"} | {
        f"{part}/{name}" for part in ("speech", "copy") for name in names
    }
    assert changed(generator, before)


@pytest.mark.parametrize("name", SpeechLossWeights.__dataclass_fields__)
def test_every_loss_of_speech_moves_the_decoder(name, run, generator, clips):
    for weight in (0.0, 1.0):
        speech = SpeechLossWeights(**{**NOTHING, "frames": 0.0, name: weight})
        told = replace(run, speech=speech, copied=VocoderLossWeights(**NOTHING))
        stage = JointStage(told, generator, clips, clips)
        before = weights(generator.acoustic)
        stage.step(1.0, Generator().manual_seed(0))
        assert bool(changed(generator.acoustic, before)) == (weight > 0)


def test_copies_teach_the_vocoder_and_not_the_decoder(run, generator, clips):
    told = replace(run, speech=SpeechLossWeights(**NOTHING, frames=0.0))
    stage = JointStage(told, generator, clips, clips)
    acoustic, vocoder = weights(generator.acoustic), weights(generator.vocoder)
    stage.step(1.0, Generator().manual_seed(0))
    assert not changed(generator.acoustic, acoustic)
    assert changed(generator.vocoder, vocoder)


def test_speech_begins_as_noise_of_its_temperature_on_whole_patches(run, generator, clips):
    stage = JointStage(replace(run, temperature=0.25), generator, clips, clips)
    crops = stage._draw(clips, 16, 0.0, Generator().manual_seed(0))
    assert crops.noise.std().item() == pytest.approx(0.25, rel=0.02)
    assert set((crops.speech.features.frames[:, 0] % 2).tolist()) == {0}
    assert crops.parts == {"speech": slice(0, 8), "copy": slice(8, None)}


def test_frames_of_margins_and_beyond_clips_cost_nothing(run, generator, clips):
    stage = JointStage(run, generator, clips, clips)
    speech = clips.batch(4, 16, Generator().manual_seed(0), margin=4)
    features, scored = speech.features, stage._scored(speech)
    frames = features.mel.clone()
    frames[:, :4] += 1
    frames[:, 20:] += 1
    frames[~features.frame_mask] += 1
    assert frame_loss(frames, features.mel, scored) == 0
    assert frame_loss(features.mel + 0.5, features.mel, scored) == pytest.approx(0.5)


def test_two_draws_are_of_the_same_crops_and_of_different_noise(run, generator, clips):
    stage = JointStage(replace(run, draws=2), generator, clips, clips)
    crops = stage._draw(clips, 4, 0.0, Generator().manual_seed(0))
    assert crops.parts == {"speech": slice(0, 2), "copy": slice(2, None)}
    for value in (crops.speech.features.tokens, crops.speech.features.mel, crops.speech.audio):
        torch.testing.assert_close(value[0], value[1])
    assert crops.speech.ids[0] == crops.speech.ids[1]
    assert not torch.equal(crops.noise[0], crops.noise[1])


def test_an_energy_score_is_least_for_draws_that_spread_as_recordings_do():
    chance, shape = Generator().manual_seed(0), (64, 20, 5)
    scored, sound = torch.ones(shape[:2], dtype=torch.bool), torch.ones(64, 4096)
    recorded = torch.randn(32, 20, 5, generator=chance).repeat(2, 1, 1)

    def score(spread):
        frames = spread * torch.randn(shape, generator=chance)
        apart = repulsive_term(frames, scored, sound, sound, RATE)
        assert apart["mel"] == apart["convergence"] == apart["magnitude"] == 0
        return frame_loss(frames, recorded, scored) - apart["frames"]

    assert score(1.0) < score(0.6) < score(0.0)
    assert score(1.0) < score(1.6)


def test_draws_that_sound_alike_cost_more(run, generator, clips):
    """Every loss of speech that is a distance is lower by half of that between the draws."""
    stage = JointStage(replace(run, draws=2), generator, clips, clips)
    crops = stage._draw(clips, 4, 0.0, Generator().manual_seed(0))
    made = stage._make(generator, crops, crops.log2_f0)
    same = replace(made, frames=made.frames[:1].repeat(2, 1, 1), audio=made.audio[[0, 0, 2, 3]])
    verdicts = stage.rivals.critics(made.audio), stage.rivals.critics(made.audio)
    once = JointStage(run, generator, clips, clips)
    for of, equal in ((made, False), (same, True)):
        scores, distances = (
            s._losses(crops, of, verdicts, Generator().manual_seed(0)) for s in (stage, once)
        )
        for name in ("frames", "mel", "convergence", "magnitude"):
            key = f"speech/{name}"
            assert (scores[key] == distances[key]) == equal
            assert scores[key] <= distances[key]


@pytest.mark.parametrize(("batch", "draws"), [(6, 2), (4, 3), (4, 0)])
def test_draws_that_do_not_divide_the_speech_are_refused(run, batch, draws):
    with pytest.raises(
        ValueError, match=r"draws of run .* must be 1 or 2 and divide its . crops of speech, got"
    ):
        replace(run, batch=batch, draws=draws)


def test_margins_are_heard_and_not_scored(run, generator, clips):
    stage = JointStage(run, generator, clips, clips)
    crops = stage._draw(clips, 4, 0.0, Generator().manual_seed(0))
    assert crops.audio.shape == (4, (16 + 2 * 4) * HOP)
    speaker = stage.averaged()
    made = stage._make(speaker, crops, crops.log2_f0)
    whole = speaker.vocoder(made.mel, crops.log2_f0)
    torch.testing.assert_close(made.audio, whole[:, 4 * HOP : 20 * HOP])


def test_what_is_held_out_is_judged_by_the_same_noise_every_time(run, generator, clips, tmp_path):
    stage = JointStage(run, generator, clips, clips)
    with RunLogger(run, tmp_path) as journal:
        first = stage.validate(journal)
        lengths = zip(clips.recordings.clips, clips.recordings.lengths.tolist(), strict=True)
        clips.recordings.f0 = {
            clip.id: np.full(frames, 8.0, np.float32) for clip, frames in lengths
        }
        assert stage.validate(journal) == first  # F0 is read from the mel, as when speaking


@pytest.mark.command
def test_both_learn_one_batch_by_heart(run, generator, clips):
    stage = JointStage(replace(run, rate=1e-2, vocoder_rate=1e-2), generator, clips, clips)
    steps = [stage.step(1.0, Generator().manual_seed(0)).losses for _ in range(30)]
    for name in ("speech/frames", "speech/mel", "copy/mel"):
        assert steps[-1][name] < 0.8 * steps[0][name], name


def test_each_has_a_rate_of_its_own(run, generator, clips):
    stage = JointStage(run, generator, clips, clips)
    rates = [group["full_rate"] for found in stage.state.optimizers for group in found.param_groups]
    assert rates == [run.rate, run.vocoder_rate, run.critic_rate]


@pytest.mark.command
def test_resuming_is_exact_to_the_bit(run, generator, clips, tmp_path, monkeypatch):
    """Four steps, the generator from the second on, equal two, a kill, and two more."""

    def stage(run):
        return JointStage(run, deepcopy(generator), clips, clips)

    run = replace(run, joined=0.25)
    train(run, stage(run), tmp_path / "whole")
    run = replace(run, save_minutes=0.0)
    halves = stage(run)
    step = halves.step

    def killed(*lesson):
        if halves.state.step == 2:
            raise KeyboardInterrupt
        return step(*lesson)

    monkeypatch.setattr(halves, "step", killed)
    with pytest.raises(KeyboardInterrupt):
        train(run, halves, tmp_path / "halves")
    train(run, stage(run), tmp_path / "halves")
    whole, both = (
        torch.load(tmp_path / name / "state.pt", weights_only=True) for name in ("whole", "halves")
    )
    for saved in (whole, both):
        saved["optimizers"] = [optimizer["state"] for optimizer in saved["optimizers"]]
        del saved["seconds"]
    torch.testing.assert_close(both, whole, rtol=0, atol=0)
    for name, kind in KINDS:
        first, second = (
            load_checkpoint(tmp_path / of / f"{name}.safetensors", kind).state_dict()
            for of in ("whole", "halves")
        )
        assert all(first[key].equal(second[key]) for key in first)


def test_discriminators_go_on_where_those_of_a_vocoder_stopped(run, generator, clips, tmp_path):
    recipe = replace(
        RECIPES["vocoder"](),
        model=generator.vocoder.config,
        critics=CRITICS,
        **{"minutes": None, "steps": 1, "batch": 2, "crop": 24, "joined": 0.0},
    )
    first = VocoderStage(recipe, clips.recordings, clips.recordings)
    first.step(1.0, Generator().manual_seed(0))
    first.state.save(tmp_path / "state.pt")
    told = replace(run, critics_state=str(tmp_path / "state.pt"))
    stage = JointStage(told, generator, clips, clips)
    assert not changed(stage.rivals.critics, weights(first.adversary.critics))
    other = replace(told, critics=(DiscriminatorConfig(kind="period", size=3, channels=2),))
    with pytest.raises(ValueError, match=r"discriminators of .* differ from those of the run"):
        JointStage(other, generator, clips, clips)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"learning": ("encoder",)},
            "learning of run .* must be some of decoder, melody, shape, mean; got",
        ),
        ({"learning": ()}, "learning of run .* must be some of"),
        ({"start": None}, "has no acoustic model; set start to its file"),
        ({"copies": 0.0}, "must have both copies and speech in a batch, got . copies of"),
        ({"copies": 1.0}, "must have both copies and speech in a batch, got . copies of"),
    ],
)
def test_a_run_that_cannot_be_is_refused(run, change, message):
    with pytest.raises(ValueError, match=message):
        replace(run, **change)


def test_speech_is_of_voices_and_phonemes_that_the_model_knows(run, folder, generator, tmp_path):
    save_checkpoint(generator.acoustic, tmp_path / "acoustic.safetensors", {})
    save_checkpoint(generator.vocoder, tmp_path / "vocoder.safetensors", {})
    names = {"start": "acoustic", "vocoder": "vocoder"}
    files = {name: str(tmp_path / f"{file}.safetensors") for name, file in names.items()}
    room = StageBuilder(folder, folder / "features", ["many"], ["heart"])
    stage = room.build(replace(run, **files))
    assert [clip.id for clip in stage.clips.corpus.clips] == ["r1"]
    assert [clip.id for clip in stage.clips.recordings.clips] == ["r1", "r3", "r2"]


@pytest.mark.parametrize("patch", [1, 2])
def test_the_recipe_takes_two_steps_from_the_command(
    patch, folder, tiny_acoustic, tmp_path, monkeypatch
):
    """And writes two models that speak together."""
    vocoder = Vocoder(VocoderConfig(dim=16, intermediate_dim=32, depth=1, patch=patch, pitch_dim=8))
    save_checkpoint(tiny_acoustic, tmp_path / "acoustic.safetensors", {})
    save_checkpoint(vocoder, tmp_path / "vocoder.safetensors", {})
    recipe = replace(RECIPES["joint"](), **SMALL | {"steps": 2, "precision": "bfloat16"})
    monkeypatch.setitem(RECIPES, "joint", lambda: recipe)
    asked = ["train", "joint", "--corpus", folder, "--features", folder / "features"]
    asked += ["--sets", "heart", "--held-out", "heart", "--out", tmp_path, "--threads", 1]
    asked += ["--start", tmp_path / "acoustic.safetensors"]
    asked += ["--set", f"vocoder={tmp_path / 'vocoder.safetensors'}"]
    assert command(app, [str(word) for word in asked], "t") == 0
    made = {
        name: load_checkpoint(tmp_path / "joint" / f"{name}.safetensors", kind)
        for name, kind in KINDS
    }
    generator = EndToEnd(made["acoustic"], made["vocoder"])
    assert generator.grid == lcm(2, patch)
    rows = (tmp_path / "joint" / "log.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(rows[-1])["of"] == "held out"
    assert {"speech/mel", "copy/mel"} < json.loads(rows[-1]).keys()


def test_copies_are_perturbed_in_speed_and_speech_is_not(run, generator, clips):
    found = []
    for perturbed in (0.0, 1.0):
        stage = JointStage(replace(run, perturbed=perturbed), deepcopy(generator), clips, clips)
        found.append(stage.step(1.0, Generator().manual_seed(0)).losses)
    plain, fast = found
    assert plain["copy/mel"] != fast["copy/mel"]
    assert plain["speech/frames"] == fast["speech/frames"]


@pytest.mark.parametrize("copies", [0.25, 0.75])
def test_a_loss_counts_by_its_weight_and_the_share_of_its_part(copies, run, generator, clips):
    """By hand: the gradient of the decoder by its frames alone."""
    speech = SpeechLossWeights(**NOTHING, frames=3.0)
    told = replace(run, copies=copies, speech=speech, copied=VocoderLossWeights(**NOTHING))
    stage = JointStage(told, generator, clips, clips)
    crops = stage._draw(clips, run.batch, run.perturbed, Generator().manual_seed(0))
    frames = generator.frames(crops.speech.features, crops.noise)
    loss = frame_loss(frames, crops.speech.features.mel, stage._scored(crops.speech))
    slopes = torch.autograd.grad(loss, list(generator.acoustic.decoder.parameters()))
    norm = torch.stack([slope.norm() for slope in slopes]).norm()
    found = stage.step(1.0, Generator().manual_seed(0)).gradients[0]
    assert found.item() == pytest.approx((1 - copies) * 3 * norm.item(), rel=1e-3)


def test_the_averaged_models_are_judged_and_kept(run, generator, clips, tmp_path):
    stage = JointStage(run, generator, clips, clips)
    stage.step(1.0, Generator().manual_seed(0))
    with torch.no_grad():
        for weight in generator.parameters():
            weight.fill_(torch.nan)
    with RunLogger(run, tmp_path) as journal:
        found = stage.validate(journal)
    assert torch.tensor(list(found.values())).isfinite().all()
    for kept in stage.averages().values():
        assert all(value.isfinite().all() for value in kept.state_dict().values())
        assert not any(part.training for part in kept.modules())


def test_rounds_of_held_out_crops_have_chance_of_their_own(
    run, generator, clips, tmp_path, monkeypatch
):
    monkeypatch.setattr("tts.training.vocoder.joint_stage.ROUNDS", 2)
    stage, chances, draw = JointStage(run, generator, clips, clips), [], clips.batch

    def noted(size, crop, chance, **more):
        chances.append(chance.initial_seed())
        return draw(size, crop, chance, **more)

    monkeypatch.setattr(clips, "batch", noted)
    with RunLogger(run, tmp_path) as journal:
        stage.validate(journal)
    assert len(set(chances)) == 2
