"""Speak phonemes with the networks that `tts export` writes, by numpy and onnxruntime alone.

python examples/speak.py exported 'ðə kˈæt sˈæt.' --output cat.wav
"""

import argparse
import json
import os
import wave
from itertools import pairwise
from pathlib import Path

import numpy as np

os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # it reports its use to Microsoft otherwise
import onnxruntime


def main():
    parser = argparse.ArgumentParser(description="Speak phonemes with exported networks.")
    parser.add_argument("folder", type=Path, help="what `tts export` has written")
    parser.add_argument("phonemes", help="of one sentence, in the convention of the model")
    parser.add_argument("--output", default="speech.wav", help="wav file to write")
    parser.add_argument("--voice", default="heart", help="one of config.json")
    parser.add_argument("--seed", type=int, default=0, help="another one gives another rendition")
    parser.add_argument("--steps", type=int, default=1, help="from noise to speech")
    parser.add_argument("--pace", type=float, default=1, help="2 is twice as fast")
    given = parser.parse_args()

    if not (given.folder / "config.json").is_file():
        parser.error(f"no config.json in {given.folder}; make it by `tts export {given.folder}`")
    model = Model(given.folder)
    names = model.config["phonemes"]["symbols"]
    if unknown := sorted(set(given.phonemes) - set(names)):
        parser.error(f"no phonemes of the model: {' '.join(unknown)}; docs/guides/export.md helps")
    if given.voice not in model.config["voices"]:
        parser.error(f"unknown voice {given.voice}; voices: {', '.join(model.config['voices'])}")
    samples = model.speak(given.phonemes, given.voice, given.seed, given.steps, given.pace)
    with wave.open(given.output, "wb") as file:
        file.setparams((1, 2, model.mel["sample_rate"], 0, "NONE", ""))
        file.writeframes((samples * 32767).astype("<i2").tobytes())


