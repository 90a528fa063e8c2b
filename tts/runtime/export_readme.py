"""The README of an exported folder: shapes, and the order of calls."""

from collections.abc import Sequence
from typing import Any

START = """\
# Networks of one-step-tts {version} in ONNX

Precision {precision}, opset {opset}, weights within. Each network takes a whole utterance, which is
one sentence. `config.json` has the constants named below: `mel.hop` is `hop` in its part `mel`.
There are no batches. A size that is a name varies from call to call.

| Network | | Name | Type | Shape |
|---|---|---|---|---|
"""
INT8 = """
Linear layers whose input is quantised run in int8. On x86 processors without VNNI instructions,
their sums overflow unless ONNX Runtime's session option `session.x64quantprecision` is 1. Such
processors are faster with single precision.
"""
CALLS = """
## Order of calls

Numbers are in single precision, unless noted.

1. **Symbols.** Put `phonemes.start` before the phonemes and `phonemes.end` after them. `tokens` are
   their numbers in `phonemes.symbols`. The phonemes follow the convention `{convention}`.
2. **Voice.** `voice` is `voices.NAME.vector`, or a weighted mean of several.
3. **Encoder.** `encoder(tokens, voice)` gives `hidden` and the probability `pause` of each symbol.
4. **Which symbols last.** `has_duration` is true for phones, start and end; false for
   `phonemes.stress`; and `pause > 0.5` for `phonemes.pauses`.
5. **Prosody.** Begin with standard normal noise, `symbols 3`, times `noise.prosody_temperature` or
   a number of your own. For each of the steps from time 0 to 1, equally long:
   `x = prosody(hidden, has_duration, x, voice, s, t)`, with `s` where the step begins and `t` where
   it ends. One step, 0 to 1, is the usual number.
   The three numbers are log length, pitch and energy, normalised. To raise the pitch by semitones,
   add `semitones * ln(2) / 12 / voices.NAME.pitch[1]` to the second; to raise the energy, add
   `dB / prosody.deviation[2]` to the third.
6. **Durations.** `exp(x[0] * prosody.deviation[0] + prosody.mean[0]) / pace` frames a symbol, at
   least 1 where `has_duration` is true and else 0. Sum them up in double precision; each end is
   `floor(sum + 0.5)`, and a duration is the difference of two ends.
7. **Frames.** `token` has the index of each frame's symbol. `position` has four numbers a frame.
   With `length` frames in the symbol and `since` of them before this one, they are:
   `(since + 0.5) / length`; `ln(length) / position.log_length_scale`;
   `min(since / position.edge_frames, position.max_edge_distance)`; and the same of
   `length - 1 - since`.
8. **Mel.** Begin with standard normal noise, `frames bands`, times `noise.temperature` or a number
   of your own. Steps are as for prosody:
   `x = decoder(hidden, prosody, token, position, x, voice, s, t)`, with the prosody from step 5.
   The log-mel is `max(x * mel.deviation + mel.mean, mel.floor)`.
"""
HARMONIC = """\
9. **F0.** `f0(mel)` gives `octave` and `voiced`, in double precision. F0 is
   `2 ** (f0.mean_log2_hz + octave)` Hz, from `f0.min_hz` to `f0.max_hz`. A frame is voiced if
   `voiced > 0` there or in one of `f0.gap / 2` frames to either side.
10. **Phase**, in turns and in double precision, at the first sample of each frame. It is 0 where
    voicing begins. From one frame to the next it grows by
    `(F0 * hop + slope * (hop + 1) / 2) / sample_rate`, with `slope` how much F0 rises until then.
    Subtract whole turns.
11. **Pulses.** At sample `i` of a frame, `hertz = F0 + slope * i / hop`,
    `turns = phase + (F0 * i + slope * i * (i + 1) / (2 * hop)) / sample_rate` and
    `n = floor(f0.max_harmonic_hz / hertz)`. With `angle = 2 pi turns`, the sample is the sum of
    `cos(k * angle)` for k from 1 to n, times `sqrt(hertz / f0.reference_hz)`. The sum is
    `(sin((n + 0.5) * angle) / sin(angle / 2) - 1) / 2`; at an angle of 0 it is n. Frames that are
    not voiced have pulses, too: the vocoder weakens them.
12. **Spectra of the source.** A frame's window is centred on its first sample, with zeros outside
    the utterance. `P` is the Fourier transform (bins 0 to n_fft / 2) of the pulses times a periodic
    Hann window, divided by a quarter of that window's sum. `N` is that of standard normal noise
    times the window, divided by the root of the sum of its squares.
13. **Vocoder.** `vocoder(mel)` gives `real`, `imaginary` and `noise_gain`. A frame's spectrum is
    `(real + i imaginary) * P + noise_gain * N`.
14. """
PLAIN = """\
9. **Vocoder.** `vocoder(mel)` gives `real` and `imaginary` of each frame's spectrum.
10. """
END = """\
**Samples.** Inverse transforms of the spectra, times the Hann window, are added with each
    window centred on its frame's first sample. Divide by the sum of the squared windows of the
    frames there are, and clip to -1 and 1. There are `mel.hop` samples a frame.

## Noise

Any generator of standard normal numbers does. To get the samples of this project's own runtime:
positions come in blocks of `noise.block_positions`, and block `i` is
`default_rng((*seed, i)).standard_normal((noise.block_positions, channels), "float32")` of numpy.
`seed` is `(seed, utterance, noise.prosody)` for prosody and `(seed, utterance, noise.mel)` for the
mel, with `utterance` counted from 0; and `(noise.source,)` for the source, with `mel.hop` channels.

## Streaming

`decoder.delay` and `vocoder.delay` are how many frames a frame of the output sees ahead, and as
many behind. To begin speaking early, call a network on stretches with so many more frames on both
sides, cut at multiples of its `patch`, and drop what belongs to them.
"""


def readme(config: dict[str, Any]) -> str:
    """The text for the config of an export."""
    rows = [
        f"| {name} | {kind} | {tensor['name']} | {tensor['dtype']} | {_shape(tensor['shape'])} |\n"
        for name, interface in config["models"].items()
        for kind, key in (("in", "inputs"), ("out", "outputs"))
        for tensor in interface[key]
    ]
    start = START.format(**config) + "".join(rows) + INT8 * (config["precision"] == "int8")
    calls = CALLS.format(convention=config["phonemes"]["convention"])
    return start + calls + (HARMONIC if config["f0"] else PLAIN) + END


def _shape(sizes: Sequence[str | int]) -> str:
    return " ".join(str(size) for size in sizes) or "scalar"
