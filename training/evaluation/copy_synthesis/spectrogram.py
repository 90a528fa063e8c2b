"""Pictures of spectrograms: a recording's above its copy's.

Frequency is linear, so that smeared harmonics above 4 kHz are visible.
"""

from pathlib import Path

import numpy as np
from jaxtyping import Float, UInt8
from PIL import Image, ImageDraw

from tts.audio import Audio
from tts.config import MelConfig
from tts.files import atomic_write

from .measures import magnitudes

SHARPNESS = 2  # columns for each frame
RANGE = 80.0  # dB
SILENT = 1e-5  # least magnitude, for the logarithm
TICK = 2000  # Hz
MARGIN, GAP = 48, 20
# from faint to loud, with rising lightness
COLOURS = ((0, 0, 4), (80, 18, 123), (182, 54, 121), (251, 136, 97), (252, 253, 191))


def draw(recording: Audio, copy: Audio, config: MelConfig, path: Path) -> None:
    """Write a PNG; both are on one scale, from 80 dB below the recording's peak."""
    first, second = (level(audio, config) for audio in (recording, copy))
    peak = float(first.max())
    panels = [paint(found, peak) for found in (first, second)]
    height, width, _ = panels[0].shape
    image = Image.new("RGB", (MARGIN + width, 2 * (GAP + height)), "white")
    for row, (title, panel) in enumerate(zip(("recording", "copy"), panels, strict=True)):
        top = row * (GAP + height) + GAP
        image.paste(Image.fromarray(panel), (MARGIN, top))
        _label(ImageDraw.Draw(image), title, top, config)
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_write(path) as partial:
        image.save(partial, format="PNG")


def level(audio: Audio, config: MelConfig) -> Float[np.ndarray, "bins columns"]:
    """The level of each bin in dB, the highest frequency first."""
    hop = config.hop // SHARPNESS
    found = magnitudes(audio, config.n_fft, hop, config.n_fft).clamp(min=SILENT)
    return 20 * found.log10().flip(0).numpy()


def paint(
    level: Float[np.ndarray, "bins columns"], peak: float
) -> UInt8[np.ndarray, "bins columns 3"]:
    """Colours of levels: the darkest at 80 dB or more below the peak, the lightest at it."""
    strength = (1 + (level - peak) / RANGE).clip(0, 1)
    known = np.linspace(0, 1, len(COLOURS))
    channels = [np.interp(strength, known, shades) for shades in zip(*COLOURS, strict=True)]
    return np.stack(channels, axis=2).astype(np.uint8)


def _label(pen: ImageDraw.ImageDraw, title: str, top: int, config: MelConfig) -> None:
    highest = config.n_fft // 2
    pen.text((MARGIN, top - GAP + 4), title, fill="black")
    for hertz in range(0, config.sample_rate // 2 + 1, TICK):
        y = top + highest - hertz * config.n_fft // config.sample_rate
        pen.line([(MARGIN - 4, y), (MARGIN, y)], fill="black")
        pen.text((2, min(y, top + highest - 8) - 4), f"{hertz // 1000} kHz", fill="black")
