"""Draws `docs/architecture.svg`, text to sound with tensor shapes, from the shipped checkpoints.

Run it in the source tree: python docs/draw_architecture.py
"""

from html import escape
from pathlib import Path

from torch.nn import Module

from tts.acoustic.model import AcousticModel
from tts.synthesis import shipped_checkpoint
from tts.torch_checkpoint import load_checkpoint
from tts.vocoder.model import Vocoder

PATH = Path(__file__).with_name("architecture.svg")
WIDTH, MIDDLE = 760, 400
STYLE = """
text { font: 14px system-ui, sans-serif; fill: #1c2733; text-anchor: middle }
.title { font-weight: 600; font-size: 15px }
.small { font-size: 12.5px; fill: #43525f }
.shape { font: 13px ui-monospace, Menlo, Consolas, monospace; text-anchor: start }
.room { font-weight: 600; text-anchor: start }
.page { fill: #ffffff; stroke: #c9d2da }
.line { stroke: #5b6b79; stroke-width: 1.6; fill: none }
.tip { fill: #5b6b79 }
.front { fill: #e3eefb; stroke: #4b83c3 }
.acoustic { fill: #e0f4ef; stroke: #2c8f78 }
.vocoder { fill: #fdeedd; stroke: #c07a26 }
.value { fill: #eef1f4; stroke: #93a1ad }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } .small { fill: #aebac5 }
  .page { fill: #1b222b; stroke: #3a4754 } .line { stroke: #93a3b1 } .tip { fill: #93a3b1 }
  .front { fill: #1d3450 } .acoustic { fill: #163d35 } .vocoder { fill: #46301a }
  .value { fill: #2a333d }
}
"""


def box(kind: str, middle: float, top: float, width: float, *lines: str) -> str:
    """A box of a title and smaller lines, centred at `middle`."""
    height = 24 + 18 * len(lines)
    shape = (
        f'<rect class="{kind}" x="{middle - width / 2:g}" y="{top:g}" width="{width:g}" '
        f'height="{height}" rx="7"/>'
    )
    words = [
        f'<text class="{"small" if number else "title"}" x="{middle:g}" '
        f'y="{top + 24 + 18 * number:g}">{escape(line)}</text>'
        for number, line in enumerate(lines)
    ]
    return "".join([shape, *words])


def arrow(points: str, *labels: str) -> str:
    """A line through points such as `400,80 400,120`, with labels right of where it begins."""
    x, y = map(float, points.split()[0].split(","))
    words = [
        f'<text class="shape" x="{x + 12:g}" y="{y + 20 + 17 * number:g}">{escape(label)}</text>'
        for number, label in enumerate(labels)
    ]
    return f'<polyline class="line" points="{points}" marker-end="url(#tip)"/>' + "".join(words)


def room(top: float, name: str) -> str:
    return f'<text class="room" x="18" y="{top:g}">{escape(name)}</text>'


def millions(*modules: Module) -> str:
    count = sum(each.numel() for module in modules for each in module.parameters())
    return f"{count / 1e6:.1f} M parameters"


