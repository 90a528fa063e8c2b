"""The stage of a run of durations, from features."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch

from tts.acoustic.model import AcousticModel
from tts.text.pronounce.symbols import PhonemeTokenizer
from tts.torch_checkpoint import load_checkpoint

from ..data.dataset import FeatureDataset
from ..data.statistics import Statistics
from .run import DurationRun
from .sentences import EncodedSentences
from .stage import DurationStage


def duration_stage(
    run: DurationRun, folders: Sequence[Path], held_out: Sequence[Path], device: str = "cpu"
) -> DurationStage:
    """Read sentences, encode them, and build the stage.

    Args:
        run: the run.
        folders: folders of features of the training sets.
        held_out: those of the validation sets.
        device: device of the model and of the training sentences.

    Raises:
        FileNotFoundError: features or the acoustic model are missing.
        ValueError: they are damaged, or clips have other voices or another convention than the
            acoustic model.
    """
    assert run.start is not None, "checked by the run"
    acoustic = load_checkpoint(Path(run.start), AcousticModel)
    if run.selection.conventions != (own := (acoustic.config.convention,)):
        raise ValueError(
            f"the encoder of {run.start} has convention {own[0]}; set selection.conventions of run "
            f'{run.name} to ["{own[0]}"]'
        )
    judges = {
        folder.name: encode_sentences(acoustic, [folder], run) for folder in held_out
    }  # before the model moves: held-out sentences stay on the CPU
    acoustic.to(torch.device(device))
    corpus = encode_sentences(acoustic, folders, run, device)
    sets = tuple(folder.name for folder in folders)
    return DurationStage(replace(run, sets=sets), acoustic, corpus, judges, device)


def encode_sentences(
    acoustic: AcousticModel, folders: Sequence[Path], run: DurationRun, device: str = "cpu"
) -> EncodedSentences:
    """The selected sentences of sets, encoded by an acoustic model on the same device."""
    corpus = read_sentences(acoustic, folders, run).to(torch.device(device))
    return EncodedSentences(acoustic, corpus)


def read_sentences(
    acoustic: AcousticModel, folders: Sequence[Path], run: DurationRun
) -> FeatureDataset:
    """The selected clips of sets, with the symbols, voices and statistics of an acoustic model."""
    symbols = PhonemeTokenizer(inventory=acoustic.config.symbols)
    statistics = Statistics.of(acoustic).to(torch.device("cpu"))
    return FeatureDataset(folders, symbols, acoustic.config.voices, statistics, run.selection)
