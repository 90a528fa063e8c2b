"""The training room on a corpus made here: a few clips of coloured noise with random phones."""

import json
import time
from dataclasses import replace

import numpy as np
import pytest
import soundfile
import torch
from torch import Generator
from tts.training.__main__ import app
from tts.training.acoustic.held_out import held_out
from tts.training.acoustic.losses import encode_batch, hide_symbols, mean_loss, pause_loss
from tts.training.acoustic.stage import AcousticStage
from tts.training.acoustic.terms import Ramp, mean_square
from tts.training.config import AcousticRun
from tts.training.data.dataset import FeatureDataset, Selection
from tts.training.data.features import read_features
from tts.training.data.manifest import LEAD, LEVEL, TRAIL, active_level, read_audio, read_manifest
from tts.training.data.phrases import phrases
from tts.training.data.prepare import extract, prepare
from tts.training.data.statistics import Statistics
from tts.training.evaluation.deviation import deviation, prepare_clips
from tts.training.loop.ema import EMA
from tts.training.loop.schedule import learning_rate_factor, set_learning_rates
from tts.training.loop.start import first_voices
from tts.training.loop.train import train
from tts.training.overrides import override, parse_option
from tts.training.recipes import RECIPES

from tts.acoustic.encoder import TextEncoder
from tts.acoustic.model import AcousticModel
from tts.checkpoint import read_metadata
from tts.cli.main import run_command as command
from tts.config import EncoderConfig, MelConfig
from tts.text.pronounce.symbols import PhonemeTokenizer
from tts.torch_checkpoint import load_checkpoint, save_checkpoint
from tts.vocoder.mel import log_mel

RATE, HOP = 24_000, 256


@pytest.fixture(scope="session")
def manifest(tmp_path_factory):
    folder = tmp_path_factory.mktemp("corpus")
    draw = np.random.default_rng(0)
    rows = []
    for index in range(6):
        phones = "hˈɛlO, wˈɜɹld."
        lengths = draw.integers(600, 3000, len(phones) + 2) * [p not in "ˈ." for p in f"^{phones}$"]
        lengths[0], lengths[-1] = 1920, 1920
        ends = np.cumsum(lengths)
        tone = np.sin(np.arange(ends[-1]) * 2 * np.pi * (120 + 20 * index) / RATE)
        audio = (tone + 0.1 * draw.standard_normal(ends[-1])) * 0.2
        audio[: ends[0]] = audio[ends[-2] :] = 0
        soundfile.write(folder / f"{index}.flac", audio, RATE)
        rows.append(
            {
                "id": f"c{index}",
                "voice": ("heart", "michael")[index % 2],
                "audio": f"{index}.flac",
                "text": "Hello, world.",
                "phones": phones,
                "ends": ends.tolist(),
                "g2p": "misaki",
            }
        )
    path = folder / "toy.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.fixture(scope="session")
def features(manifest, tmp_path_factory):
    folder = tmp_path_factory.mktemp("features")
    prepare([manifest], folder, workers=1)
    return folder


@pytest.fixture
def corpus(features, tiny_config):
    return FeatureDataset(
        [features], PhonemeTokenizer(inventory=tiny_config.symbols), tiny_config.voices
    )


@pytest.fixture
def run(tiny_config):
    plain = RECIPES["flow_matching"]()
    return replace(
        plain, model=tiny_config, minutes=None, steps=4, batch=4, crop=32, precision="float32",
        warmup=1, matrix_rate=1e-3,
    )  # fmt: skip


@pytest.fixture(autouse=True)
def short_trial(monkeypatch):
    """One batch of what is held out is enough to be judged by."""
    monkeypatch.setattr("tts.training.acoustic.stage.ROUNDS", 1)


