"""Train a voice on aligned recordings: from the shipped models, in two stages.

First flow matching adapts the acoustic model to the speaker; then SplitMeanFlow distils the result
into one step again. Both stages are ordinary runs in `WORK/runs`, with a state that a killed
process resumes from.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from math import sqrt
from pathlib import Path

import numpy as np
import torch
import typer
from torch import Generator

from tts.acoustic.model import AcousticModel
from tts.checkpoint import read_config, shipped_checkpoint
from tts.config import MelConfig
from tts.delivery import Delivery
from tts.error_messages import write_error
from tts.runtime.torch import TorchRuntime
from tts.synthesis import Synthesizer
from tts.text.pronounce.symbols import PhonemeTokenizer
from tts.torch_checkpoint import load_checkpoint, save_checkpoint
from tts.vocoder.model import Vocoder
from tts.voice_files import FIXED, VoiceCard, VoiceFile

from ..acoustic.losses import encode_batch, mean_loss
from ..acoustic.stage import AcousticStage
from ..build import StageBuilder
from ..config import AcousticRun
from ..data.dataset import FeatureDataset
from ..data.features import CLIPS, ClipFeatures, read_features, write_features
from ..data.manifest import Clip, read_manifest, read_rows
from ..data.predicted_f0 import predicted_log_pitch
from ..data.prepare import extract
from ..data.statistics import Statistics
from ..loop.start import with_voices
from ..loop.train import train
from ..recipes import voice_flow_matching, voice_split_mean_flow
from .alignment.align import choose_held_out
from .inputs import InputFolder, clips_hash, file_hash, value_hash
from .processes import results

ALIGNED, TRAIN, HELD_OUT, START = "aligned.jsonl", "train", "held_out", "start.safetensors"
SAMPLES = (
    "The first light of the day fell on the water.",
    "Why not? We have all the time we need.",
)
START_CLIPS = 32  # that the nearest voice is chosen by


@dataclass(frozen=True, kw_only=True, slots=True)
class VoiceTraining:
    """Options of the training of a voice.

    Args:
        work: folder of the voice, with `aligned.jsonl` and its clips.
        name: of the voice.
        acoustic: acoustic model to start from; None for the shipped one.
        vocoder: its vocoder; None for the shipped one.
        dropped: ids of clips that are left out.
        effort: factor on the number of updates, above 0.
        device: `cpu`, `cuda`.
        workers: processes that compute features.
    """

    work: Path
    name: str
    acoustic: Path | None = None
    vocoder: Path | None = None
    dropped: frozenset[str] = frozenset()
    effort: float = 1.0
    device: str = "cpu"
    workers: int = 2

    @property
    def acoustic_path(self) -> Path:
        return self.acoustic or shipped_checkpoint("acoustic")

    @property
    def vocoder_path(self) -> Path:
        return self.vocoder or shipped_checkpoint("vocoder")

    @property
    def features(self) -> Path:
        return self.work / "features"

    @property
    def runs(self) -> Path:
        return self.work / "runs"


def train_voice(training: VoiceTraining) -> AcousticModel:
    """Train a voice, or continue a training that was stopped.

    Args:
        training: its options; the work folder gets `features` and `runs`. They are made again
            where recordings or options have changed; the last runs are kept in `runs-before`.

    Returns:
        The fine-tuned model.

    Raises:
        FileNotFoundError: the work folder has no aligned clips, or a checkpoint is missing.
        ValueError: the clips are too few or damaged, or a loss is not finite.
    """
    config = read_config(training.acoustic_path, "acoustic")
    recordings = prepare_features(training, config.mel)
    InputFolder(training.runs).put_aside(
        {
            "the recordings": recordings,
            "the acoustic model": file_hash(training.acoustic_path),
            "--effort": value_hash(training.effort),
            "the recipe": value_hash(
                [asdict(voice_flow_matching()), asdict(voice_split_mean_flow())]
            ),
        }
    )
    start = training.runs / START
    if not start.is_file():
        training.runs.mkdir(parents=True, exist_ok=True)
        save_checkpoint(initial_model(training), start, {"recipe": "voice"})
    path = start
    for run in voice_runs(training):
        builder = StageBuilder(
            training.work, training.features, (TRAIN,), (HELD_OUT,), training.device
        )
        stage = builder.build(run)
        assert isinstance(stage, AcousticStage)
        report = partial(_report, training, stage)
        # the work folder may be moved, or named by another path
        begun = Path(run.start or "").relative_to(training.work).as_posix()
        written = replace(stage.run, start=begun)
        path = train(written, stage, training.runs / run.name, report)
    return load_checkpoint(path, AcousticModel)


def _report(
    training: VoiceTraining, stage: AcousticStage, step: int, losses: Mapping[str, float]
) -> None:
    """Print the held-out losses of a step, and write samples of the averaged model."""
    name = stage.run.name
    rows = [name, f"step {step}", *(f"{key} {loss:.3f}" for key, loss in losses.items())]
    typer.echo(", ".join(rows), err=True)
    vocoder = load_checkpoint(training.vocoder_path, Vocoder)
    synthesizer = Synthesizer(TorchRuntime(stage.averaged(), vocoder))
    folder = training.work / "samples"
    folder.mkdir(exist_ok=True)
    for number, text in enumerate(SAMPLES, 1):
        speech = synthesizer.speak(text, Delivery(voice=training.name))
        speech.save(folder / f"{name}-{step:04d}-{number}.wav")


def voice_runs(training: VoiceTraining) -> list[AcousticRun]:
    """The two runs of a voice, with the sizes of the model that they start from.

    Flow matching takes as many updates as its recipe has, times the root of the minutes: few
    minutes are soon learned by heart. SplitMeanFlow follows its teacher, whatever the minutes.
    """
    start = training.runs / START
    config = read_config(start, "acoustic")
    frames = sum(sum(clip.durations) for clip in read_features(training.features / TRAIN))
    root = sqrt(frames * config.mel.hop / config.mel.sample_rate / 60)
    found: list[AcousticRun] = []
    for recipe, factor in ((voice_flow_matching(), root), (voice_split_mean_flow(), 1.0)):
        selection = replace(recipe.selection, conventions=(config.convention,))
        run = replace(recipe, model=config, selection=selection, start=str(start))
        found.append(replace(run, steps=max(1, round(recipe.steps * factor * training.effort))))
        start = training.runs / recipe.name / "average.safetensors"
    return found


def prepare_features(training: VoiceTraining, config: MelConfig) -> str:
    """Write the features of the training clips and of the held-out ones, unless they are there.

    Returns:
        A hash of all that they depend on.
    """
    clips = aligned_clips(training)
    for name, chosen in clips.items():
        if not chosen:
            raise ValueError(
                f"no {name.replace('_', '-')} clips among the {sum(map(len, clips.values()))} of "
                f"{training.work}; record more sentences, each another"
            )
    made_from = clips_hash(clips, config)
    InputFolder(training.features).make_again({"the recordings": made_from})
    for name, chosen in clips.items():
        folder = training.features / name
        if not (folder / CLIPS).is_file():
            _write_features(chosen, folder, config, training.workers)
    return made_from


def aligned_clips(training: VoiceTraining) -> dict[str, list[Clip]]:
    """The training clips and the held-out ones, without those that are dropped.

    Clips with the split `val` are held out; where the manifest has none, `choose_held_out` does.
    """
    manifest = training.work / ALIGNED
    rows = [row for row in read_rows(manifest) if row["id"] not in training.dropped]
    held_out = {row["id"] for row in rows if row.get("split") == "val"} or choose_held_out(rows)
    clips = [clip for clip in read_manifest(manifest) if clip.id not in training.dropped]
    return {
        TRAIN: [clip for clip in clips if clip.id not in held_out],
        HELD_OUT: [clip for clip in clips if clip.id in held_out],
    }


def _write_features(clips: Sequence[Clip], folder: Path, config: MelConfig, workers: int) -> None:
    extract_clip = partial(_extract, config=config)
    found = results(extract_clip, clips, workers) if workers > 1 else map(extract_clip, clips)
    by_id = {features.id: (mel, features) for mel, features in found}
    mels, features = zip(*(by_id[clip.id] for clip in clips), strict=True)
    try:
        write_features(folder, features, np.concatenate(mels))
    except OSError as error:
        if error.errno is not None:
            raise
        # numpy gives no reason where it could not write all values
        raise write_error(folder, "no space left on device; make room, and try again") from error


def _extract(clip: Clip, config: MelConfig) -> tuple[np.ndarray, ClipFeatures]:
    return extract(clip, config, predicted_log_pitch)


def initial_model(training: VoiceTraining) -> AcousticModel:
    """The model with the new voice: the vector of the nearest voice, its own pitch and level."""
    base = load_checkpoint(training.acoustic_path, AcousticModel)
    known, name = base.config.voices, training.name
    if name in known:
        raise ValueError(f"the model has a voice {name!r}; give the new voice another name")
    model = with_voices(base, (*known, name))
    symbols = PhonemeTokenizer(inventory=base.config.symbols)
    corpus = FeatureDataset([training.features / TRAIN], symbols, model.config.voices)
    statistics, own = Statistics.of(model), corpus.statistics
    statistics.pitch[-1], statistics.peak_level[-1] = own.pitch[-1], own.peak_level[-1]
    if not own.pitch[-1, 1] > 0:
        raise ValueError(f"the clips of {training.work} have no pitch; check that they are speech")
    statistics.copy_to(model)
    corpus.statistics = statistics
    model.voices.weight.data[-1] = nearest_vector(model, corpus)
    return model


@torch.no_grad()
def nearest_vector(model: AcousticModel, corpus: FeatureDataset) -> torch.Tensor:
    """The vector of a voice, other than the last, with the lowest loss of the expected mel."""
    batch = corpus.batch(START_CLIPS, voice_flow_matching().crop, Generator().manual_seed(0))
    table, losses = model.voices.weight.data, list[float]()
    for vector in table[:-1].clone():
        table[-1] = vector
        losses.append(mean_loss(model, encode_batch(model, batch), batch)["mean"].item())
    return table[int(np.argmin(losses))].clone()


def voice_of(tuned: AcousticModel, training: VoiceTraining, card: VoiceCard) -> VoiceFile:
    """The voice file of a fine-tuned model: its voice, and what differs from the base.

    Args:
        tuned: the fine-tuned model.
        training: names the base model and the voice.
        card: about the voice.
    """
    base = load_checkpoint(training.acoustic_path, AcousticModel).state_dict()
    place = tuned.config.voices.index(training.name)
    weights = tuned.state_dict()
    differences = {
        key: (weight - base[key]).numpy()
        for key, weight in weights.items()
        if key not in FIXED["acoustic"] and not torch.equal(weight, base[key])
    }
    return VoiceFile(
        card=card,
        vector=weights["voices.weight"][place].numpy(),
        pitch=tuned.pitch[place].numpy(),
        peak_level=tuned.peak_level[place].item(),
        acoustic=differences,
    )
