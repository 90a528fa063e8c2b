"""The vocoder's room: crops of recordings, its losses, its rivals, and a run that resumes."""

import json
from dataclasses import asdict, replace

import numpy as np
import pytest
import soundfile
import torch
from torch import Generator
from tts.training.__main__ import app
from tts.training.config import VocoderLossWeights
from tts.training.data.crops import LOUDEST, QUIETEST, SPEEDS, RecordingDataset
from tts.training.data.manifest import read_audio
from tts.training.data.prepare import log_pitch, prepare
from tts.training.data.recordings import Recording, read_recordings
from tts.training.loop.logger import RunLogger
from tts.training.loop.outcome import read_losses
from tts.training.loop.train import train
from tts.training.recipes import RECIPES
from tts.training.vocoder.discriminators import DiscriminatorConfig
from tts.training.vocoder.losses import discriminator_loss, generator_losses, spectral_losses
from tts.training.vocoder.one_step_mels import OneStepMels
from tts.training.vocoder.pitch_losses import augment_mel, pitch_losses
from tts.training.vocoder.stage import VocoderStage

from tts.cli.main import run_command as command
from tts.config import MelConfig, VocoderConfig
from tts.torch_checkpoint import load_checkpoint, save_checkpoint
from tts.vocoder.f0_predictor import F0Predictor
from tts.vocoder.mel import log_mel
from tts.vocoder.model import Vocoder

RATE, HOP = 24_000, 256
TINY = VocoderConfig(dim=16, intermediate_dim=32, depth=2, pitch_dim=8)
SPECTRAL = {"mel", "convergence", "magnitude", "pitch", "voicing"}
CRITICS = tuple(
    DiscriminatorConfig(kind=kind, size=size, channels=2)
    for kind, size in (("spectrogram", 512), ("period", 3))
)
SMALL = {"model": TINY, "minutes": None, "steps": 4, "batch": 3, "crop": 24, "warmup": 1}


@pytest.fixture(scope="session")
def corpus(tmp_path_factory):
    """Three clips of gliding tones, two of them aligned, and one of another split."""
    folder = tmp_path_factory.mktemp("recordings")
    phones, rows = "hˈɛlO.", []
    for index in range(4):
        ends = np.cumsum([1920, 1500, 0, 4000, 3000, 5000, 1200, 2500])
        within = np.arange(ends[-1]) / RATE
        audio = 0.2 * np.sin(2 * np.pi * (150 + 30 * index + 40 * within) * within)
        audio[: ends[0]] = audio[ends[-2] :] = 0
        soundfile.write(folder / f"{index}.flac", audio, RATE)
        row = {"id": f"r{index}", "voice": "heart", "audio": f"{index}.flac", "text": "Hello."}
        if index < 2:
            row |= {"phones": phones, "ends": ends.tolist()}
        rows.append(row | {"split": "val" if index == 3 else "train"})
    for name, chosen in (("toy", rows), ("aligned", rows[:2])):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in chosen))
    return folder


@pytest.fixture
def recordings(corpus):
    return RecordingDataset(read_recordings(corpus, "toy", "train"), MelConfig())


@pytest.fixture
def run():
    return replace(RECIPES["vocoder"](), **SMALL, critics=CRITICS, joined=0.5, precision="float32")


@pytest.fixture(autouse=True)
def short_trial(monkeypatch):
    """One batch of what is held out is enough to be judged by."""
    monkeypatch.setattr("tts.training.vocoder.stage.ROUNDS", 1)


def test_a_split_keeps_its_clips_to_itself(corpus):
    assert [clip.id for clip in read_recordings(corpus, "toy", "train")] == ["r0", "r1", "r2"]
    assert [clip.id for clip in read_recordings(corpus, "toy")] == ["r3"]


def test_a_crop_has_the_mel_of_the_whole_clip(recordings):
    """Cut out anywhere, it has the frames it would have in the clip; beyond the ends, silence."""
    picked, start = torch.tensor([2]), torch.tensor([5])
    whole = log_mel(recordings._crop(picked, torch.tensor([0]), 60), MelConfig())
    inner = log_mel(recordings._crop(picked, start - 2, 24), MelConfig())[:, 2:22]
    torch.testing.assert_close(inner, whole[:, 5:25])
    before = recordings._crop(picked, torch.tensor([-10]), 10)
    assert before.abs().max() == 0


