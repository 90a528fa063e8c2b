"""start(run, kind): the model a run begins from, if it names one."""

from pathlib import Path

from training.run import Run, VocoderRun
from tts.checkpoint import Model, load


def start(run: Run | VocoderRun, kind: type[Model]) -> Model | None:
    """The checkpoint a run starts from, which must be of the recipe's own size."""
    if run.start is None:
        return None
    model = load(Path(run.start), kind)
    if model.config != run.model:
        raise ValueError(f"{run.start} is not a model of recipe {run.name}; name one that is")
    return model