def test_durations_tile_the_trimmed_clip(manifest):
    for clip in read_manifest(manifest):
        mel, features = extract(clip, MelConfig())
        durations = np.array(features.durations)
        assert durations.sum() == len(mel)
        assert len(durations) == len(features.symbols) == len(features.pitch)
        assert durations[0] == LEAD
        assert durations[-1] in (TRAIL - 1, TRAIL)
        assert (durations >= 0).all()
        inner = np.diff(clip.ends)[:-1] / HOP
        np.testing.assert_allclose(durations[1:-1], inner, atol=1.0)


def test_pitch_is_what_was_sung(manifest):
    for index, clip in enumerate(read_manifest(manifest)):
        _, features = extract(clip, MelConfig())
        sung = np.exp(np.array(features.pitch)[1:-1])
        assert np.median(sung) == pytest.approx(120 + 20 * index, rel=0.02)


def test_clips_are_read_at_the_level_of_speech(manifest):
    clip = next(read_manifest(manifest))
    assert active_level(read_audio(clip.audio, RATE)) == pytest.approx(LEVEL)


@pytest.mark.parametrize("samples", [513, 767, 768, 5000])
def test_a_clip_has_one_frame_a_hop_and_nothing_below_the_floor(samples):
    mel = log_mel(torch.randn(2, samples) * 1e-4, MelConfig())
    assert mel.shape == (2, samples // HOP, 100)
    assert mel.min() >= -8
    assert log_mel(torch.zeros(1, samples), MelConfig()).max() == -8


def test_a_sine_stands_in_the_band_of_its_pitch():
    """HTK mel scale, as Vocos has it: band b is centred at mel (b + 1) / 101 of the whole."""
    pitch = 1000.0
    audio = torch.sin(torch.arange(RATE) * 2 * torch.pi * pitch / RATE)[None]
    top = 2595 * np.log10(1 + 12_000 / 700)
    expected = 2595 * np.log10(1 + pitch / 700) / top * 101 - 1
    band = int(log_mel(audio, MelConfig())[0, 40].argmax())
    assert abs(band - expected) <= 1


def learn(run, corpus, out):
    return train(run, AcousticStage(run, corpus, {"val": corpus}), out)


def test_a_training_set_adds_the_voices_of_its_clips_after_those_named(features, tiny_config):
    symbols = PhonemeTokenizer(inventory=tiny_config.symbols)
    corpus = FeatureDataset([features], symbols, ("nicole", "michael"))
    assert corpus.voices == ("nicole", "michael", "heart")
    assert corpus.speakers.tolist() == [2, 1, 2, 1, 2, 1]
    assert corpus.statistics.pitch.shape == (3, 2)
    with pytest.raises(ValueError, match="unknown voice 'heart'; voices: michael"):
        FeatureDataset([features], symbols, ("michael",), corpus.statistics)


def test_clips_of_another_convention_are_left_out(features, tmp_path, tiny_config):
    """Their mels too: what is left has the frames of its own clips."""
    rows = [json.loads(line) for line in (features / "clips.jsonl").read_text().splitlines()]
    rows[1]["convention"] = "espeak"
    (tmp_path / "clips.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    mels = np.load(features / "mels.npy")
    np.save(tmp_path / "mels.npy", mels)
    symbols, voices = PhonemeTokenizer(inventory=tiny_config.symbols), tiny_config.voices
    corpus = FeatureDataset(
        [tmp_path], symbols, voices, selection=Selection(conventions=("misaki",))
    )
    assert [clip.id for clip in corpus.clips] == ["c0", "c2", "c3", "c4", "c5"]
    first, second = (sum(row["durations"]) for row in rows[:2])
    np.testing.assert_array_equal(corpus.mels[first:], mels[first + second :])
    with pytest.raises(ValueError, match=r"no clips of espeak in .*; name other sets"):
        FeatureDataset([features], symbols, voices, selection=Selection(conventions=("espeak",)))


def test_phrases_are_parts_of_clips_between_pauses(features, tiny_config):
    """Each has the sound of its own symbols, and at most a clip's silence at its ends."""
    clip = paused(features)
    comma = clip.symbols.index(",")
    found = {p.features.symbols: p for p in phrases(clip, np.random.default_rng(0))}
    first, second = found["^hˈɛlO,$"], found["^wˈɜɹld.$"]
    before, pause = sum(clip.durations[:comma]), clip.durations[comma]
    space = clip.durations[comma + 1]
    assert (first.offset, second.offset) == (0, before + pause + space - LEAD)
    assert sum(first.features.durations) == before + min(pause, TRAIL)
    assert second.features.durations == (LEAD, *clip.durations[comma + 2 :])
    assert first.features.pitch == (*clip.pitch[: comma + 1], clip.pitch[comma])


def test_a_batch_has_its_share_of_phrases_with_their_own_sound(features, tiny_config):
    symbols, voices, id = (
        PhonemeTokenizer(inventory=tiny_config.symbols),
        tiny_config.voices,
        paused(features).id,
    )
    corpus = FeatureDataset([features], symbols, voices, selection=Selection(phrases=0.25))
    plain = FeatureDataset([features], symbols, voices, corpus.statistics)
    batch = corpus.batch(400, 16, Generator().manual_seed(0))
    short = batch.clips >= len(plain.clips)
    assert float(short.float().mean()) == pytest.approx(0.25, abs=0.06)
    (part,) = (i for i, c in enumerate(corpus.clips) if (c.id, c.symbols) == (id, "^wˈɜɹld.$"))
    (whole,) = (i for i, c in enumerate(plain.clips) if c.id == id)
    cut, full = sound(corpus, part), sound(plain, whole)
    torch.testing.assert_close(cut, full[-len(cut) :])


def test_phrases_of_clips_without_a_pause_are_refused(features, tmp_path, tiny_config):
    rows = [json.loads(line) for line in (features / "clips.jsonl").read_text().splitlines()]
    rows[0]["durations"] = [
        d if s not in " ,." else 0
        for d, s in zip(rows[0]["durations"], rows[0]["symbols"], strict=True)
    ]
    frames = sum(rows[0]["durations"])
    (tmp_path / "clips.jsonl").write_text(json.dumps(rows[0]) + "\n")
    np.save(tmp_path / "mels.npy", np.load(features / "mels.npy")[:frames])
    symbols, voices = PhonemeTokenizer(inventory=tiny_config.symbols), tiny_config.voices
    with pytest.raises(ValueError, match="no clip has a pause to be cut at"):
        FeatureDataset([tmp_path], symbols, voices, selection=Selection(phrases=0.25))


def paused(features):
    """A clip with a pause that is long enough to be cut at."""
    clips = ((c, c.symbols.index(",")) for c in read_features(features))
    return next(c for c, comma in clips if min(c.durations[comma : comma + 2]) >= 4)


def sound(corpus, index):
    frames, within = int(corpus.lengths[index]), torch.full((1, 40), 0.5)
    return corpus.assemble(torch.tensor([index]), torch.tensor([0]), frames, within).mel[0]


def test_masked_symbols_are_not_read(corpus, tiny_acoustic):
    batch = corpus.batch(2, 16, Generator().manual_seed(0))
    tiny_acoustic.eval()
    other = replace(batch, tokens=batch.tokens.flip(1) * batch.mask)
    hidden = [encode_batch(tiny_acoustic, hide_symbols(one, 1.0)).hidden for one in (batch, other)]
    torch.testing.assert_close(*hidden)
    assert not torch.equal(
        encode_batch(tiny_acoustic, batch).hidden, encode_batch(tiny_acoustic, other).hidden
    )


def test_an_encoder_without_attention_sees_its_neighbours_alone(tiny_config):
    config = EncoderConfig(dim=16, depth=2, heads=0, kernel=3)
    encoder = TextEncoder(config, 10, 8).eval()
    tokens = torch.ones(1, 12, dtype=torch.long)
    other = tokens.clone()
    other[0, 5] = 2
    mask, voice = torch.ones(1, 12, dtype=torch.bool), torch.zeros(1, 8)
    moved = (encoder(tokens, voice, mask) - encoder(other, voice, mask)).abs().amax(dim=(0, 2)) > 0
    assert moved.nonzero()[:, 0].tolist() == [3, 4, 5, 6, 7]


def test_a_start_with_fewer_voices_gives_each_its_own_row(features, run, tmp_path):
    """A voice that is new has the others' mean, and its own pitch and level."""
    symbols = PhonemeTokenizer(inventory=run.model.symbols)
    model = AcousticModel(replace(run.model, voices=("michael", "echo"))).eval()
    model.pitch.copy_(torch.tensor([[4.0, 0.3], [5.0, 0.1]]))
    save_checkpoint(model, tmp_path / "start.safetensors", {})
    run = replace(run, start=str(tmp_path / "start.safetensors"))
    corpus = FeatureDataset([features], symbols, first_voices(run))
    run = replace(run, model=replace(run.model, voices=corpus.voices))
    stage = AcousticStage(run, corpus, {"val": corpus})
    assert corpus.voices == ("michael", "echo", "heart")
    rows, before = stage.model.voices.weight, model.voices.weight.half().float()
    torch.testing.assert_close(rows, torch.cat([before, before.mean(dim=0, keepdim=True)]))
    torch.testing.assert_close(stage.model.pitch[:2], model.pitch)
    sung = torch.tensor([np.log(120 + 20 * index) for index in (0, 2, 4)]).mean()
    assert stage.model.pitch[2, 0] == pytest.approx(float(sung), abs=0.02)
    assert corpus.statistics.peak_level[2] != model.peak_level.mean()


def test_held_out_sets_are_judged_apart(corpus, run, tmp_path):
    stage = AcousticStage(replace(run, steps=1), corpus, {"val": corpus, "val2": corpus})
    train(stage.run, stage, tmp_path)
    rows = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    val, val2 = (row for row in rows if row["of"].startswith("held out"))
    assert (val.pop("of"), val2.pop("of")) == ("held out val", "held out val2")
    assert val == val2
    assert val["mean"] > 0


def test_a_budget_is_of_this_process_alone(corpus, run, tmp_path, monkeypatch):
    """While the process waits, none of its minutes pass."""
    stage = AcousticStage(replace(run, steps=2), corpus, {})
    step = stage.step

    def stopped(*lesson):
        time.sleep(0.5)
        return step(*lesson)

    monkeypatch.setattr(stage, "step", stopped)
    monkeypatch.setattr(stage, "validate", lambda journal: {})
    train(stage.run, stage, tmp_path)
    assert stage.state.seconds < 0.5


def test_a_batch_follows_from_its_chance_alone(corpus):
    first, again, other = (corpus.batch(3, 20, Generator().manual_seed(s)) for s in (5, 5, 6))
    assert torch.equal(first.mel, again.mel)
    assert torch.equal(first.prosody, again.prosody)
    assert not torch.equal(first.mel, other.mel)


def test_a_crop_is_the_clip_cut_out(corpus):
    picked = torch.tensor([2, 1])
    whole = int(corpus.lengths[picked].max())
    within = torch.full((2, 40), 0.5)
    full = corpus.assemble(picked, torch.tensor([0, 0]), whole, within)
    crop = corpus.assemble(picked, torch.tensor([7, 3]), 20, within)
    assert torch.equal(crop.mel[0], full.mel[0, 7:27])
    assert torch.equal(crop.mel[1], full.mel[1, 3:23])
    assert torch.equal(full.frame_mask.sum(dim=1), corpus.lengths[picked])


def test_the_normalised_corpus_is_standard(corpus):
    normal = corpus.statistics.normal_mel(corpus.mels[None])
    assert normal.mean().item() == pytest.approx(0, abs=1e-3)
    assert normal.std().item() == pytest.approx(1, abs=1e-3)
    batch = corpus.batch(64, 8, Generator().manual_seed(0))
    length, pitch, energy = batch.prosody[batch.has_duration].T
    for state in (length, pitch, energy):
        assert state.mean().item() == pytest.approx(0, abs=0.4)
        assert state.std().item() == pytest.approx(1, abs=0.4)


def test_statistics_travel_with_the_model(corpus, run):
    stage = AcousticStage(run, corpus, {"val": corpus})
    assert torch.equal(Statistics.of(stage.model).pitch, corpus.statistics.pitch)


@pytest.mark.command
@pytest.mark.parametrize("name", ["flow_matching", "split_mean_flow"])
def test_resuming_is_exact_to_the_bit(name, corpus, run, tmp_path, monkeypatch):
    """Four steps equal two, a kill, and two more."""
    start = learn(replace(run, steps=1), corpus, tmp_path / "teacher")
    shape = {"model": run.model, "minutes": None, "steps": 4, "batch": 8, "crop": 32, "warmup": 1}
    recipe = RECIPES[name]()
    recipe = replace(recipe, **shape, start=str(start) if recipe.start else None)
    learn(recipe, corpus, tmp_path / "whole")
    recipe = replace(recipe, save_minutes=0.0)
    stage = AcousticStage(recipe, corpus, {"val": corpus})
    step = stage.step

    def killed(*lesson):
        if stage.state.step == 2:
            raise KeyboardInterrupt
        return step(*lesson)

    monkeypatch.setattr(stage, "step", killed)
    with pytest.raises(KeyboardInterrupt):
        train(recipe, stage, tmp_path / "halves")
    learn(recipe, corpus, tmp_path / "halves")
    whole, halves = (
        torch.load(tmp_path / name / "state.pt", weights_only=True) for name in ("whole", "halves")
    )
    for saved in (whole, halves):
        saved["optimizers"] = [optimizer["state"] for optimizer in saved["optimizers"]]
        del saved["seconds"]
    torch.testing.assert_close(halves, whole, rtol=0, atol=0)


def test_a_step_taken_twice_is_written_once(corpus, run, tmp_path):
    run = replace(run, log_every=1)
    learn(replace(run, steps=2), corpus, tmp_path)
    log = tmp_path / "log.jsonl"
    lost = "".join(json.dumps({"step": step, "of": "train"}) + "\n" for step in (3, 4))
    log.write_text(log.read_text() + lost + '{"step": 5, "of"')
    learn(run, corpus, tmp_path)
    rows = [json.loads(line) for line in log.read_text().splitlines()]
    assert [row["step"] for row in rows if row["of"] == "train"] == [1, 2, 3, 4]


def test_a_budget_of_minutes_ends_and_is_taken_up_again(corpus, run, tmp_path):
    short = replace(run, minutes=0.005)
    learn(short, corpus, tmp_path)
    first = torch.load(tmp_path / "state.pt", weights_only=True)
    assert first["seconds"] >= 0.3
    more = first["seconds"] + 0.3  # one step alone may have taken longer than its budget
    learn(replace(short, minutes=more / 60), corpus, tmp_path)
    second = torch.load(tmp_path / "state.pt", weights_only=True)
    assert second["seconds"] >= more
    assert second["step"] > first["step"] > 0


def test_a_certain_pause_still_has_a_gradient(corpus, tiny_acoustic):
    batch = corpus.batch(2, 16, Generator().manual_seed(0))
    with torch.no_grad():
        tiny_acoustic.pause.output.weight.mul_(1e4)
    bound = encode_batch(tiny_acoustic, batch)
    pause_loss(tiny_acoustic, bound, batch)["pause"].backward()
    assert torch.isfinite(tiny_acoustic.pause.output.weight.grad).all()


def test_a_folder_of_another_run_is_not_taken_up(corpus, run, tmp_path):
    learn(replace(run, steps=1), corpus, tmp_path)
    with pytest.raises(ValueError, match="holds a run with other options than"):
        learn(replace(run, seed=9), corpus, tmp_path)


def test_one_batch_can_be_learnt_by_heart(corpus, run):
    run = replace(run, rate=1e-2, matrix_rate=None, steps=400, decay=1.0)
    stage = AcousticStage(run, corpus, {"val": corpus})
    means = []
    for step in range(61):
        set_learning_rates(run, stage.state, step / run.steps)
        means.append(stage.step(0.0, Generator().manual_seed(step)).losses["mean"])
    assert means[-1] < 0.6 * means[0]


@pytest.mark.command
@pytest.mark.parametrize("name", [n for n in RECIPES if isinstance(RECIPES[n](), AcousticRun)])
def test_every_recipe_takes_two_steps(name, corpus, run, tiny_config, tmp_path):
    start = learn(replace(run, steps=1), corpus, tmp_path / "teacher")
    recipe = RECIPES[name]()
    small = replace(
        recipe, model=tiny_config, minutes=None, steps=2, batch=4, crop=32, compiled=False,
        start=str(start) if recipe.start else None,
        teacher=str(start) if recipe.teacher else None,
        weak=str(start) if recipe.weak else None,
    )  # fmt: skip
    path = learn(small, corpus, tmp_path / name)
    made = load_checkpoint(path, AcousticModel)
    assert all(torch.isfinite(weight).all() for weight in made.state_dict().values())


def test_a_student_learns_both_maps_and_leaves_the_reading_of_text_alone(
    corpus, run, tiny_config, tmp_path
):
    start = learn(run, corpus, tmp_path / "teacher")
    taught = replace(
        RECIPES["split_mean_flow"](), model=tiny_config, minutes=None, steps=3, batch=8, crop=32,
        start=str(start), precision="float32", warmup=1,
    )  # fmt: skip
    stage = AcousticStage(taught, corpus, {"val": corpus})
    before = {name: value.clone() for name, value in stage.model.state_dict().items()}
    for seed in range(3):
        stage.step(0.0, Generator().manual_seed(seed))
    changed = {
        n.split(".")[0] for n, v in stage.model.state_dict().items() if not v.equal(before[n])
    }
    assert changed == {"prosody", "decoder"}
    assert all(weight.grad is None for weight in stage.teacher.parameters())


@pytest.mark.parametrize(
    ("maps", "learns"),
    [
        (("prosody",), {"prosody", "pause"}),
        (("mel",), {"voices", "encoder", "melody", "shape", "mean", "decoder"}),
    ],
)
def test_one_map_learns_alone(maps, learns, corpus, run, tmp_path):
    """And the reading of the text with the mel."""
    stage = AcousticStage(replace(run, maps=maps), corpus, {"val": corpus})
    before = {name: value.clone() for name, value in stage.model.state_dict().items()}
    for seed in range(3):
        stage.step(0.0, Generator().manual_seed(seed))
    after = stage.model.state_dict()
    assert {n.split(".")[0] for n in after if not after[n].equal(before[n])} == learns
    with pytest.raises(ValueError, match=r"maps of run .* must be some of prosody, mel; got"):
        replace(run, maps=("mels",))


def test_averages_are_kept_at_the_lowest_of_a_loss_that_is_watched(
    corpus, run, tmp_path, monkeypatch
):
    """Also when the run was stopped in between."""
    losses = iter([3.0, 2.0, 2.5, 2.5, 2.2, 2.2])
    monkeypatch.setattr(AcousticStage, "validate", lambda self, journal: {"mean": next(losses)})
    run = replace(run, watch="mean", save_minutes=0.0)
    for steps in (3, 4):
        stage = AcousticStage(replace(run, steps=steps), corpus, {})
        path = train(stage.run, stage, tmp_path)
    assert read_metadata(path)["step"] == "2"
    assert torch.load(tmp_path / "state.pt", weights_only=True)["lowest"] == 2.0


def test_a_named_teacher_teaches_in_place_of_the_start(corpus, run, tmp_path):
    start = learn(replace(run, steps=1), corpus, tmp_path / "start")
    same_reading = replace(run, start=str(start), freeze_encoder=True, maps=("mel",), seed=1)
    other = learn(replace(same_reading, steps=1), corpus, tmp_path / "other")
    taught = replace(RECIPES["endpoint"](), model=run.model, start=str(start), teacher=str(other))
    stage = AcousticStage(taught, corpus, {})
    weights = {
        path: load_checkpoint(path, AcousticModel).decoder.output.weight for path in (start, other)
    }
    assert torch.equal(stage.model.decoder.output.weight, weights[start])
    assert torch.equal(stage.teacher.decoder.output.weight, weights[other])
    assert not torch.equal(weights[start], weights[other])


def test_a_ramp_waits_rises_and_stays():
    ramp = Ramp(start=1.0, end=3.0, since=0.5, until=0.75)
    assert [ramp.at(progress) for progress in (0.0, 0.5, 0.625, 0.75, 1.0)] == [1, 1, 2, 3, 3]
    with pytest.raises(
        ValueError, match=r"a ramp must have 0 <= since < until <= 1, got since=0.5 and until=0.5"
    ):
        Ramp(start=0.0, end=1.0, since=0.5, until=0.5)


def test_a_run_without_a_boundary_is_refused(run):
    split = RECIPES["split_mean_flow"]().terms[1]
    with pytest.raises(ValueError, match="must have a term of flow_matching or boundary"):
        replace(run, terms=(split,))


def test_a_student_without_a_teacher_is_refused():
    with pytest.raises(ValueError, match="has a frozen teacher but no checkpoint; set start"):
        replace(RECIPES["split_mean_flow"](), start=None)


def test_the_rate_rises_stays_and_falls_to_zero():
    rates = [learning_rate_factor(s, s / 100, warmup=10, decay=0.4) for s in range(101)]
    assert rates[0] == pytest.approx(0.1)
    assert rates[10:60] == [1.0] * 50
    assert rates[80] == pytest.approx(0.5)
    assert rates[100] == 0


def test_the_average_follows_more_and_more_slowly():
    model = torch.nn.Linear(2, 2)
    average = EMA(model, 0.9)
    expected = average.weights["weight"].clone()
    for index in range(200):
        torch.nn.init.normal_(model.weight)
        average.update(model, index)
        expected.lerp_(model.weight.detach(), max(0.1, 10 / (index + 10)))
    torch.testing.assert_close(average.weights["weight"], expected)


@torch.no_grad()
def test_a_clip_alone_has_the_losses_it_has_in_a_padded_batch(corpus, tiny_acoustic):
    lengths, within = corpus.lengths, torch.full((1, corpus.tokens.shape[1]), 0.5)
    longest, short = int(lengths.argmax()), int(lengths.argmin())
    starts, crop = torch.tensor([0, 0]), int(lengths.max())
    both = corpus.assemble(torch.tensor([longest, short]), starts, crop, within.expand(2, -1))
    alone = corpus.assemble(torch.tensor([short]), starts[:1], int(lengths[short]), within)
    padded, bare = (encode_batch(tiny_acoustic, batch) for batch in (both, alone))
    wide = torch.zeros_like(both.mel[1:])
    wide[:, : alone.mel.shape[1]] = alone.mel
    torch.testing.assert_close(both.mel[1:], wide)
    frames = alone.mel.shape[1]
    torch.testing.assert_close(padded.conditioning[1:, :frames], bare.conditioning)
    assert padded.conditioning[1, frames:].abs().max() == 0
    residual = padded.conditioning[1:, :, :100] - both.mel[1:]
    expected = mean_loss(tiny_acoustic, bare, alone)["mean"]
    torch.testing.assert_close(mean_square(residual, both.frame_mask[1:]), expected)


def test_the_commands_prepare_and_train(manifest, run, tmp_path, monkeypatch):
    monkeypatch.setitem(RECIPES, "toy", lambda: replace(run, name="toy", steps=1))
    prepared, runs = tmp_path / "features", tmp_path / "runs"
    assert command(app, ["prepare", str(manifest.parent), str(prepared), "--sets", "toy"], "t") == 0
    asked = f"train toy --features {prepared} --sets toy --held-out toy --out {runs} --threads 1"
    assert command(app, asked.split(), "t") == 0
    assert load_checkpoint(runs / "toy" / "average.safetensors", AcousticModel).config == run.model
    assert command(app, [*asked.split(), "--minutes", "-1"], "t") == 2
    assert command(app, [*asked.split(), "--device", "abacus"], "t") == 2


def test_any_option_of_a_recipe_can_be_changed():
    run = RECIPES["split_mean_flow"]()
    changed = override(run, *parse_option("model.encoder.heads=0"))
    assert changed == replace(
        run, model=replace(run.model, encoder=replace(run.model.encoder, heads=0))
    )
    changed = override(changed, *parse_option("terms.1.longest.end=0.5"))
    assert changed.terms[1].longest.end == 0.5
    assert changed.terms[0] == run.terms[0]
    assert override(run, *parse_option("betas=[0.5, 0.9]")).betas == (0.5, 0.9)
    assert override(run, *parse_option("precision=float32")).precision == "float32"


@pytest.mark.parametrize(
    ("option", "sentence"),
    [
        ("model.heads=1", "unknown option 'heads'; options: symbols, "),
        ("terms.3.share=1", "unknown option '3'; options: 0, 1, 2"),
        ("model=1", "model has options of its own; set one, such as model.symbols="),
        ("seed.x=1", "unknown option 'x'; options: none here"),
        ("seed", "an option must be NAME=VALUE, such as .*; got 'seed'"),
        ("precision=half", "precision must be one of float32, bfloat16; got 'half'"),
    ],
)
def test_an_option_that_is_not_there_is_refused(option, sentence):
    with pytest.raises(ValueError, match=sentence):
        override(RECIPES["split_mean_flow"](), *parse_option(option))


def test_a_share_of_the_clips_is_drawn_by_their_ids(features, tiny_config):
    symbols, voices = PhonemeTokenizer(inventory=tiny_config.symbols), tiny_config.voices
    half = FeatureDataset([features], symbols, voices, selection=Selection(share=0.5))
    more = FeatureDataset([features], symbols, voices, selection=Selection(share=0.8))
    assert {c.id for c in half.clips} < {c.id for c in more.clips}
    assert int(half.lengths.sum()) == len(half.mels)


def test_held_out_figures_of_a_set(features, tiny_acoustic):
    """They are those of validation, and of the deviation by its own measure."""
    found = held_out(tiny_acoustic, tiny_acoustic, features, 2)
    assert (found.name, found.clips) == (features.name, 6)
    clips = prepare_clips(tiny_acoustic, tiny_acoustic, features, 2)
    assert found.one_step == deviation(clips, 1).median
    assert found.midpoint == deviation(clips, 8, midpoint=True).median


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
@pytest.mark.parametrize("name", ["flow_matching_gpu", "split_mean_flow_gpu"])
def test_a_gpu_takes_two_steps_and_its_model_speaks(name, features, run, tmp_path):
    symbols = PhonemeTokenizer(inventory=run.model.symbols)
    there, here = (FeatureDataset([features], symbols, run.model.voices) for _ in range(2))
    first = replace(run, steps=1)
    start = train(first, AcousticStage(first, there, {"val": here}, "cuda"), tmp_path / "teacher")
    recipe = RECIPES[name]()
    recipe = replace(recipe, model=run.model, minutes=None, steps=2, batch=8, crop=32)
    recipe = replace(recipe, start=str(start) if recipe.start else None)
    path = train(recipe, AcousticStage(recipe, there, {"val": here}, "cuda"), tmp_path / name)
    assert load_checkpoint(path, AcousticModel).config == run.model


def test_a_run_says_what_it_is(run):
    assert isinstance(run, AcousticRun)
    assert set(RECIPES) == {RECIPES[name]().name for name in RECIPES}
