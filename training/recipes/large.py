"""Recipes of a larger teacher: a big multi-step model, and one of the shipped size taught by it.

Neither has been run: the larger decoder costs seven times the arithmetic of the shipped one, which
is more than our CPUs have time for. Tests take two steps of each.
"""

from dataclasses import replace

from tts.config import DecoderConfig

from ..config import AcousticRun
from .speech import flow_matching_gpu, split_mean_flow_gpu

LARGE = DecoderConfig(dim=768, depth=10)


def large_flow_matching_gpu() -> AcousticRun:
    """Train a larger teacher on one GPU: encoder, mel map and prosody map, by flow matching.

    From features, from random weights; 10 minutes. As `flow_matching_gpu`, with a mel decoder of
    768 channels and 10 blocks, half the batch and half the rates, chosen by hand. Writes one
    acoustic model, for many steps.
    """
    run = flow_matching_gpu()
    return replace(
        run,
        name="large_flow_matching_gpu",
        model=replace(run.model, decoder=LARGE),
        batch=192,
        rate=1.5e-3,
        matrix_rate=2e-3,
        minutes=10,
    )


def small_from_large() -> AcousticRun:
    """Distil the larger teacher into a one-step student of the shipped size, on one GPU.

    From the averages of `large_flow_matching_gpu`, which are the frozen teacher; 6 minutes. Encoder
    and prosody map begin as the teacher's; the mel decoder begins anew, as its sizes differ, at the
    rates of `flow_matching_gpu`. Its boundary terms fit the teacher's velocities (SplitMeanFlow,
    arXiv 2507.16884). Writes one acoustic model. `split_mean_flow_gpu` has a teacher of the same
    size.
    """
    run, teacher = flow_matching_gpu(), "runs/large_flow_matching_gpu/average.safetensors"
    return replace(
        split_mean_flow_gpu(),
        name="small_from_large",
        start=teacher,
        teacher=teacher,
        fresh=("decoder",),
        rate=run.rate,
        matrix_rate=run.matrix_rate,
        minutes=6,
    )


LARGER = (large_flow_matching_gpu, small_from_large)
