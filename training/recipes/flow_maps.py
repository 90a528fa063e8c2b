"""Recipes of the other flow-map methods, each with the choices of its paper.

All start from the averages of `prosody`, a flow-matching model, which is also the frozen teacher of
those that need one; both maps are trained for 120 minutes and the text encoder stays as it is. Each
writes one acoustic model. `--start` and `--set teacher=...` name other checkpoints.

Times, shares and weightings are those of the papers or of their public code, where they are known;
learning rates, batches and averages are those of `split_mean_flow`. Most of the papers train from
random weights on images; here all start from the same model of speech, so that they can be compared
(`tts training compare`).
"""

from dataclasses import replace
from typing import Any

from ..acoustic.terms import Ramp, Term
from ..config import AcousticRun
from .speech import split_mean_flow

GROWING = Ramp(start=0.1, end=1.0, until=1 / 3)  # intervals, as in `split_mean_flow`


def split_mean_flow_scratch() -> AcousticRun:
    """SplitMeanFlow without a teacher (arXiv 2507.16884, section 5.1).

    The velocity is learned from the path, by flow matching; shares and intervals are those of
    `split_mean_flow`.
    """
    boundary, semigroup, _ = split_mean_flow().terms
    matching = replace(boundary, objective="flow_matching", teacher="student")
    return _flow_map("split_mean_flow_scratch", matching, semigroup)


def shortcut() -> AcousticRun:
    """Shortcut models (arXiv 2410.12557): an eighth of the batch learns jumps of two halves.

    Lengths are powers of a half, targets are those of averaged weights, as in the public code.
    """
    return _flow_map(
        "shortcut",
        Term(objective="flow_matching", times="uniform_diagonal", share=_share(0.875)),
        Term(objective="shortcut", times="dyadic", teacher="average", share=_share(0.125)),
    )


def psd() -> AcousticRun:
    """Progressive self-distillation (PSD, arXiv 2505.18825), with a uniform split."""
    return _self_distillation("psd", "semigroup")


def lsd() -> AcousticRun:
    """Lagrangian self-distillation (LSD, arXiv 2505.18825)."""
    return _self_distillation("lsd", "lagrangian")


def esd() -> AcousticRun:
    """Eulerian self-distillation (ESD, arXiv 2505.18825)."""
    return _self_distillation("esd", "eulerian_self_distillation")


def _self_distillation(name: str, objective: str) -> AcousticRun:
    """Three quarters flow matching, one quarter jumps.

    The paper also learns a weight of each time. Jumps then count up to 55 times, as their errors
    have no floor of noise, and small networks diverged (log of 2026-11-29). So here none is
    learned.
    """
    return _flow_map(
        name,
        Term(objective="flow_matching", times="uniform_diagonal", share=_share(0.75)),
        Term(objective=objective, times="uniform", share=_share(0.25)),
    )


def lmd() -> AcousticRun:
    """Lagrangian map distillation (LMD, arXiv 2406.07507), of a frozen velocity."""
    return _flow_map(
        "lmd", Term(objective="lagrangian_distillation", times="uniform", teacher="frozen")
    )


def emd() -> AcousticRun:
    """Eulerian map distillation (EMD, arXiv 2406.07507), of a frozen velocity."""
    return _flow_map("emd", Term(objective="eulerian", times="uniform", teacher="frozen"))


def mean_flow() -> AcousticRun:
    """MeanFlow (arXiv 2505.13447): three quarters of the jumps have no length, as in its code."""
    return _flow_map("mean_flow", _mean_flow("mean_flow", flat=0.75))


def pmf() -> AcousticRun:
    """Pixel MeanFlow (pMF, arXiv 2601.22158): the loss of improved MeanFlow, of a data prediction.

    The network of the paper predicts data, so that it has no large values where data are simple.
    Ours predicts velocities, as the shipped decoder does.
    """
    return _flow_map("pmf", _mean_flow("pmf", flat=0.5))


def alpha_flow() -> AcousticRun:
    """Alpha-Flow (arXiv 2510.20771): from flow matching to MeanFlow over the run.

    That half of the jumps have no length is chosen by hand.
    """
    return _flow_map("alpha_flow", _mean_flow("alpha_flow", flat=0.5))


def _mean_flow(objective: str, flat: float) -> Term:
    return Term(
        objective=objective, times="logit_normal", teacher="path", flat=flat, weighting="adaptive"
    )


