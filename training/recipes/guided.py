"""Recipes with guidance: a teacher that can be guided, and students that are.

Guidance exaggerates what the conditions of a sentence change (`acoustic.guidance`). Scales are
chosen by hand and not tuned. The conditions of speech, a text with lengths, pitch and energy, leave
less to exaggerate than the classes of images, for which the papers have scales of 2 to 8.
"""

from dataclasses import replace

from ..acoustic.guidance import Guidance
from ..acoustic.terms import Ramp, Term
from ..config import AcousticRun
from .flow_maps import mean_flow
from .speech import flow_matching, split_mean_flow

DROPPED = 0.1  # of the items, as in the public code of MeanFlow
SCALE = 1.5  # chosen by hand
THIRD, TWO_THIRDS = (Ramp(start=share, end=share) for share in (1 / 3, 2 / 3))


def guidable_flow_matching() -> AcousticRun:
    """Teach a flow-matching model to do without conditions, so that it can be guided.

    From the averages of `prosody`; 30 minutes. A tenth of the items loses text, lengths, pitch and
    energy, and keeps the voice (classifier-free guidance, arXiv 2207.12598). Writes one acoustic
    model, whose mel map alone is trained.
    """
    return replace(
        flow_matching(),
        name="guidable_flow_matching",
        start="runs/prosody/average.safetensors",
        freeze_encoder=True,
        unconditional=DROPPED,
        minutes=30,
        rate=8e-4,
        matrix_rate=8e-4,
    )


def guided_split_mean_flow() -> AcousticRun:
    """SplitMeanFlow from a teacher that is guided at one scale (arXiv 2507.16884).

    From the averages of `guidable_flow_matching`, which are start and frozen teacher; 120 minutes.
    The student takes the guidance over, and needs one evaluation a step; it loses no conditions, as
    in the paper. Writes one acoustic model, whose mel map alone is trained.
    """
    boundary, *others = split_mean_flow().terms
    return replace(
        split_mean_flow(),
        name="guided_split_mean_flow",
        terms=(replace(boundary, teacher="guided"), *others),
        maps=("mel",),
        start="runs/guidable_flow_matching/average.safetensors",
        guidance=SCALE,
    )


def mean_flow_guided() -> AcousticRun:
    """MeanFlow, guided by itself (arXiv 2505.13447, section 4.2).

    As `mean_flow`, but its target mixes the velocity of the path with the student's own, with
    conditions and without. In the public code omega is 1 and kappa 0.5, a scale of 2. Writes one
    acoustic model, whose mel map alone is trained.
    """
    (term,) = mean_flow().terms
    return replace(
        mean_flow(),
        name="mean_flow_guided",
        terms=(replace(term, teacher="guided"),),
        maps=("mel",),
        guidance=2.0,
        guided=Guidance(source="student", kappa=0.5),
        unconditional=DROPPED,
    )


def improved_mean_flow() -> AcousticRun:
    """Improved MeanFlow: a velocity head, and guidance as an input (arXiv 2512.02012).

    As in the paper, half of the jumps have no length, errors are weighted, and scales are
    log-uniform from 1; ours end at 3, the paper's at 8. There one evaluation trains both heads;
    here a third of the batch trains the head, at jumps of no length, where it is used. Writes one
    plain acoustic model, of a scale of 1.5, whose mel map alone is trained.
    """
    (term,) = mean_flow_guided().terms
    return replace(
        mean_flow_guided(),
        name="improved_mean_flow",
        terms=(
            Term(
                objective="boundary",
                times="diagonal",
                teacher="guided",
                share=THIRD,
                weighting="adaptive",
            ),
            replace(term, objective="improved_mean_flow", flat=0.5, share=TWO_THIRDS),
        ),
        guidance=SCALE,
        guided=Guidance(source="student", kappa=None, highest=3.0),
        velocity_head=True,
    )


GUIDED = (guidable_flow_matching, guided_split_mean_flow, mean_flow_guided, improved_mean_flow)
