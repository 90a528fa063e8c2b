"""Steering speech by a reward: any differentiable function of the mel, at the time of speaking.

Needs PyTorch. The networks stay as they are; the noise that a line is made of changes.

Example:
    >>> from tts import load
    >>> from tts.steering import NoiseAscent, brightness, steer
    >>> brighter = steer(load(runtime="torch"), NoiseAscent(brightness))
    >>> brighter.speak("Hello there.").save("hello.wav")
"""

from tts.steering.ascent import NoiseAscent
from tts.steering.line import LineMap
from tts.steering.rewards import (
    LogMel,
    MeanPitch,
    Reward,
    Rewards,
    SpectrumNearness,
    average_spectrum,
    brightness,
)
from tts.steering.synthesizer import SteeredSynthesizer, steer
from tts.steering.tilting import Particles, Tilting

__all__ = [
    "LineMap",
    "LogMel",
    "MeanPitch",
    "NoiseAscent",
    "Particles",
    "Reward",
    "Rewards",
    "SpectrumNearness",
    "SteeredSynthesizer",
    "Tilting",
    "average_spectrum",
    "brightness",
    "steer",
]
