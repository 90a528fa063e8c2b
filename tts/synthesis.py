"""Text in, sound out. `Synthesizer.stream` is the whole system, read top to bottom."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from tts.acoustic.model import AcousticModel
from tts.audio import amplify
from tts.captions.timing import Alignment
from tts.checkpoint import check_compatible, load_vocoder, read_offered_voices
from tts.checkpoint import load_checkpoint as load_checkpoint
from tts.delivery import Delivery
from tts.deprecation import renamed_arguments, renamed_fields, renamed_members
from tts.error_messages import quoted
from tts.noise import noise
from tts.rendering import Event, Rendering, RenderTask, UtterancePlan
from tts.speech import Speech
from tts.text.frontend import Utterance, prepare_utterances
from tts.text.pronounce.symbols import END, PUNCTUATION, START, STRESS, PhonemeTokenizer
from tts.validation import coerce_argument
from tts.vocoder.model import MelSpan, Vocoder
from tts.voices import VoiceInfo, parse_voice_blend

FIRST_CHUNK_FRAMES, MAX_CHUNK_FRAMES = 32, 512  # frames
OFFLINE_CHUNK_FRAMES = 2048  # frames, which bound the memory that is needed
MAX_SILENCE_SAMPLES = 240_000  # samples
MAX_STREAMED_STEPS = 2
PROSODY, MEL = 0, 1
PAUSE_SYMBOLS = " " + PUNCTUATION


@renamed_members(has="has_voice", make="render", shares="voice_weights", steps="events")
@renamed_fields(early="low_latency", offered="offered_voices")
@dataclass(frozen=True)
class Synthesizer:
    """Voices, ready to speak. Threads may share one.

    With `low_latency` it makes short pieces first; without, each utterance as whole as memory
    allows, in half the time. Without `offered_voices`, all that the model has are offered.
    """

    acoustic: AcousticModel
    vocoder: Vocoder
    low_latency: bool = True
    offered_voices: tuple[VoiceInfo, ...] = ()

    @property
    def voices(self) -> tuple[str, ...]:
        """The voices that are offered, by name; the model may have more, which speak too."""
        return tuple(voice.name for voice in self.offered_voices) or self.acoustic.config.voices

    @property
    def sample_rate(self) -> int:
        return self.acoustic.config.mel.sample_rate

    @property
    def _frame_seconds(self) -> float:
        return self.acoustic.config.mel.hop / self.sample_rate

    def has_voice(self, name: str) -> bool:
        """Whether the model has a voice, offered or not."""
        return name in self.acoustic.config.voices

    def voice_weights(self, voice: str) -> list[float]:
        """How much each of the model's voices has of this one, which may be a blend.

        Raises:
            ValueError: it is neither a voice of the model nor a blend of some.
        """
        return parse_voice_blend(voice, self.acoustic.config.voices, self.voices)

    def speak(self, text: str, delivery: Delivery | None = None) -> Speech:
        """The whole of what `stream` yields."""
        return Speech.join(self.stream(text, delivery))

    @renamed_arguments(only="utterance")
    def stream(
        self, text: str, delivery: Delivery | None = None, utterance: int | None = None
    ) -> Iterator[Speech]:
        """Sound as it becomes ready: short pieces first, each a Speech that goes on from the last.

        With the number of an `utterance`, the sound that it has in the whole. A text with
        nothing to say or wrong markup, and an unknown voice, are refused before anything is made.
        """
        return Rendering(self.events(text, delivery, utterance)).run(self.render)

    @renamed_arguments(only="utterance")
    def events(
        self, text: str, delivery: Delivery | None = None, utterance: int | None = None
    ) -> Iterator[Event]:
        """What `stream` does: tasks, each to be rendered before the speech that comes after it."""
        delivery = self.checked(text, delivery, utterance)
        lines = self.lines(text, delivery)
        events = self.events_of(chain([next(lines)], lines), delivery, utterance)
        return (event for event in events if event is not None)

    @renamed_arguments(only="utterance")
    def checked(self, text: str, delivery: Delivery | None, utterance: int | None) -> Delivery:
        """The delivery, or the usual one; a ValueError if what is asked for cannot be."""
        coerce_argument("text", str, text)
        coerce_argument("utterance", int | None, utterance)
        delivery = coerce_argument("delivery", Delivery | None, delivery) or Delivery()
        self.voice_weights(delivery.voice)
        return delivery

    def lines(self, text: str, delivery: Delivery) -> Iterator[Utterance]:
        """The lines of a text, each read when it is asked for; a ValueError if it cannot be."""
        lines = prepare_utterances(
            text, delivery.reading, delivery.lexicon, self.acoustic.config.convention
        )
        begun: list[Utterance] = []
        for line in lines:
            begun.append(line)
            if line.phonemes:
                break
        else:
            raise ValueError(f"expected a text with words to speak, not {quoted(text)}; add some")
        yield from chain(begun, lines)

    def events_of(
        self, lines: Iterable[Utterance | None], delivery: Delivery, utterance: int | None = None
    ) -> Iterator[Event | None]:
        """Utterances one after another, each with the silence after it; None for one not yet read.

        This is the data flow of the whole system: text that was read, a plan of its rhythm and
        melody, and for each stretch of frames its mel and sound (`render`), with their times.
        """
        index = samples = 0
        for line in lines:
            if line is None:
                yield None
                continue
            if utterance in (None, index):
                begun = samples / self.sample_rate
                for event in self._events_of_one(line, delivery, index):
                    if isinstance(event, Speech):
                        samples += len(event.audio)
                        event = event.shifted(begun)
                    yield event
            index += bool(line.phonemes)
            if utterance is not None and index > utterance:
                return

    def _events_of_one(self, line: Utterance, delivery: Delivery, index: int) -> Iterator[Event]:
        """An utterance as it becomes ready, and the silence after it, timed from its start."""
        speech = partial(
            Speech, sample_rate=self.sample_rate, delivery=delivery, utterance=index, phones=()
        )
        if line.phonemes:
            plan = self.plan(line, delivery, index)
            times = Alignment(line, plan.durations[0].tolist(), self._frame_seconds)
            mel = plan.conditioning.new_empty(0, self.acoustic.config.mel.bands)
            for start, stop in (
                chunks(plan.frames)
                if self.low_latency
                else chunks(plan.frames, OFFLINE_CHUNK_FRAMES)
            ):
                needed = max(len(mel), self._mel_needed(stop, plan.frames, delivery.steps))
                yield (task := RenderTask(plan, delivery, start, stop, needed, mel))
                assert task.audio is not None, "whoever takes a task renders it"
                mel, audio = task.mel, amplify(task.audio.cpu().numpy(), delivery.volume)
                phones, words = times.phones(start, stop), times.words(start, stop)
                yield speech(audio=audio, phones=phones, words=words)
        pause = line.pause if line.exact else delivery.pause_seconds(line.pause)
        for start in range(0, samples := round(pause * self.sample_rate), MAX_SILENCE_SAMPLES):
            yield speech(audio=np.zeros(min(samples - start, MAX_SILENCE_SAMPLES), np.float32))

    @torch.inference_mode()
    def plan(self, line: Utterance, delivery: Delivery, index: int = 0) -> UtterancePlan:
        """Rhythm and melody of a line, by one jump of the prosody map a step, in its tones."""
        model, symbols = self.acoustic, START + line.phonemes + END
        device, seed = model.mel_mean.device, (delivery.seed_of(index), index)
        tokens = torch.tensor(
            [PhonemeTokenizer(inventory=model.config.symbols).encode(symbols)], device=device
        )
        blend = torch.tensor([self.voice_weights(delivery.voice)], device=device)
        voice = blend @ model.voices.weight
        mask = tokens > 0
        hidden = model.encoder(tokens, voice, mask)
        lasting = self._lasting(symbols, model.pauses(hidden, mask))
        chance = noise((*seed, PROSODY), 0, len(symbols), 3).to(device)
        flow = model.prosody_map(hidden, lasting, voice, mask)
        prosody = flow.sample(delivery.prosody_temperature * chance, delivery.steps)
        pace, pitch, energy = _tones(line, delivery).to(device)
        prosody = model.shift_prosody(prosody, blend, pitch, energy)
        durations = model.durations(prosody, lasting, pace)
        frames = torch.arange(int(durations.sum()), device=device)[None]
        conditioning = model.condition(hidden, prosody, durations, frames)
        return UtterancePlan(durations, conditioning, voice, (*seed, MEL))

    def _lasting(self, symbols: str, pauses: Tensor) -> Tensor:
        """Phones last, stress marks do not, spaces and punctuation where a pause is likely."""
        maybe = torch.tensor([[s in PAUSE_SYMBOLS for s in symbols]], device=pauses.device)
        never = torch.tensor([[s in STRESS for s in symbols]], device=pauses.device)
        return torch.where(maybe, pauses > 0.5, ~never)

    def _mel_needed(self, stop: int, frames: int, steps: int) -> int:
        """How many frames of mel the vocoder needs before it can sound up to `stop`."""
        return min(stop + self.vocoder.context, frames) if steps <= MAX_STREAMED_STEPS else frames

    @torch.inference_mode()
    def render(self, tasks: Sequence[RenderTask]) -> None:
        """Mel and sound of several tasks. Sound is made together, within 1e-5 of what it would be
        alone; the mel is not, for F0 is read from its last digits."""
        for task in tasks:
            if task.mel_needed > len(task.mel):
                task.mel = torch.cat([task.mel, self._mel(task)])
        stretches = [MelSpan(task.mel, task.start, task.stop, task.plan.frames) for task in tasks]
        for task, audio in zip(tasks, self.vocoder.spans(stretches), strict=True):
            task.audio = audio.clamp(-1, 1)

    def _mel(self, task: RenderTask) -> Float[Tensor, "lacking mels"]:
        """The log-mel that a task lacks, from all the frames that can reach it."""
        model, steps, known = self.acoustic, task.delivery.steps, len(task.mel)
        reach, patch = steps * model.decoder.context, model.decoder.patch
        left = max(0, known - reach) // patch * patch
        right = min(task.plan.frames, task.mel_needed + reach)
        chance = noise(task.plan.seed, left, right, model.config.mel.bands)
        near = task.plan.conditioning[:, left:right]
        real = near.new_ones(near.shape[:2], dtype=torch.bool)
        flow = model.mel_map(near, task.plan.voice, real)
        made = flow.sample(task.delivery.temperature * chance.to(near), steps)
        return model.denormalise(made[:, known - left : task.mel_needed - left])[0]


def _tones(line: Utterance, delivery: Delivery) -> Float[Tensor, "3 1 text"]:
    """Pace, pitch and energy of each symbol; the silence at either end is as what is beside it."""
    symbols = START + line.phonemes + END
    tones = (*line.prosody[:1], *line.prosody, *line.prosody[-1:])
    values = [(tone.pace, tone.pitch, tone.energy) for tone in tones]
    pace, pitch, energy = torch.tensor(values).T[:, None]
    longer = [delivery.pauses if symbol in PAUSE_SYMBOLS else 1.0 for symbol in symbols]
    pace = pace * delivery.pace / torch.tensor(longer)
    return torch.stack([pace, pitch + delivery.pitch, energy + delivery.energy])


def chunks(frames: int, first: int = FIRST_CHUNK_FRAMES) -> Iterator[tuple[int, int]]:
    """Where to cut: a short piece for an early start, then each as long as all before it."""
    longest = max(first, MAX_CHUNK_FRAMES)
    start, stop = 0, first
    while stop + first < frames:
        yield start, stop
        start, stop = stop, stop + min(stop, longest)
    yield start, frames


@renamed_arguments(early="low_latency")
def load(
    acoustic: Path | str | None = None,
    vocoder: Path | str | None = None,
    *,
    device: str = "cpu",
    low_latency: bool = True,
) -> Synthesizer:
    """A synthesizer from two checkpoints; without names, from the shipped ones.

    The vocoder may be a public one: a folder with its config.yaml and weights, or its `owner/name`.
    Without `low_latency` the whole is made in half the time.
    """
    path, source = (
        Path(acoustic or shipped_checkpoint("acoustic")),
        vocoder or shipped_checkpoint("vocoder"),
    )
    models = load_checkpoint(path, AcousticModel), load_vocoder(source)
    check_compatible(*models, path)
    return Synthesizer(
        models[0].to(device), models[1].to(device), low_latency, read_offered_voices(path)
    )


def shipped_checkpoint(name: str) -> Path:
    """A checkpoint that came with the package, or lies beside it in a source tree."""
    here = Path(__file__).parent
    inside = here / "checkpoints" / f"{name}.safetensors"
    return inside if inside.exists() else here.parent / "checkpoints" / f"{name}.safetensors"
