"""Every run we stand behind, as a function returning a frozen Run."""

from collections.abc import Callable
from dataclasses import replace

from tts.config import EncoderConfig, ModelConfig, VocoderConfig
from tts.text.pronounce.symbols import END, INVENTORY, START

from .acoustic.terms import MAPS, Ramp, Term
from .config import AcousticRun, JointRun, VocoderRun
from .data.dataset import MISAKI_CLIPS
from .vocoder.discriminators import DiscriminatorConfig

# The mel reads the text by convolutions, four symbols to either side; only the prosody needs more,
# and has attention of its own.
MODEL = ModelConfig(
    symbols=START + END + INVENTORY,
    voices=("heart", "michael"),
    encoder=EncoderConfig(kernel=3, heads=0),
)
WITH_PHRASES = replace(MISAKI_CLIPS, phrases=0.15)
NONE, QUARTER, HALF, THREE_QUARTERS = (
    Ramp(start=share, end=share) for share in (0.0, 0.25, 0.5, 0.75)
)


def flow_matching() -> AcousticRun:
    """The teacher on a CPU: the reading of the text and the mel, by flow matching."""
    return AcousticRun(
        name="flow_matching",
        model=MODEL,
        terms=(Term(objective="flow_matching", times="diagonal"),),
        maps=("mel",),
        minutes=240,
        batch=24,
        rate=1.5e-3,
        matrix_rate=2e-3,
        precision="bfloat16",
    )


def split_mean_flow() -> AcousticRun:
    """The one-step student, from the averaged teacher (SplitMeanFlow, arXiv 2507.16884)."""
    share = Ramp(start=0.75, end=0.5, until=1 / 3)
    return replace(
        flow_matching(),
        name="split_mean_flow",
        selection=WITH_PHRASES,
        terms=(
            Term(objective="boundary", times="diagonal", teacher="frozen", share=share),
            Term(
                objective="semigroup",
                times="deployed",
                share=Ramp(start=0.25, end=0.5, until=1 / 3),
                longest=Ramp(start=0.1, end=1.0, until=1 / 3),
            ),
            Term(objective="semigroup", times="whole", share=NONE),
        ),
        maps=MAPS,
        start="runs/prosody/average.safetensors",
        minutes=120,
        rate=8e-4,
        matrix_rate=8e-4,
    )


def prosody() -> AcousticRun:
    """Rhythm and melody alone, after the mel; what is kept had the lowest held-out loss."""
    return replace(
        flow_matching(),
        name="prosody",
        selection=WITH_PHRASES,
        maps=("prosody",),
        start="runs/flow_matching/average.safetensors",
        watch="prosody/flow_matching",
        save_minutes=1.0,
        minutes=30,
        batch=64,
        masked=0.1,
    )


def endpoint() -> AcousticRun:
    """Last lessons of a student: its one jump lands where its teacher's velocity leads."""
    return replace(
        split_mean_flow(),
        name="endpoint",
        terms=(
            Term(objective="boundary", times="diagonal", teacher="frozen", share=QUARTER),
            Term(objective="endpoint", times="whole", teacher="frozen", share=THREE_QUARTERS),
        ),
        start="runs/split_mean_flow/average.safetensors",
        teacher="runs/prosody/average.safetensors",
        minutes=10,
        rate=4e-4,
        matrix_rate=4e-4,
    )


def flow_matching_gpu() -> AcousticRun:
    """The teacher on one GPU, prosody and all: batches 16 times as large, compiled.

    Rates are twice those of the small batches. The noise of a gradient falls with the square root
    of the batch, which would let rates grow fourfold; the steepest slope, which does not fall,
    would not. Twice is between the two, chosen and not measured.
    """
    return replace(
        flow_matching(),
        name="flow_matching_gpu",
        maps=MAPS,
        batch=384,
        rate=3e-3,
        matrix_rate=4e-3,
        compiled=True,
        minutes=5,
        save_minutes=10.0,
    )


def split_mean_flow_gpu() -> AcousticRun:
    """The same student on one GPU; its terms share each batch by halves from the start."""
    boundary, semigroup, whole = split_mean_flow().terms
    return replace(
        split_mean_flow(),
        name="split_mean_flow_gpu",
        terms=(replace(boundary, share=HALF), replace(semigroup, share=HALF), whole),
        start="runs/flow_matching_gpu/average.safetensors",
        batch=384,
        rate=1.6e-3,
        matrix_rate=1.6e-3,
        compiled=True,
        minutes=3,
        save_minutes=10.0,
    )


def vocoder() -> VocoderRun:
    """Vocos on two cores: spectral losses, then slim critics too, then one-step mels as well."""
    return VocoderRun(
        name="vocoder",
        model=VocoderConfig(pitch_dim=96),
        critics=tuple(
            DiscriminatorConfig(kind="spectrogram", size=w, channels=8) for w in (2048, 1024, 512)
        ),
        minutes=180,
        batch=12,
        crop=64,
        rate=5e-4,
        betas=(0.8, 0.9),
        weight_decay=0.0,
        precision="bfloat16",
        perturbed=0.5,
        predicted=0.85,
        acoustic="checkpoints/acoustic.safetensors",
    )


def vocoder_patched() -> VocoderRun:
    """The same vocoder with a backbone on pairs of frames, for half its arithmetic."""
    model = replace(vocoder().model, patch=2)
    return replace(vocoder(), name="vocoder_patched", model=model)


def vocoder_gpu() -> VocoderRun:
    """Twice the parameters on one GPU, against wider critics of both kinds."""
    spectrograms = tuple(
        DiscriminatorConfig(kind="spectrogram", size=w, channels=32) for w in (2048, 1024, 512)
    )
    periods = tuple(
        DiscriminatorConfig(kind="period", size=p, channels=16) for p in (2, 3, 5, 7, 11)
    )
    return replace(
        vocoder(),
        name="vocoder_gpu",
        model=VocoderConfig(dim=384, intermediate_dim=1152, depth=7, pitch_dim=96),
        critics=spectrograms + periods,
        minutes=25,
        batch=48,
    )


def joint() -> JointRun:
    """Mel decoder and vocoder together, on waveforms, when each has learnt alone."""
    return JointRun(
        name="joint",
        critics=vocoder().critics,
        minutes=60,
        batch=8,
        crop=96,
        rate=1e-4,
        betas=(0.8, 0.9),
        weight_decay=0.0,
        precision="bfloat16",
        perturbed=0.5,
    )


Recipe = Callable[[], AcousticRun] | Callable[[], VocoderRun] | Callable[[], JointRun]
RECIPES: dict[str, Recipe] = {
    recipe.__name__: recipe
    for recipe in (
        flow_matching,
        split_mean_flow,
        prosody,
        endpoint,
        flow_matching_gpu,
        split_mean_flow_gpu,
        vocoder,
        vocoder_patched,
        vocoder_gpu,
        joint,
    )
}
