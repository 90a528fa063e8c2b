"""start(run, kind): the model a run begins from, if it names one."""

import json
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor

from training.run import Run, VocoderRun
from tts.acoustic import AcousticModel
from tts.checkpoint import Model, load, read_metadata

BY_VOICE = ("voices.weight", "pitch", "loudest")  # tables of a row for each voice


def start(run: Run | VocoderRun, kind: type[Model]) -> Model | None:
    """The checkpoint a run starts from, with a row for each voice of the run.

    Raises:
        ValueError: the checkpoint is of other sizes, symbols or convention than the recipe.
    """
    return _fitting(run, run.start, kind) if run.start else None


def teacher(run: Run) -> AcousticModel | None:
    """The frozen teacher of a run, if it has one: the model it names, or the one it starts from."""
    path = run.teacher or run.start
    return _fitting(run, path, AcousticModel) if run.taught and path else None


def _fitting(run: Run | VocoderRun, path: str, kind: type[Model]) -> Model:
    model = load(Path(path), kind)
    if isinstance(model, AcousticModel) and isinstance(run, Run):
        model = with_voices(model, run.model.voices)
    if model.config != run.model:
        raise ValueError(f"{path} is not a model of recipe {run.name}; name one that is")
    return model


def first_voices(run: Run) -> tuple[str, ...]:
    """The voices a run has before those of its clips: its checkpoint's, or its recipe's."""
    if run.start is None:
        return run.model.voices
    return tuple(json.loads(read_metadata(Path(run.start))["config"])["voices"])


def with_voices(model: AcousticModel, voices: tuple[str, ...]) -> AcousticModel:
    """The same model for these voices: known rows are copied by name, new ones are their mean."""
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
