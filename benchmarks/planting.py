"""Faults to plant into clean clips at 24 kHz, for `voice_check.py`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from tts.training.voices.check.measures import RATE

Audio = np.ndarray
WORDS = ("yesterday", "quickly", "seven", "little", "orange", "people", "window", "across")
MIN_LETTERS = 4  # of a word that is dropped; shorter ones may hardly be spoken
CHORD = (220.0, 277.2, 329.6)  # Hz, A major


@dataclass(frozen=True)
class Fault:
    """A way to spoil a clip, and the kind of finding that it should give.

    Args:
        kind: of the finding.
        sound: changes the audio; None to leave it.
        text: changes the text, with the text of another clip at hand; None to leave it.
        row: changes the row of `recordings.jsonl`, after the audio.
        source: `self` for the clip itself, `copy` for another clip of the set, `speaker` for one
            of another speaker.
    """

    kind: str
    sound: Callable[[Audio, np.random.Generator], Audio] | None = None
    text: Callable[[str, str, np.random.Generator], str] | None = None
    row: Callable[[dict], None] | None = None
    source: str = "self"


def noise(audio: Audio, snr: float, chance: np.random.Generator) -> Audio:
    return mixed(audio, chance.standard_normal(len(audio)), snr)


def tones(audio: Audio, hertz: tuple[float, ...], harmonics: int, snr: float) -> Audio:
    """Add steady tones and their harmonics, each weaker than the one below."""
    time = np.arange(len(audio)) / RATE
    waves = [
        np.sin(2 * np.pi * f * k * time + k) / k for f in hertz for k in range(1, harmonics + 1)
    ]
    return mixed(audio, np.sum(waves, axis=0), snr)


def mixed(audio: Audio, background: Audio, snr: float) -> Audio:
    scale = active_rms(audio) / np.sqrt(np.mean(background**2)) * 10 ** (-snr / 20)
    return audio + scale * background


def active_rms(audio: Audio) -> float:
    power = np.square(audio[: len(audio) // 480 * 480].reshape(-1, 480)).mean(axis=1)
    return float(np.sqrt(power[power > power.max() * 1e-4].mean()))


def reverberation(audio: Audio, seconds: float, chance: np.random.Generator) -> Audio:
    """Noise that decays by 60 dB in so many seconds, as loud as the direct sound."""
    count = int(RATE * seconds)
    response = chance.standard_normal(count) * 10 ** (-3 * np.arange(count) / count)
    response /= np.sqrt(np.sum(response**2))
    response[0] += 1
    size = 1 << (len(audio) + count).bit_length()
    product = np.fft.rfft(audio, size) * np.fft.rfft(response, size)
    return np.fft.irfft(product, size)[: len(audio) + count // 2]


def clipped(audio: Audio, share: float) -> Audio:
    """The loudest share of the samples at one level."""
    limit = np.quantile(np.abs(audio), 1 - share)
    return np.clip(audio, -limit, limit)


def low_pass(audio: Audio, hertz: float) -> Audio:
    spectrum = np.fft.rfft(audio)
    spectrum /= 1 + (np.fft.rfftfreq(len(audio), 1 / RATE) / hertz) ** 40
    return np.fft.irfft(spectrum, len(audio))


def stretched(audio: Audio, rate: float) -> Audio:
    import librosa

    return librosa.effects.time_stretch(audio.astype(np.float32), rate=rate)


def without_a_word(text: str, chance: np.random.Generator) -> str:
    words = text.split()
    places = [place for place, word in enumerate(words) if len(word) >= MIN_LETTERS] or [0]
    del words[places[chance.integers(len(places))]]
    return " ".join(words) or text


def with_a_word(text: str, chance: np.random.Generator) -> str:
    words = text.split()
    words.insert(int(chance.integers(1, max(2, len(words) - 1))), str(chance.choice(WORDS)))
    return " ".join(words)


def with_another_word(text: str, chance: np.random.Generator) -> str:
    """Replace a word by one that is not in the text."""
    words = text.split()
    places = [place for place, word in enumerate(words) if len(word) >= MIN_LETTERS] or [0]
    others = [word for word in WORDS if word not in text.lower()]
    words[places[chance.integers(len(places))]] = str(chance.choice(others))
    return " ".join(words)


def with_swapped_words(text: str, chance: np.random.Generator) -> str:
    """Swap two neighbours that differ, long ones if there are any."""
    words = text.split()
    pairs = [place for place in range(len(words) - 1) if words[place] != words[place + 1]]
    long = [p for p in pairs if min(len(words[p]), len(words[p + 1])) >= MIN_LETTERS]
    if pairs:
        place = (long or pairs)[chance.integers(len(long or pairs))]
        words[place : place + 2] = words[place + 1], words[place]
    return " ".join(words)


def gain(decibels: float) -> Callable[[dict], None]:
    def change(row: dict) -> None:
        row["gain"] -= decibels

    return change


FAULTS: Mapping[str, Fault] = {
    "text of another clip": Fault("transcript", text=lambda text, other, _: other),
    "word dropped from the text": Fault(
        "transcript", text=lambda text, _, chance: without_a_word(text, chance)
    ),
    "word inserted into the text": Fault(
        "transcript", text=lambda text, _, chance: with_a_word(text, chance)
    ),
    "word replaced in the text": Fault(
        "transcript", text=lambda text, _, chance: with_another_word(text, chance)
    ),
    "two words swapped in the text": Fault(
        "transcript", text=lambda text, _, chance: with_swapped_words(text, chance)
    ),
    "noise, SNR 20 dB": Fault("noise", lambda audio, chance: noise(audio, 20, chance)),
    "noise, SNR 15 dB": Fault("noise", lambda audio, chance: noise(audio, 15, chance)),
    "hum, SNR 20 dB": Fault("hum", lambda audio, _: tones(audio, (50.0,), 5, 20)),
    "chord, SNR 12 dB": Fault("music", lambda audio, _: tones(audio, CHORD, 4, 12)),
    "chord, SNR 20 dB": Fault("music", lambda audio, _: tones(audio, CHORD, 4, 20)),
    "clipping of 0.1 %": Fault("clipping", lambda audio, _: clipped(audio, 0.001)),
    "clipping of 1 %": Fault("clipping", lambda audio, _: clipped(audio, 0.01)),
    "reverberation of 0.4 s": Fault(
        "reverberation", lambda audio, chance: reverberation(audio, 0.4, chance)
    ),
    "reverberation of 0.8 s": Fault(
        "reverberation", lambda audio, chance: reverberation(audio, 0.8, chance)
    ),
    "low-pass at 4 kHz": Fault("bandwidth", lambda audio, _: low_pass(audio, 4000)),
    "low-pass at 8 kHz": Fault("bandwidth", lambda audio, _: low_pass(audio, 8000)),
    "12 dB louder": Fault("loudness", row=gain(12)),
    "12 dB softer": Fault("loudness", row=gain(-12)),
    "1.25 times as fast": Fault("rate", lambda audio, _: stretched(audio, 1.25)),
    "duplicate": Fault("duplicate", source="copy"),
    "another speaker": Fault("speaker", source="speaker"),
    "silence": Fault("silence", lambda audio, chance: 1e-3 * chance.standard_normal(len(audio))),
    "chord alone": Fault("silence", lambda audio, _: tones(0 * audio + 1e-6, CHORD, 4, -60)),
}
