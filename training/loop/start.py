"""The models that a run starts from: its start checkpoint and its frozen teacher."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, TypeVar

import torch
from torch import Tensor

from tts.acoustic.model import AcousticModel
from tts.checkpoint import read_metadata
from tts.torch_checkpoint import Model, load_checkpoint
from tts.voices import known_voices

from ..config import FRESH, AcousticRun, BaseRun, VocoderRun

Config = Mapping[str, Any]
AnyPlan = TypeVar("AnyPlan", bound=BaseRun)
RUNS = Path("runs")  # folder of runs in the paths of recipes
# keys of an acoustic model that the reading of a text, and the scale of mels, do not depend on
NOT_READING = ("decoder", "prosody", "pause", "pitch", "loudest")
BY_VOICE = ("voices.weight", "pitch", "loudest")  # tensors with a row for each voice


def load_start(run: AcousticRun | VocoderRun, kind: type[Model]) -> Model | None:
    """The model of a run's start checkpoint, with a row for each voice of the run, or None.

    Parts that are `fresh` in the run have its sizes, and random weights.

    Raises:
        ValueError: sizes, symbols or convention of the checkpoint differ from the recipe's.
    """
    if not run.start:
        return None
    fresh = run.fresh if isinstance(run, AcousticRun) else ()
    model = _fitting(run, run.start, kind, fresh)
    if fresh and isinstance(model, AcousticModel) and isinstance(run, AcousticRun):
        begun = AcousticModel(run.model)
        kept = {
            name: weight
            for name, weight in model.state_dict().items()
            if name.partition(".")[0] not in fresh
        }
        begun.load_state_dict(kept, strict=False)
        return begun.eval()
    return model


def teacher(run: AcousticRun) -> AcousticModel | None:
    """The frozen teacher of a run, or None: its `teacher`, or else its `start`.

    Its mel decoder and its prosody network may have other sizes than the run's.

    Raises:
        ValueError: its symbols, voices or conditioning differ from the recipe's.
    """
    path = run.teacher or run.start
    if not run.has_frozen_teacher or not path:
        return None
    return _fitting(run, path, AcousticModel, FRESH)


def weak_teacher(run: AcousticRun) -> AcousticModel | None:
    """The second, weaker teacher of a run, or None.

    Raises:
        ValueError: its symbols, voices or conditioning differ from the recipe's.
    """
    if not run.has_weak_teacher or not run.weak:
        return None
    return _fitting(run, run.weak, AcousticModel, FRESH)


def check_reading(run: AcousticRun, model: AcousticModel, guide: AcousticModel) -> None:
    """Refuse a frozen teacher that reads texts otherwise than the model in training.

    The student learns from the teacher's reading, and speaks by its own.

    Raises:
        ValueError: a weight of the encoder or of the conditioning, or a statistic, differs.
    """
    own, other = model.state_dict(), guide.state_dict()
    parts = [name for name in own if name.partition(".")[0] not in NOT_READING]
    different = [name for name in parts if not torch.equal(own[name].cpu(), other[name].cpu())]
    if different:
        raise ValueError(
            f"the teacher {run.teacher} of run {run.name} reads texts otherwise than {run.start}: "
            f"{different[0]} differs; start from a model with the teacher's encoder"
        )


def _fitting(
    run: AcousticRun | VocoderRun, path: str, kind: type[Model], free: Sequence[str] = ()
) -> Model:
    """The model of a checkpoint, whose sizes are the run's, but for the parts that are free."""
    model = load_checkpoint(Path(path), kind)
    if isinstance(model, AcousticModel) and isinstance(run, AcousticRun):
        model = with_voices(model, run.model.voices)
    found, wanted = (
        {**asdict(config), **dict.fromkeys(free)} for config in (model.config, run.model)
    )
    if other := _differences(found, wanted):
        raise ValueError(
            f"{path} does not fit recipe {run.name}: {', '.join(other)}; name another "
            "checkpoint, or change the recipe with --set"
        )
    return model


def _differences(
    found: Mapping[str, Any], wanted: Mapping[str, Any], within: str = ""
) -> list[str]:
    """The options that differ in two configs, each as `model.encoder.heads (4 there)`."""
    names = list[str]()
    for name, value in found.items():
        path = f"{within or 'model'}.{name}"
        if isinstance(value, Mapping):
            names += _differences(value, wanted[name], path)
        elif value != wanted[name]:
            names.append(f"{path} ({value} there)")
    return names


def first_voices(run: AcousticRun) -> tuple[str, ...]:
    """The voices of a run without those of its clips: its checkpoint's, or its recipe's."""
    if run.start is None:
        return run.model.voices
    metadata = read_metadata(Path(run.start))
    try:
        return known_voices(metadata)
    except ValueError as error:
        raise ValueError(f"cannot read {run.start}: {error}; name another checkpoint") from error


def found_in(run: AnyPlan, runs: Path) -> AnyPlan:
    """The same run with another folder of runs in place of `runs` in the paths of its recipe.

    Example:
        >>> from tts.training.recipes import prosody
        >>> found_in(prosody(), Path("trials")).start
        'trials/flow_matching/average.safetensors'
    """
    paths = {name: getattr(run, name, None) for name in ("start", "teacher", "weak")}
    moved: dict[str, Any] = {
        name: str(runs / Path(path).relative_to(RUNS))
        for name, path in paths.items()
        if path and Path(path).is_relative_to(RUNS)
    }
    return replace(run, **moved)


def with_voices(model: AcousticModel, voices: tuple[str, ...]) -> AcousticModel:
    """The same model for these voices; a new voice starts from the mean of the known ones."""
    known = model.config.voices
    if voices == known:
        return model
    rows = torch.tensor([known.index(voice) if voice in known else len(known) for voice in voices])
    weights = model.state_dict()
    for name in BY_VOICE:
        table: Tensor = weights[name]
        weights[name] = torch.cat([table, table.mean(dim=0, keepdim=True)])[rows]
    grown = AcousticModel(replace(model.config, voices=voices))
    grown.load_state_dict(weights)
    return grown.eval()