def test_loudness_is_drawn_and_the_mel_is_that_of_the_sound(recordings):
    batch = recordings.batch(64, 16, Generator().manual_seed(0))
    assert batch.audio.shape == (64, 16 * HOP)
    assert batch.mel.shape == (64, 16, 100)
    inner = log_mel(batch.audio, MelConfig())[:, 2:-2]
    torch.testing.assert_close(batch.mel[:, 2:-2], inner)
    levels = recordings.batch(150, 16, Generator().manual_seed(0)).audio.abs().amax(dim=1)
    heard = 20 * levels[levels > 0.01].log10()
    assert heard.max() - heard.min() > 0.9 * (LOUDEST - QUIETEST)


def test_speed_is_perturbed_and_pitch_with_it(tmp_path):
    """Half the crops of a tone keep its frequency, and the others have it at another speed."""
    tone = np.sin(2 * np.pi * 400 * np.arange(60 * HOP) / RATE)
    soundfile.write(tmp_path / "tone.flac", tone, RATE)
    clip = Recording(id="tone", set="tones", voice="fork", text="", audio=tmp_path / "tone.flac")
    recordings = RecordingDataset([clip], MelConfig())
    recordings.lengths -= 30  # every crop is well inside
    batch = recordings.batch(64, 16, Generator().manual_seed(0), perturbed=0.5)
    power = torch.fft.rfft(batch.audio * torch.hann_window(16 * HOP), n=RATE).abs()
    found = [int(peak) for peak in power.argmax(dim=1)]
    assert set(found) == {round(400 * before / after) for before, after in SPEEDS}
    assert 20 < found.count(400) < 44


def test_predicted_mels_take_the_place_of_recorded_frames(
    corpus, recordings, tiny_acoustic, tmp_path
):
    prepare([corpus / "aligned.jsonl"], tmp_path / "features", workers=1)
    save_checkpoint(tiny_acoustic, tmp_path / "acoustic.safetensors", {})
    source = OneStepMels(
        acoustic=tmp_path / "acoustic.safetensors", features=[tmp_path / "features"], floor=-8.0
    )
    made = source.compute()
    assert made.keys() == {"r0", "r1"}
    assert torch.equal(source.compute()["r1"], made["r1"])
    recordings.set_one_step_mels(made)
    for share in (0.0, 0.25, 1.0):
        batch = recordings.batch(80, 60, Generator().manual_seed(3), one_step_share=share)
        given = 0
        owns = log_mel(batch.audio, MelConfig())
        for clip, mel, own in zip(batch.ids, batch.mel, owns, strict=True):
            if not torch.allclose(mel[2:-2], own[2:-2], atol=1e-4):
                given += 1
                shared = (made[clip][:, None] == mel).all(dim=2).any(dim=0)
                assert shared.sum() >= 30
        assert given / 80 == pytest.approx(share, abs=0.07)
    with pytest.raises(ValueError, match="differ; prepare them again"):
        recordings.set_one_step_mels({"r0": made["r0"][1:]})


def test_identical_sounds_have_no_distance_and_others_have():
    audio = torch.randn(2, 8192) * 0.07
    same, other = (spectral_losses(audio, there, RATE) for there in (audio, audio.roll(3000, 1)))
    assert set(same) == {"mel", "convergence", "magnitude"}
    assert all(value == 0 for value in same.values())
    assert all(value > 0.1 for value in other.values())


def test_silence_has_finite_distances_and_gradients():
    copy = torch.zeros(1, 8192, requires_grad=True)
    torch.stack(list(spectral_losses(copy, torch.zeros(1, 8192), RATE).values())).sum().backward()
    assert torch.isfinite(copy.grad).all()


def test_a_verdict_beyond_doubt_costs_nothing():
    sure, features = torch.full((2, 1, 4, 4), 1.5), [torch.rand(2, 3, 4, 4)]
    assert discriminator_loss([(-sure, features)], [(sure, features)]) == 0
    assert discriminator_loss([(sure, features)], [(-sure, features)]) == 5
    fooled = generator_losses([(sure, features)], [(sure, features)])
    assert fooled["adversarial"] == 0
    assert fooled["features"] == 0


def test_an_unknown_critic_is_refused():
    with pytest.raises(ValueError, match="kind must be one of spectrogram, period; got 'opera'"):
        DiscriminatorConfig(kind="opera", size=3, channels=2)


