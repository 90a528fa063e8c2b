"""ReducedStage: the acoustic stage of a run that trains the mel decoder alone."""

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Generator

from tts.torch_checkpoint import save_checkpoint

from ..acoustic.losses import flow_losses
from ..acoustic.stage import AcousticStage
from ..acoustic.terms import TrainingStep
from ..config import AcousticRun
from ..data.dataset import FeatureDataset
from ..loop.optim import precision
from ..loop.outcome import StepResult
from .conditioning import FrozenConditioning
