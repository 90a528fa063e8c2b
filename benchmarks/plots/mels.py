"""Mel-spectrograms of one sentence: in one step, by the teacher's many steps, by the reader."""

from pathlib import Path
from typing import Any

import numpy as np

NAMES = {
    "one_step": "shipped flow map, 1 step",
    "teacher": "teacher, 32 midpoint steps",
    "reader": "reader (Kokoro-82M)",
}
HOP_SECONDS = 256 / 24_000
TOP_BYTE = 255
SHADES = 32  # enough to see, and a small file


def read(results: Path) -> dict[str, Any]:
    """The sentence, and rows of bands of each mel, as bytes from the floor to the loudest value."""
    with np.load(results / "mels.npz") as found:
        mels = {name: found[name].tolist() for name in NAMES}
        about = {name: str(found[name]) for name in ("text", "voice")}
        scale = [float(found[name]) for name in ("floor", "top")]
    return about | {"scale": scale, "mels": mels}


def draw(data: dict[str, Any]) -> Any:
    """One above the other, on the same axis of time."""
    from .style import figure

    made = figure(4.4, 3, sharex=True, sharey=True)
    floor, top = data["scale"]
    for axes, (name, title) in zip(made.axes, NAMES.items(), strict=True):
        shades = np.round(np.array(data["mels"][name]) / TOP_BYTE * SHADES) / SHADES
        bands = floor + (top - floor) * shades
        extent = (0, bands.shape[1] * HOP_SECONDS, 0, bands.shape[0])
        image = axes.imshow(
            bands, origin="lower", aspect="auto", extent=extent, cmap="magma",
            interpolation="nearest", vmin=floor, vmax=top,
        )  # fmt: skip
        axes.grid(visible=False)
        axes.set_title(title)
        axes.set_ylabel("mel band")
    made.axes[-1].set_xlabel(f"s ({data['voice']}: \u201c{data['text']}\u201d)")
    made.colorbar(image, ax=made.axes, label="ln magnitude", pad=0.01, aspect=40)
    return made