def test_pitch_is_wanted_where_there_is_a_voice():
    """A network that says 150 Hz everywhere, and a voice where the mel is loud."""

    class Told(F0Predictor):
        def forward(self, mel):
            return torch.full(mel.shape[:2], 150.0).log2(), 20.0 * (mel[..., 20] > -7) - 10

    mel, octave = torch.full((1, 8, 100), -8.0), torch.full((1, 8), torch.nan)
    mel[:, :4], octave[:, :4] = 0.0, torch.tensor(300.0).log2()
    losses = pitch_losses(Told(100, 8), mel, octave)
    assert losses["pitch"] == pytest.approx(1.0)
    assert losses["voicing"] < 1e-3
    assert pitch_losses(Told(100, 8), mel.flip(1), octave)["voicing"] > 5
    unvoiced = pitch_losses(Told(100, 8), mel, torch.full((1, 8), torch.nan))
    assert unvoiced["pitch"] == 0


def test_colour_keeps_which_frame_is_louder():
    """A frame that is louder than another in every band stays so, and one clip is not another."""
    mel = torch.linspace(-8, 0, 6)[:, None].expand(2, 6, 100)
    made = augment_mel(mel, Generator().manual_seed(0))
    assert (made[:, 1:] > made[:, :-1]).all()
    assert (made[0] - made[1]).abs().mean() > 0.3


