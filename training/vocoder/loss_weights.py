"""Weights of the losses of the vocoder, and of speech whose mel is generated."""

from dataclasses import dataclass

from tts.validation import check_types


@dataclass(frozen=True, kw_only=True, slots=True)
class VocoderLossWeights:
    """Weights of the vocoder's losses, on copies of recordings; a weighted sum is minimised.

    All are chosen by hand and not tuned. (Vocos, arXiv 2306.00814, has 45 for its mel loss; here
    two more spectral losses stand beside it.)

    Args:
        mel: log-mel distance (`losses.spectral_losses`).
        convergence: spectral convergence.
        magnitude: log-magnitude distance.
        adversarial: hinge loss against the discriminators.
        features: relative feature matching; relative distances are small, hence the weight.
        pitch: error of the predicted F0, in octaves.
        voicing: cross-entropy of voiced against unvoiced frames.
    """

    mel: float = 30.0
    convergence: float = 1.0
    magnitude: float = 2.0
    adversarial: float = 2.0
    features: float = 10.0
    pitch: float = 5.0
    voicing: float = 1.0

    def __post_init__(self) -> None:
        check_types(self)


@dataclass(frozen=True, kw_only=True, slots=True)
class SpeechLossWeights(VocoderLossWeights):
    """Weights of the losses of speech whose mel the decoder generates from noise.

    Such speech has the recording's timing but not its every detail, and distances to the recording
    pull it towards the mean. So the spectral losses have a third of their weight for copies, and
    the adversarial loss twice its. Chosen by hand; not tuned.

    Args:
        frames: L1 distance of the generated mel from the recording's, in normalised units.
    """

    mel: float = 10.0
    convergence: float = 0.3
    magnitude: float = 0.7
    adversarial: float = 4.0
    features: float = 10.0
    frames: float = 1.0
