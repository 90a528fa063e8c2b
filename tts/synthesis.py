"""Text in, sound out. `Synthesizer.stream` is the whole system, read top to bottom."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from tts.acoustic import AcousticModel
from tts.checkpoint import load as load_checkpoint
from tts.checkpoint import load_vocoder
from tts.flow import FlowMap
from tts.noise import noise
from tts.speech import Delivery, Speech
from tts.text.script import Line, script
from tts.text.symbols import END, PUNCTUATION, START, STRESS, Symbols
from tts.timing import Clock
from tts.vocoder import Vocoder

FIRST_CHUNK, LONGEST_CHUNK = 32, 512
STREAMED_STEPS = 2
PROSODY, MEL = 0, 1


@dataclass(frozen=True)
class Plan:
    """A line before it sounds: how long each of its symbols lasts, and what the decoder is told."""

    durations: Tensor
    conditioning: Tensor
    voice: Tensor
    seed: tuple[int, ...]

    @property
    def frames(self) -> int:
        return self.conditioning.shape[1]


@dataclass(frozen=True)
class Synthesizer:
    """Voices, ready to speak. Threads may share one."""

    acoustic: AcousticModel
    vocoder: Vocoder

    @property
    def voices(self) -> tuple[str, ...]:
        return self.acoustic.config.voices

    @property
    def sample_rate(self) -> int:
        return self.acoustic.config.mel.sample_rate

    def speak(self, text: str, delivery: Delivery | None = None) -> Speech:
        """The whole of what `stream` yields."""
        return Speech.join(self.stream(text, delivery))

    def stream(self, text: str, delivery: Delivery | None = None) -> Iterator[Speech]:
        """Sound as it becomes ready: short pieces first, each a Speech that goes on from the last.

        Refuses, before anything is made, a text with nothing to say or with wrong markup, and a
        language or a voice it lacks.
        """
        delivery = delivery or Delivery()
        lines = script(text, delivery.reading, delivery.lexicon)
        begun = list(_to_the_first_words(lines))
        if not begun or not begun[-1].phonemes:
            raise ValueError(f"expected a text with words to speak, not {text[:40]!r}; add some")
        if delivery.voice not in self.voices:
            known = ", ".join(self.voices)
            raise ValueError(f"expected one of the voices {known}, not {delivery.voice!r}")
        return self._stream(chain(begun, lines), delivery)

    def _stream(self, lines: Iterable[Line], delivery: Delivery) -> Iterator[Speech]:
        """Lines one after another, each with the silence after it."""
        spoken = index = 0
        for line in lines:
            begun = spoken / self.sample_rate
            for piece in chain(self._pieces(line, delivery, index), self._silence(line, delivery)):
                yield piece.later(begun)
                spoken += len(piece.audio)
            index += bool(line.phonemes)

    def _pieces(self, line: Line, delivery: Delivery, index: int) -> Iterator[Speech]:
        """A line as it becomes ready, timed from its start."""
        if not line.phonemes:
            return
        plan = self.plan(line, delivery, index)
        frame = self.acoustic.config.mel.hop / self.sample_rate
        clock = Clock(line, plan.durations[0].tolist(), frame)
        mel = plan.conditioning.new_empty(1, 0, self.acoustic.config.mel.bands)
        for start, stop in chunks(plan.frames):
            ready = self._ready(stop, plan.frames, delivery.steps)
            if ready > mel.shape[1]:
                mel = torch.cat([mel, self.mel(plan, mel.shape[1], ready, delivery)], dim=1)
            yield Speech(
                audio=self.sound(mel, start, stop, plan.frames)[0].cpu().numpy(),
                sample_rate=self.sample_rate,
                phones=clock.phones(start, stop),
                words=clock.words(start, stop),
                delivery=delivery,
            )

    def _silence(self, line: Line, delivery: Delivery) -> Iterator[Speech]:
        """The silence after a line, exact to the sample."""
        if samples := round(line.pause * self.sample_rate):
            audio = np.zeros(samples, np.float32)
            yield Speech(audio=audio, sample_rate=self.sample_rate, phones=(), delivery=delivery)

    @torch.inference_mode()
    def plan(self, line: Line, delivery: Delivery, index: int = 0) -> Plan:
        """Rhythm and melody of a line, by one jump of the prosody map a step, in its tones."""
        model, symbols = self.acoustic, START + line.phonemes + END
        device, seed = model.mel_mean.device, (delivery.seed, index)
        tokens = torch.tensor(
            [Symbols(inventory=model.config.symbols).encode(symbols)], device=device
        )
        speaker = torch.tensor([self.voices.index(delivery.voice)], device=device)
        voice = model.voices(speaker)
        mask = tokens > 0
        hidden = model.encoder(tokens, voice, mask)
        lasting = self._lasting(symbols, model.pauses(hidden))
        chance = noise((*seed, PROSODY), 0, len(symbols), 3).to(device)
        flow = model.prosody_map(hidden, lasting, voice, mask)
        prosody = flow.sample(delivery.prosody_temperature * chance, delivery.steps)
        pace, pitch, energy = _tones(line).to(device)
        prosody = model.toned(prosody, speaker, pitch, energy)
        durations = model.durations(prosody, lasting, delivery.pace * pace)
        frames = torch.arange(int(durations.sum()), device=device)[None]
        conditioning = model.condition(hidden, prosody, durations, frames)
        return Plan(durations, conditioning, voice, (*seed, MEL))

    def _lasting(self, symbols: str, pauses: Tensor) -> Tensor:
        """Phones last, stress marks do not, spaces and punctuation where a pause is likely."""
        maybe = torch.tensor([[s in " " + PUNCTUATION for s in symbols]], device=pauses.device)
        never = torch.tensor([[s in STRESS for s in symbols]], device=pauses.device)
        return torch.where(maybe, pauses > 0.5, ~never)

    def _ready(self, stop: int, frames: int, steps: int) -> int:
        """How many frames of mel the vocoder needs before it can sound up to `stop`."""
        return min(stop + self.vocoder.context, frames) if steps <= STREAMED_STEPS else frames

    @torch.inference_mode()
    def mel(self, plan: Plan, start: int, stop: int, delivery: Delivery) -> Tensor:
        """Frames `start` to `stop` of the log-mel, from all the frames that can reach them."""
        context = self.acoustic.decoder.context * delivery.steps
        patch = self.acoustic.decoder.patch
        left = max(0, start - context) // patch * patch
        right = min(plan.frames, stop + context)
        chance = noise(plan.seed, left, right, self.acoustic.config.mel.bands)
        near = plan.conditioning[:, left:right]
        real = near.new_ones(near.shape[:2], dtype=torch.bool)
        flow: FlowMap = self.acoustic.mel_map(near, plan.voice, real)
        made = flow.sample(delivery.temperature * chance.to(near), delivery.steps)
        return self.acoustic.denormalise(made[:, start - left : stop - left])

    @torch.inference_mode()
    def sound(self, mel: Tensor, start: int, stop: int, total: int) -> Tensor:
        """Samples of frames `start` to `stop`, within full scale."""
        return self.vocoder.span(mel, start, stop, total).clamp(-1, 1)


def _to_the_first_words(lines: Iterator[Line]) -> Iterator[Line]:
    for line in lines:
        yield line
        if line.phonemes:
            return


def _tones(line: Line) -> Float[Tensor, "3 1 text"]:
    """Pace, pitch and energy of each symbol; the silence at either end is as what is beside it."""
    tones = (*line.tones[:1], *line.tones, *line.tones[-1:])
    return torch.tensor([(tone.pace, tone.pitch, tone.energy) for tone in tones]).T[:, None]


def chunks(frames: int) -> Iterator[tuple[int, int]]:
    """Where to cut: a short piece for an early start, then each as long as all before it."""
    start, stop = 0, FIRST_CHUNK
    while stop + FIRST_CHUNK < frames:
        yield start, stop
        start, stop = stop, stop + min(stop, LONGEST_CHUNK)
    yield start, frames


def load(
    acoustic: Path | str | None = None,
    vocoder: Path | str | None = None,
    *,
    device: str = "cpu",
) -> Synthesizer:
    """A synthesizer from two checkpoints; without names, from the shipped ones.

    The vocoder may be a public one: a folder with its config.yaml and weights, or its `owner/name`.
    """
    return Synthesizer(
        load_checkpoint(Path(acoustic or shipped("acoustic")), AcousticModel).to(device),
        load_vocoder(vocoder or shipped("vocoder")).to(device),
    )


def shipped(name: str) -> Path:
    """A checkpoint that came with the package, or lies beside it in a source tree."""
    here = Path(__file__).parent
    inside = here / "checkpoints" / f"{name}.safetensors"
    return inside if inside.exists() else here.parent / "checkpoints" / f"{name}.safetensors"