def align_your_flow() -> AcousticRun:
    """Align Your Flow (AYF-EMD, arXiv 2506.14603), with an autoguided teacher.

    `weak` is a second, weaker teacher, such as one of `flow_matching` with a quarter of the minutes
    and `--name weak`. The paper draws the scale of the guidance from 1 to 3; here it is 2.
    """
    return _align_your_flow("align_your_flow")


def align_your_flow_lagrangian() -> AcousticRun:
    """The Lagrangian form of Align Your Flow (AYF-LMD, arXiv 2506.14603)."""
    return _align_your_flow("align_your_flow_lagrangian")


def _align_your_flow(name: str) -> AcousticRun:
    return _flow_map(
        name,
        Term(objective=name, times="uniform", teacher="autoguided"),
        weak="runs/weak/average.safetensors",
        guidance=2.0,
    )


def terminal_velocity_matching() -> AcousticRun:
    """Terminal Velocity Matching (TVM, arXiv 2511.19797).

    Half flow matching, half the Lagrangian term with averaged weights as teacher, on the gaps of
    the public code. The paper's average for it is faster than that of the checkpoints.
    """
    return _flow_map(
        "terminal_velocity_matching",
        Term(objective="flow_matching", times="diagonal", share=_share(0.5)),
        Term(objective="lagrangian", times="gap_sigmoid", teacher="average", share=_share(0.5)),
    )


def flow_map_matching() -> AcousticRun:
    """Two-sided flow map matching (FMM, arXiv 2406.07507), from the path alone."""
    return _flow_map(
        "flow_map_matching",
        Term(objective="flow_map_matching", times="both_ways", teacher="path", share=_share(0.5)),
        Term(objective="invertibility", times="both_ways", share=_share(0.5)),
    )


def progressive_flow_map_matching() -> AcousticRun:
    """Progressive flow map matching (PFMM, arXiv 2406.07507), in continuous stages.

    The paper has stages, and the teacher is the map of the stage before. Here it is the average of
    the weights, and intervals grow over the run. The velocity is the frozen teacher's.
    """
    return _flow_map(
        "progressive_flow_map_matching",
        Term(objective="boundary", times="diagonal", teacher="frozen", share=_share(0.5)),
        Term(
            objective="progressive",
            times="deployed",
            teacher="average",
            share=_share(0.5),
            longest=GROWING,
        ),
    )


def consistency_distillation() -> AcousticRun:
    """Consistency distillation (CD, arXiv 2303.01469): jumps to the data alone."""
    return _flow_map(
        "consistency_distillation",
        Term(objective="consistency_distillation", times="to_data", teacher="frozen"),
    )


def consistency_training() -> AcousticRun:
    """Consistency training (CT, arXiv 2303.01469), with the distance of arXiv 2310.14189."""
    return _flow_map(
        "consistency_training",
        Term(objective="consistency_training", times="to_data", teacher="path", weighting="huber"),
    )


def int_mean_flow() -> AcousticRun:
    """IntMeanFlow (arXiv 2510.07979): the teacher's mean velocity over any interval."""
    return _flow_map(
        "int_mean_flow", Term(objective="int_mean_flow", times="deployed", teacher="frozen")
    )


def cmt() -> AcousticRun:
    """Consistency mid-training (CMT, arXiv 2509.24526): a start for any other recipe.

    Learns jumps along the teacher's trajectories. Go on with `--start runs/cmt/...`.
    """
    return _flow_map("cmt", Term(objective="cmt", times="deployed", teacher="frozen"))


def drifting() -> AcousticRun:
    """A drifting model (arXiv 2602.04770): one step alone, against the frames of the recording."""
    return _flow_map("drifting", Term(objective="drifting", times="whole"))


def _flow_map(name: str, *terms: Term, **changes: Any) -> AcousticRun:
    return replace(split_mean_flow(), name=name, terms=terms, freeze_encoder=True, **changes)


def _share(part: float) -> Ramp:
    return Ramp(start=part, end=part)


FLOW_MAPS = (
    split_mean_flow_scratch,
    shortcut,
    psd,
    lsd,
    esd,
    lmd,
    emd,
    mean_flow,
    pmf,
    alpha_flow,
    align_your_flow,
    align_your_flow_lagrangian,
    terminal_velocity_matching,
    flow_map_matching,
    progressive_flow_map_matching,
    consistency_distillation,
    consistency_training,
    int_mean_flow,
    cmt,
    drifting,
)