def draw() -> str:
    """The drawing, as SVG."""
    acoustic = load_checkpoint(shipped_checkpoint("acoustic"), AcousticModel)
    vocoder = load_checkpoint(shipped_checkpoint("vocoder"), Vocoder)
    config, sizes = acoustic.config, vocoder.config
    mel, dim = config.mel, config.encoder.dim
    bins = mel.n_fft // 2 + 1
    rate = f"{mel.sample_rate / mel.hop:g} frames a second"
    parts = [
        room(88, "tts/text"),
        box("value", MIDDLE, 16, 300, "“Dr. Lee read 3 books.”"),
        arrow(f"{MIDDLE},58 {MIDDLE},90"),
        box("front", MIDDLE, 90, 300, "Front end", "markup, normalisation, pronunciation"),
        arrow(f"{MIDDLE},150 {MIDDLE},204", "tokens  [batch text]"),
        room(232, "tts/acoustic"),
        box(
            "acoustic",
            MIDDLE,
            204,
            300,
            "Text encoder",
            f"{config.encoder.depth} blocks: convolution {config.encoder.kernel}, attention",
            millions(acoustic.encoder),
        ),
        box("value", 120, 250, 180, "voice", f"[batch {config.voice_dim}], for all three"),
        arrow("210,272 248,250"),
        arrow(f"{MIDDLE},282 {MIDDLE},336", f"hidden  [batch text {dim}]"),
        box(
            "acoustic",
            MIDDLE,
            336,
            300,
            "Prosody map, one jump",
            f"{config.prosody.depth} blocks, {config.prosody.dim} wide, attention; pauses",
            millions(acoustic.prosody, acoustic.pause),
        ),
        box("value", 120, 340, 180, "noise", "[batch text 3]"),
        arrow("210,370 248,370"),
        box("value", 655, 340, 170, "tags, Delivery", "pace, pitch, energy"),
        arrow("570,370 552,370"),
        arrow(
            f"{MIDDLE},414 {MIDDLE},484",
            "length, pitch, energy  [batch text 3]",
            "durations  [batch text], in frames",
        ),
        box("acoustic", MIDDLE, 484, 300, "Length regulation", "each symbol for its frames"),
        arrow(
            f"{MIDDLE},544 {MIDDLE},614",
            f"conditioning  [batch frames {mel.bands + dim}]",
            f"= expected mel {mel.bands} + hidden {dim}",
        ),
        box(
            "acoustic",
            MIDDLE,
            614,
            300,
            "Mel map, one jump",
            f"{config.decoder.depth} ConvNeXt blocks, {config.decoder.dim} wide, "
            f"patches of {config.decoder.patch}",
            millions(acoustic.decoder),
        ),
        box("value", 120, 618, 180, "noise", f"[batch frames {mel.bands}]"),
        arrow("210,648 248,648"),
        arrow(f"{MIDDLE},692 {MIDDLE},742 210,742 210,778"),
        arrow(f"{MIDDLE},692 {MIDDLE},742 570,742 570,778", f"log-mel  [batch frames {mel.bands}]"),
        f'<text class="shape" x="{MIDDLE + 12}" y="730">{rate}</text>',
        room(768, "tts/vocoder"),
        box(
            "vocoder",
            210,
            778,
            280,
            "Vocos backbone",
            f"{sizes.depth} ConvNeXt blocks, {sizes.dim} wide",
            millions(vocoder.backbone),
        ),
        box(
            "vocoder",
            570,
            778,
            280,
            "Harmonic source",
            "F0 from the mel; pulses and noise",
            millions(vocoder.source),
        ),
        arrow("210,856 210,896 360,896 360,936"),
        f'<text class="shape" x="28" y="920">hidden  [batch frames {sizes.dim}]</text>',
        arrow("570,856 570,896 440,896 440,936"),
        f'<text class="shape" x="456" y="920">2 spectra  [batch frames {bins}]</text>',
        box("vocoder", MIDDLE, 936, 300, "Harmonic head", "shapes pulses, noise and mel"),
        arrow(f"{MIDDLE},996 {MIDDLE},1050", f"spectra  [batch frames {bins}], complex"),
        box(
            "vocoder",
            MIDDLE,
            1050,
            300,
            "Inverse STFT",
            f"window {mel.n_fft}, hop {mel.hop}, overlap-add",
        ),
        arrow(f"{MIDDLE},1110 {MIDDLE},1150"),
        box(
            "value",
            MIDDLE,
            1150,
            300,
            f"audio  [batch {mel.hop}·frames]",
            f"{mel.sample_rate / 1000:g} kHz, from -1 to 1",
        ),
    ]
    height = 1228
    tip = (
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
        'markerHeight="7" orient="auto"><path class="tip" d="M0 0 8 4 0 8z"/></marker></defs>'
    )
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'aria-label="Text to sound, with tensor shapes">'
    )
    page = f'<rect class="page" x=".5" y=".5" width="{WIDTH - 1}" height="{height - 1}" rx="10"/>'
    return "\n".join([head, f"<style>{STYLE}</style>", tip, page, *parts, "</svg>"]) + "\n"


if __name__ == "__main__":
    PATH.write_text(draw(), encoding="utf-8")