class Model:
    def __init__(self, folder):
        self.config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        self.mel = self.config["mel"]
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # more are slower on a busy machine
        self.sessions = {
            name: onnxruntime.InferenceSession(folder / name, options)
            for name in self.config["models"]
        }

    def run(self, network, **inputs):
        """The list of a network's outputs."""
        arrays = {name: np.asarray(value) for name, value in inputs.items()}
        return self.sessions[f"{network}.onnx"].run(None, arrays)

    def speak(self, phonemes, voice="heart", seed=0, steps=1, pace=1.0):
        """Samples from -1 to 1."""
        spoken, durations = self.plan(phonemes, voice, seed, steps, pace)
        return self.sound(self.mel_of(spoken, durations, seed, steps))

    def plan(self, phonemes, voice, seed, steps, pace):
        """What the decoder needs of the symbols, and how many frames each of them has."""
        names, noise = self.config["phonemes"], self.config["noise"]
        symbols = names["start"] + phonemes + names["end"]
        tokens = np.array([names["symbols"][symbol] for symbol in symbols], np.int64)
        vector = np.array(self.config["voices"][voice]["vector"], np.float32)
        hidden, pause = self.run("encoder", tokens=tokens, voice=vector)
        # pauses may last or not, stress marks never do, phones always
        lasts = np.array([symbol not in names["stress"] for symbol in symbols])
        may_last = np.array([symbol in names["pauses"] for symbol in symbols])
        lasts &= ~may_last | (pause > 0.5)

        x = gaussian((seed, 0, noise["prosody"]), len(symbols), 3, noise)
        x *= np.float32(noise["prosody_temperature"])
        inputs = {"hidden": hidden, "has_duration": lasts, "voice": vector}
        for s, t in jumps(steps):  # one step suffices
            [x] = self.run("prosody", x=x, s=s, t=t, **inputs)
        mean, deviation = self.config["prosody"]["mean"], self.config["prosody"]["deviation"]
        frames = np.exp(x[:, 0] * np.float32(deviation[0]) + np.float32(mean[0]))
        frames /= np.float32(pace)
        # ends are rounded, and not durations, so that errors do not add up
        ends = np.cumsum(np.where(lasts, np.maximum(frames, 1), 0).astype(np.float64))
        durations = np.diff(np.floor(ends + 0.5).astype(np.int64), prepend=0)
        return {"hidden": hidden, "prosody": x, "voice": vector}, durations

    def mel_of(self, spoken, durations, seed, steps):
        """The log-mel, `frames bands`."""
        noise, mel, scales = self.config["noise"], self.mel, self.config["position"]
        token = np.repeat(np.arange(len(durations), dtype=np.int64), durations)  # of each frame
        length = durations[token]
        since = np.arange(len(token)) - (np.cumsum(durations) - durations)[token]
        near = np.stack([since, length - 1 - since]) / scales["edge_frames"]
        near = np.minimum(near, scales["max_edge_distance"])
        place = [(since + 0.5) / length, np.log(length) / scales["log_length_scale"], *near]
        position = np.stack(place, axis=1).astype(np.float32)
        x = gaussian((seed, 0, noise["mel"]), len(token), mel["bands"], noise)
        x *= np.float32(noise["temperature"])
        for s, t in jumps(steps):
            [x] = self.run("decoder", **spoken, token=token, position=position, x=x, s=s, t=t)
        x = x * np.float32(mel["deviation"]) + np.float32(mel["mean"])
        return np.maximum(x, np.float32(mel["floor"]))

    def sound(self, mel):
        """Samples from -1 to 1, `hop` for each frame of a log-mel."""
        n_fft, hop = self.mel["n_fft"], self.mel["hop"]
        window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n_fft) / n_fft)
        real, imaginary, *gain = self.run("vocoder", mel=mel)
        spectra = real + 1j * imaginary
        if self.config["f0"]:  # the vocoder shapes pulses and noise
            noise = gaussian((self.config["noise"]["source"],), len(mel), hop, self.config["noise"])
            spectra *= stft(self.pulses(mel), window / (window.sum() / 4), hop)
            spectra += gain[0] * stft(noise.ravel(), window / np.sqrt(np.sum(window**2)), hop)
        pieces = np.fft.irfft(spectra, n_fft) * window
        # overlap-add; frame i is centred on sample i * hop
        total, squares = np.zeros((2, (len(mel) - 1) * hop + n_fft))
        for index, piece in enumerate(pieces):
            total[index * hop : index * hop + n_fft] += piece
            squares[index * hop : index * hop + n_fft] += window**2
        inside = slice(n_fft // 2, n_fft // 2 + len(mel) * hop)
        return np.clip(total[inside] / squares[inside], -1, 1).astype(np.float32)

    def pulses(self, mel):
        """The sum of cosines at all harmonics of F0, `hop` samples for each frame."""
        f0, hop, rate = self.config["f0"], self.mel["hop"], self.mel["sample_rate"]
        octave, voiced = self.run("f0", mel=mel)  # both in double precision, as phases add up
        hertz = np.clip(2 ** (f0["mean_log2_hz"] + octave), f0["min_hz"], f0["max_hz"])
        slope = np.append(np.diff(hertz), 0.0)  # how much F0 rises until the next frame
        # gaps without a voice are bridged
        voiced = np.pad(voiced, f0["gap"] // 2, constant_values=-np.inf)
        voiced = np.lib.stride_tricks.sliding_window_view(voiced, f0["gap"] + 1).max(axis=1) > 0
        phase, turns = np.zeros(len(hertz)), 0.0
        for index in range(len(hertz)):
            if voiced[index] and not (index and voiced[index - 1]):
                turns = 0.0  # voicing begins with a pulse
            phase[index] = turns
            turns += (hertz[index] * hop + slope[index] * (hop + 1) / 2) / rate
            turns -= round(turns)
        sample = np.arange(hop)
        at = hertz[:, None] + slope[:, None] * sample / hop
        rise = slope[:, None] * sample * (sample + 1) / (2 * hop)
        turns = phase[:, None] + (hertz[:, None] * sample + rise) / rate
        turns = np.abs(turns - np.rint(turns))  # cosines are even
        angle = np.maximum(2 * np.pi * turns, 1e-6)  # not 0, as the formula would be 0 / 0
        count = np.floor(f0["max_harmonic_hz"] / at)
        cosines = (np.sin((count + 0.5) * angle) / np.sin(angle / 2) - 1) / 2
        return (cosines * np.sqrt(at / f0["reference_hz"])).ravel()


def jumps(steps):
    """Start and end of each, from noise (0) to speech (1)."""
    return pairwise(np.linspace(0, 1, steps + 1, dtype=np.float32))


def gaussian(seed, length, channels, noise):
    """Normal noise, `length channels`. Any will do; these numbers give the samples of tts."""
    size = noise["block_positions"]
    blocks = [
        np.random.default_rng((*seed, block)).standard_normal((size, channels), np.float32)
        for block in range(-(-length // size))
    ]
    return np.concatenate(blocks)[:length]


def stft(signal, window, hop):
    """The spectrum of each frame, whose window is centred on its first sample."""
    padded = np.pad(signal, (len(window) // 2, len(window) // 2 - hop))
    windows = np.lib.stride_tricks.sliding_window_view(padded, len(window))[::hop]
    return np.fft.rfft(windows * window)


if __name__ == "__main__":
    main()