def test_a_part_of_a_clip_is_what_it_is_in_the_whole(corpus, monkeypatch):
    """Its samples in half precision, and its F0; before the clip there is neither."""
    monkeypatch.setattr("tts.training.data.crops.BLOCK", 2)
    recordings = RecordingDataset(read_recordings(corpus, "toy", "train"), MelConfig())
    whole = torch.from_numpy(recordings.clips[2].load_trimmed_audio(MelConfig()))
    known = torch.from_numpy(log_pitch(whole.numpy(), len(whole) // HOP, MelConfig()) / np.log(2))
    audio, octave = recordings.at(torch.tensor([2, 2]), torch.tensor([40, -10]), 30)
    torch.testing.assert_close(audio[0], whole[40 * HOP : 70 * HOP], atol=1e-7, rtol=5e-4)
    torch.testing.assert_close(octave[0].double(), known[40:70], atol=1e-3, rtol=0, equal_nan=True)
    assert audio[1, : 10 * HOP].abs().max() == 0
    assert octave[1, :10].isnan().all()


@pytest.mark.parametrize("perturbed", [0.0, 1.0])
def test_a_crop_has_the_pitch_of_its_sound(recordings, perturbed):
    batch = recordings.batch(16, 40, Generator().manual_seed(0), perturbed=perturbed)
    for audio, octave in zip(batch.audio.numpy(), batch.log2_f0, strict=True):
        heard = torch.from_numpy(log_pitch(audio, 40, MelConfig()) / np.log(2))
        both = heard.isfinite() & octave.isfinite()
        assert both.sum() >= 5
        assert (heard - octave)[both].abs().median() < 0.01


def test_pitch_is_learnt_by_its_own_losses_alone(run, recordings):
    stage = VocoderStage(replace(run, critics=()), recordings, recordings)
    batch = recordings.batch(3, 24, Generator().manual_seed(0))
    copy = stage.adversary.vocoder(batch.mel)
    own = list(stage.adversary.vocoder.source.pitch.parameters())
    total = sum(spectral_losses(copy, batch.audio, RATE).values())
    assert torch.autograd.grad(total, own, allow_unused=True, retain_graph=True) == (None,) * 8


@pytest.mark.command
@pytest.mark.parametrize("critic", CRITICS)
def test_critics_learn_to_tell_and_leave_the_vocoder_alone(critic, run, recordings):
    stage = VocoderStage(replace(run, critics=(critic,)), recordings, recordings)
    for group in stage.state.optimizers[0].param_groups:
        group["lr"] = 0.0
    for group in stage.state.optimizers[1].param_groups:
        group["lr"] = 1e-2
    before = {name: value.clone() for name, value in stage.adversary.vocoder.state_dict().items()}
    losses = [stage.step(1.0, Generator().manual_seed(0)).losses["telling"] for _ in range(30)]
    assert losses[-1] < 0.5 * losses[0]
    for name, value in stage.adversary.vocoder.state_dict().items():
        assert value.equal(before[name])


def test_critics_join_when_they_are_told_to(run, recordings):
    stage = VocoderStage(run, recordings, recordings)
    assert set(stage.step(0.49, Generator().manual_seed(0)).losses) == SPECTRAL
    late = stage.step(0.5, Generator().manual_seed(1)).losses
    assert set(late) == SPECTRAL | {"adversarial", "features", "telling"}


@pytest.mark.command
@pytest.mark.parametrize("pitch_dim", [0, 8])
def test_one_clip_can_be_learnt_by_heart(pitch_dim, run, recordings):
    model = replace(TINY, pitch_dim=pitch_dim)
    stage = VocoderStage(replace(run, critics=(), model=model), recordings, recordings)
    for group in stage.state.optimizers[0].param_groups:
        group["lr"] = 1e-2
    mels = [stage.step(0.0, Generator().manual_seed(0)).losses["mel"] for _ in range(40)]
    assert mels[-1] < 0.7 * mels[0]


@pytest.mark.command
def test_resuming_is_exact_to_the_bit(run, recordings, tmp_path, monkeypatch):
    """Four steps, critics from the third on, equal two, a kill, and two more."""
    train(run, VocoderStage(run, recordings, recordings), tmp_path / "whole")
    run = replace(run, save_minutes=0.0)
    stage = VocoderStage(run, recordings, recordings)
    step = stage.step

    def killed(*lesson):
        if stage.state.step == 2:
            raise KeyboardInterrupt
        return step(*lesson)

    monkeypatch.setattr(stage, "step", killed)
    with pytest.raises(KeyboardInterrupt):
        train(run, stage, tmp_path / "halves")
    train(run, VocoderStage(run, recordings, recordings), tmp_path / "halves")
    whole, halves = (
        torch.load(tmp_path / name / "state.pt", weights_only=True) for name in ("whole", "halves")
    )
    for saved in (whole, halves):
        saved["optimizers"] = [optimizer["state"] for optimizer in saved["optimizers"]]
        del saved["seconds"]
    torch.testing.assert_close(halves, whole, rtol=0, atol=0)


@pytest.mark.command
@pytest.mark.parametrize("name", [name for name in RECIPES if "vocoder" in name])
def test_every_recipe_takes_two_steps_from_the_command(
    name, corpus, tiny_acoustic, tmp_path, monkeypatch
):
    save_checkpoint(tiny_acoustic, tmp_path / "acoustic.safetensors", {})
    recipe = replace(RECIPES[name](), acoustic=str(tmp_path / "acoustic.safetensors"))
    critics = tuple(replace(critic, channels=2) for critic in recipe.critics)
    sizes = SMALL | {"steps": 2, "model": replace(TINY, patch=recipe.model.patch)}
    small = replace(recipe, **sizes, critics=critics, joined=0.5, predicted=0.5)
    monkeypatch.setitem(RECIPES, name, lambda: small)
    asked = f"train {name} --corpus {corpus} --held-out toy --out {tmp_path} --threads 1 --sets"
    assert command(app, [*asked.split(), "toy"], "t") == 2
    aligned = (corpus / "aligned.jsonl").read_text().replace('"id": "r', '"id": "heart')
    (corpus / "heart.jsonl").write_text(aligned)
    prepare([corpus / "heart.jsonl"], tmp_path / "features" / "heart", workers=1)
    sets = ["toy,heart", "--features", str(tmp_path / "features")]
    assert command(app, [*asked.split(), *sets], "t") == 0
    made = load_checkpoint(tmp_path / name / "average.safetensors", Vocoder)
    assert all(torch.isfinite(weight).all() for weight in made.state_dict().values())
    rows = [json.loads(line) for line in (tmp_path / name / "log.jsonl").read_text().splitlines()]
    assert rows[-1]["of"] == "held out"


def test_a_start_of_another_size_is_refused(run, recordings, tiny_vocoder, tmp_path):
    save_checkpoint(tiny_vocoder, tmp_path / "tiny.safetensors", {})
    wide = replace(run, model=VocoderConfig(dim=24), start=str(tmp_path / "tiny.safetensors"))
    with pytest.raises(ValueError, match="does not fit recipe vocoder: model"):
        VocoderStage(wide, recordings, recordings)
    with pytest.raises(ValueError, match=r"needs an acoustic model .* set acoustic to its file"):
        replace(run, predicted=0.5, acoustic=None)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_a_gpu_takes_two_steps_and_its_vocoder_sounds(recordings, tmp_path):
    recipe = replace(RECIPES["vocoder_gpu"](), **SMALL | {"steps": 2}, joined=0.5, predicted=1.0)
    stage = VocoderStage(recipe, recordings, recordings, device="cuda")
    made = load_checkpoint(train(recipe, stage, tmp_path), Vocoder)
    assert torch.isfinite(made(torch.randn(1, 20, 100))).all()


def test_predicted_mels_come_when_they_are_told_to(run, recordings):
    clips = zip(recordings.clips, recordings.lengths.tolist(), strict=True)
    recordings.set_one_step_mels(
        {clip.id: torch.full((frames, 100), torch.nan) for clip, frames in clips}
    )
    stage = VocoderStage(replace(run, predicted=0.5), recordings, recordings)
    first, second = (stage.step(progress, Generator().manual_seed(0)) for progress in (0.49, 0.5))
    read_losses([first])
    with pytest.raises(ValueError, match=r"^step 1: mel, .* not finite; see clips r"):
        read_losses([first, second])


@pytest.mark.parametrize("name", ["adversarial", "features"])
def test_critics_move_the_vocoder(name, run, recordings):
    """By what they weigh, and by nothing else here."""
    nothing = dict.fromkeys(asdict(VocoderLossWeights()), 0.0)
    for weight in (0.0, 1.0):
        told = replace(run, weights=VocoderLossWeights(**{**nothing, name: weight}))
        stage = VocoderStage(told, recordings, recordings)
        before = {key: value.clone() for key, value in stage.adversary.vocoder.state_dict().items()}
        stage.step(1.0, Generator().manual_seed(0))
        after = stage.adversary.vocoder.state_dict()
        assert all(torch.equal(after[key], before[key]) for key in before) == (weight == 0)


def test_a_faulty_manifest_says_where(corpus, tmp_path):
    path = tmp_path / "toy.jsonl"
    for line, message in (
        ("{", "^line 2 of .*toy.jsonl: expected JSON, got '{'"),
        ("[]", "^line 2 of .*: expected the fields audio, id, text, voice, got"),
        (
            '{"id": "a", "voice": "b", "audio": "c"}',
            "^line 2 of .*: expected the fields audio, id, text, voice, got",
        ),
    ):
        path.write_text((corpus / "toy.jsonl").read_text().splitlines()[0] + "\n" + line)
        with pytest.raises(ValueError, match=message):
            read_recordings(tmp_path, "toy", "train")


def test_a_faulty_recording_is_named(tmp_path):
    broken, short = tmp_path / "broken.flac", tmp_path / "short.flac"
    broken.write_bytes(b"no sound")
    soundfile.write(short, np.full(100, 0.1), RATE)
    for path, message in (
        (broken, "cannot read .*broken.flac: not a sound file"),
        (short, "got 100;"),
    ):
        with pytest.raises(ValueError, match=message):
            read_audio(path, RATE)


def test_each_side_has_a_rate_of_its_own(run, recordings):
    stage = VocoderStage(run, recordings, recordings)
    rates = [group["full_rate"] for found in stage.state.optimizers for group in found.param_groups]
    assert rates == [run.rate, run.critic_rate]
    assert run.rate != run.critic_rate


def test_a_step_is_of_crops_perturbed_in_speed_and_pitch_of_augmented_mels(run, recordings):
    """By hand, with the same chance: what is drawn, and the losses of pitch on its mel."""
    stage = VocoderStage(replace(run, perturbed=1.0), recordings, recordings)
    chance = Generator().manual_seed(0)
    batch = recordings.batch(run.batch, run.crop, chance, perturbed=1.0)
    plain = recordings.batch(run.batch, run.crop, Generator().manual_seed(0))
    assert not torch.equal(batch.log2_f0.nan_to_num(), plain.log2_f0.nan_to_num())
    pitch = stage.adversary.vocoder.source.pitch
    expected = pitch_losses(pitch, augment_mel(batch.mel, chance), batch.log2_f0)
    found = stage.step(0.0, Generator().manual_seed(0)).losses
    for name, loss in expected.items():
        torch.testing.assert_close(found[name], loss.detach())


def test_the_averaged_vocoder_is_judged_and_kept(run, recordings, tmp_path):
    stage = VocoderStage(run, recordings, recordings)
    stage.step(1.0, Generator().manual_seed(0))
    with torch.no_grad():
        for weight in stage.adversary.vocoder.parameters():
            weight.fill_(torch.nan)
    with RunLogger(run, tmp_path) as journal:
        found = stage.validate(journal)
    assert torch.tensor(list(found.values())).isfinite().all()
    (kept,) = stage.averages().values()
    assert all(value.isfinite().all() for value in kept.state_dict().values())
    assert not any(part.training for part in kept.modules())


def test_rounds_of_held_out_crops_have_chance_of_their_own(run, recordings, tmp_path, monkeypatch):
    """And the same every time."""
    monkeypatch.setattr("tts.training.vocoder.stage.ROUNDS", 2)
    stage, chances, draw = VocoderStage(run, recordings, recordings), [], recordings.batch

    def noted(size, frames, generator):
        chances.append(generator.initial_seed())
        return draw(2, 16, generator)

    monkeypatch.setattr(recordings, "batch", noted)
    with RunLogger(run, tmp_path) as journal:
        assert stage.validate(journal) == stage.validate(journal)
    first, second = chances[:2]
    assert first != second
    assert chances == [first, second, first, second]
