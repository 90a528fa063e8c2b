"""Text in, sound out. `Synthesizer.stream` is the whole system, read top to bottom."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from tts.acoustic import AcousticModel
from tts.checkpoint import load as load_checkpoint
from tts.checkpoint import load_vocoder
from tts.flow import FlowMap
from tts.noise import noise
from tts.speech import Delivery, Phone, Speech
from tts.text.normalise import normalise
from tts.text.phonemes import phonemes
from tts.text.sentences import sentences
from tts.text.symbols import END, PUNCTUATION, START, STRESS, Symbols
from tts.vocoder import Vocoder

FIRST_CHUNK, LONGEST_CHUNK = 32, 512
STREAMED_STEPS = 2
PAUSE = 0.25
PROSODY, MEL = 0, 1


@dataclass(frozen=True)
class Plan:
    """A sentence before it sounds: what each symbol is, how long it lasts, what is known of it."""

    symbols: str
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

        Refuses, before anything is made, a text with nothing to say and a voice it lacks.
        """
        delivery = delivery or Delivery()
        said = filter(None, (phonemes(s.text) for s in sentences(normalise(text))))
        first = next(said, None)
        if first is None:
            raise ValueError(f"expected a text with words to speak, not {text[:40]!r}; add some")
        if delivery.voice not in self.voices:
            known = ", ".join(self.voices)
            raise ValueError(f"expected one of the voices {known}, not {delivery.voice!r}")
        return self._stream(chain([first], said), delivery)

    def _stream(self, said: Iterable[str], delivery: Delivery) -> Iterator[Speech]:
        spoken = 0
        for index, words in enumerate(said):
            plan = self.plan(words, delivery, index)
            mel = plan.conditioning.new_empty(1, 0, self.acoustic.config.mel.bands)
            for start, stop in chunks(plan.frames):
                ready = self._ready(stop, plan.frames, delivery.steps)
                if ready > mel.shape[1]:
                    mel = torch.cat([mel, self.mel(plan, mel.shape[1], ready, delivery)], dim=1)
                audio = self.sound(mel, start, stop, plan.frames)
                pause = round(PAUSE * self.sample_rate) if index > 0 and start == 0 else 0
                yield Speech(
                    audio=F.pad(audio, (pause, 0))[0].cpu().numpy(),
                    sample_rate=self.sample_rate,
                    phones=self._phones(plan, start, stop, spoken + pause),
                    delivery=delivery,
                )
                spoken += pause + audio.shape[1]

    @torch.inference_mode()
    def plan(self, words: str, delivery: Delivery, index: int = 0) -> Plan:
        """Rhythm and melody of a sentence, by one jump of the prosody map a step."""
        model, symbols = self.acoustic, START + words + END
        device, seed = model.mel_mean.device, (delivery.seed, index)
        tokens = torch.tensor(
            [Symbols(inventory=model.config.symbols).encode(symbols)], device=device
        )
        voice = model.voices(torch.tensor([self.voices.index(delivery.voice)], device=device))
        mask = tokens > 0
        hidden = model.encoder(tokens, voice, mask)
        lasting = self._lasting(symbols, model.pauses(hidden))
        chance = noise((*seed, PROSODY), 0, len(symbols), 3).to(device)
        flow = model.prosody_map(hidden, lasting, voice, mask)
        prosody = flow.sample(delivery.prosody_temperature * chance, delivery.steps)
        durations = model.durations(prosody, lasting, delivery.pace)
        frames = torch.arange(int(durations.sum()), device=device)[None]
        conditioning = model.condition(hidden, prosody, durations, frames)
        return Plan(symbols, durations, conditioning, voice, (*seed, MEL))

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

    def _phones(self, plan: Plan, start: int, stop: int, spoken: int) -> tuple[Phone, ...]:
        """The symbols that begin in a stretch of frames, timed from the start of the speech."""
        frame = self.acoustic.config.mel.hop / self.sample_rate
        origin = spoken / self.sample_rate - start * frame
        ends = plan.durations[0].cumsum(0).tolist()
        return tuple(
            Phone(symbol, origin + begin * frame, origin + end * frame)
            for symbol, begin, end in zip(plan.symbols, [0, *ends], ends, strict=False)
            if begin < end and start <= begin < stop and symbol not in START + END
        )


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
