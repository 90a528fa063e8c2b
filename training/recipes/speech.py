"""Recipes of the shipped models: teacher, one-step student, vocoder, and a new voice."""

from dataclasses import replace

from tts.config import EncoderConfig, ModelConfig, VocoderConfig
from tts.text.pronounce.symbols import END, INVENTORY, START

from ..acoustic.terms import MAPS, Ramp, Term
from ..config import AcousticRun, JointRun, VocoderRun
from ..data.dataset import MISAKI_CLIPS, Selection
from ..vocoder.discriminators import DiscriminatorConfig

# The encoder is convolutional and sees four symbols to either side: at equal time all losses but
# that of pauses are lower than with attention (log of 2026-11-28, "Experiments on the acoustic
# model"). The prosody networks have attention of their own.
MODEL = ModelConfig(
    symbols=START + END + INVENTORY,
    voices=("heart", "michael"),
    encoder=EncoderConfig(kernel=3, heads=0),
)
# phrases lower the prosody loss of short texts and cost whole sentences 2 to 4 % (the same log)
WITH_PHRASES = replace(MISAKI_CLIPS, phrases=0.15)
NONE, QUARTER, HALF, THREE_QUARTERS = (
    Ramp(start=share, end=share) for share in (0.0, 0.25, 0.5, 0.75)
)


def flow_matching() -> AcousticRun:
    """Train the teacher on a CPU: text encoder and mel map, by flow matching.

    From features, from random weights; 240 minutes. Writes one acoustic model, whose velocities
    the student is distilled from. Flow matching: arXiv 2210.02747.
    """
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
    """Distil the teacher into a student that needs one step (SplitMeanFlow, arXiv 2507.16884).

    From the averages of `prosody`, which are start and frozen teacher; both maps are trained, the
    encoder stays as it is; 120 minutes. Writes one acoustic model.

    At least half of a batch are boundary terms, which the paper needs for stable training. That
    the share falls from 0.75 and intervals grow from 0.1 over the first third is chosen by hand.
    The term of whole jumps has no share: 35 % of them changed nothing (log of 2026-11-28).
    """
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
    """Train the prosody map and the pause network alone, by flow matching.

    From the averages of `flow_matching`, whose encoder and mel map stay as they are; 30 minutes.
    Writes one acoustic model: the averages with the lowest held-out prosody loss, as this map
    overfits first. Alone, with batches of 64, its held-out loss fell by 8 to 10 % (log of
    2026-11-28, "After the mel").
    """
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
    """Fine-tune the student's one step on the end points of its teacher's trajectories.

    From the averages of `split_mean_flow`, with those of `prosody` as frozen teacher; 10 minutes.
    Writes one acoustic model. It raised the deviation ratio of one step from .90 to .95 and cost
    1 % of the velocity losses (log of 2026-11-28, "After the mel"); its shares are chosen by hand.
    """
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
    """Train the teacher on one GPU: encoder, mel map and prosody map, by flow matching.

    From features, from random weights; 5 minutes. Writes one acoustic model. Batches are 16 times
    those of `flow_matching`, and the mel decoder is compiled.

    Rates are twice those of the small batches, chosen by hand and not tuned: between the square
    root of 16, by which the noise of a gradient falls, and no change.
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
    """Distil the teacher into a one-step student on one GPU (`split_mean_flow`, compiled).

    From the averages of `flow_matching_gpu`, which are start and frozen teacher; 3 minutes. Writes
    one acoustic model. Its terms have half of each batch from the start, since compiled graphs
    need fixed shapes; the rates are twice those of the small batches, chosen by hand.
    """
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
    """Train the vocoder on a CPU: Vocos (arXiv 2306.00814) with a harmonic source.

    From recordings, from random weights; 180 minutes: spectral losses, from a quarter on also
    discriminators, from 0.85 on also one-step mels of the shipped acoustic model. Writes one
    vocoder. The discriminators are those that were best at equal minutes (log of 2026-11-27, "The
    vocoder"); the learning rate and betas are those of Vocos' public configuration.
    """
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
    """Train a vocoder whose backbone takes two frames as one position.

    Otherwise as `vocoder`, 180 minutes. It needs .45 GFLOP a second of audio for .74, and its
    copies lose .1 to .3 of DistillMOS at equal time (log of 2026-11-28).
    """
    model = replace(vocoder().model, patch=2)
    return replace(vocoder(), name="vocoder_patched", model=model)


def vocoder_gpu() -> VocoderRun:
    """Train a vocoder of twice the parameters on one GPU.

    From recordings, from random weights; 25 minutes. Writes one vocoder. Its discriminators are
    spectrograms of 32 channels, as in Vocos, and the periods of HiFi-GAN (arXiv 2010.05646).
    """
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
    """Fine-tune mel decoder and vocoder together, on waveforms, against discriminators.

    From an acoustic model and a vocoder, by default the shipped ones; 60 minutes. Writes both.
    Encoder and prosody map stay as they are. It raised DistillMOS by .1 to .4 in one step (log of
    2026-11-28, "Decoder and vocoder together, on waveforms"), at the temperature that it trains.
    """
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


def voice_flow_matching() -> AcousticRun:
    """Fine-tune a model on one speaker by flow matching.

    From a checkpoint that has the voice (`tts voice train` makes it), on its features; its steps
    are those for one minute of recordings. Writes one acoustic model, the averages with the lowest
    held-out loss of the mel map. That all weights are trained, and the rates, are of the log of
    2026-11-29.
    """
    return replace(
        flow_matching(),
        name="voice_flow_matching",
        selection=Selection(phrases=0.3),
        maps=MAPS,
        start="runs/start.safetensors",
        watch="mel/flow_matching",
        patience=4,
        minutes=None,
        steps=140,
        batch=16,
        crop=160,
        rate=5e-4,
        matrix_rate=None,
        warmup=20,
        average=0.99,
        weight_decay=0.0,
        save_minutes=60.0,
        save_steps=50,
    )


def voice_split_mean_flow() -> AcousticRun:
    """Distil a fine-tuned voice into one step (SplitMeanFlow).

    From the averages of `voice_flow_matching`, which are start and frozen teacher. Writes one
    acoustic model, the averages whose one step is nearest to the end points of the teacher.
    """
    boundary, semigroup, _ = split_mean_flow().terms
    return replace(
        voice_flow_matching(),
        name="voice_split_mean_flow",
        terms=(boundary, semigroup),
        start="runs/voice_flow_matching/average.safetensors",
        watch="mel/endpoint",
        steps=400,
        rate=4e-4,
    )


SPEECH = (
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
    voice_flow_matching,
    voice_split_mean_flow,
)
