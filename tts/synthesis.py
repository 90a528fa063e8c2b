"""From text to sound. `Synthesizer.events_of` is the data flow of the whole system."""

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
from tts.devices import check_device
from tts.error_messages import quoted
from tts.noise import noise
from tts.rendering import Event, Rendering, RenderTask, UtterancePlan
from tts.speech import Speech
from tts.text.frontend import Utterance, prepare_utterances
from tts.text.pronounce.symbols import END, PUNCTUATION, START, STRESS, PhonemeTokenizer
from tts.validation import coerce_argument
from tts.vocoder.model import MelSpan, Vocoder
from tts.voices import VoiceInfo, parse_voice_blend

# Chosen by hand: the first chunk is 0.34 s of sound (docs/log/2026-11-27-first-voices.md).
FIRST_CHUNK_FRAMES, MAX_CHUNK_FRAMES = 32, 512
OFFLINE_CHUNK_FRAMES = 2048  # 22 s of sound; bounds the memory of a long utterance
MAX_SILENCE_SAMPLES = 240_000  # 10 s of silence in one piece
# Frames that decide about a frame grow with the steps; beyond two, the whole mel is made first.
MAX_STREAMED_STEPS = 2
PROSODY, MEL = 0, 1  # the two kinds of noise
PAUSE_SYMBOLS = " " + PUNCTUATION


@renamed_members(has="has_voice", make="render", shares="voice_weights", steps="events")
@renamed_fields(early="low_latency", offered="offered_voices")
@dataclass(frozen=True, repr=False)
class Synthesizer:
    """An acoustic model and a vocoder, ready to speak. `load` makes one.

    Threads may share a synthesizer: calls change nothing in it. A call runs on the calling
    thread, with as many threads inside torch as `torch.set_num_threads` allows.

    Args:
        acoustic: phonemes to mel-spectrogram.
        vocoder: mel-spectrogram to waveform; its mel configuration is the acoustic model's.
        low_latency: make short pieces first, so that sound starts early. False makes utterances
            as whole as memory allows, in about 60 % of the time.
        offered_voices: what `voices` lists; without any, all voices of the model.

    Example:
        >>> synthesizer = load()
        >>> synthesizer.voices[:2], synthesizer.sample_rate
        (('heart', 'michael'), 24000)
    """

    acoustic: AcousticModel
    vocoder: Vocoder
    low_latency: bool = True
    offered_voices: tuple[VoiceInfo, ...] = ()

    def __repr__(self) -> str:
        device = self.acoustic.mel_mean.device
        return f"<Synthesizer: {len(self.voices)} voices, {self.sample_rate} Hz, {device}>"

    @property
    def voices(self) -> tuple[str, ...]:
        """Names of the offered voices. `Delivery(voice=...)` takes others of the model, too."""
        return tuple(voice.name for voice in self.offered_voices) or self.acoustic.config.voices

    @property
    def sample_rate(self) -> int:
        """Samples per second of all sound, in Hz: 24000 with the shipped voices."""
        return self.acoustic.config.mel.sample_rate

    @property
    def _frame_seconds(self) -> float:
        return self.acoustic.config.mel.hop / self.sample_rate

    def has_voice(self, name: str) -> bool:
        """Whether the model has a voice of this name, offered or not."""
        return name in self.acoustic.config.voices

    def voice_weights(self, voice: str) -> list[float]:
        """The share of each voice of the model in a voice or blend.

        Args:
            voice: a name, or a blend such as `heart(2)+michael(1)`.

        Returns:
            A weight for each of `acoustic.config.voices`, in that order; their sum is 1.

        Raises:
            ValueError: the voice is unknown, or no blend.
        """
        coerce_argument("voice", str, voice)
        return parse_voice_blend(voice, self.acoustic.config.voices, self.voices)

    def speak(self, text: str, delivery: Delivery | None = None) -> Speech:
        """Speak a text, and return when all of it is made.

        Args:
            text: what to say, of any length, in American English. It may contain tags such as
                `[pause:500ms]`, phonemes in `[[...]]`, or be a document in SSML.
            delivery: voice, steps, seed, pace, pitch and the like; by default `Delivery()`.

        Returns:
            A speech. Its `audio` is float32 of shape (samples,) at `sample_rate`, from -1 to 1;
            `phones` and `words` have their times. The same text and delivery give the same
            samples on the same machine.

        Raises:
            ValueError: the text has no words, its markup is wrong, or the voice is unknown.

        Example:
            >>> speech = synthesizer.speak("Hello there.", Delivery(voice="michael", pace=1.2))
            >>> speech.audio.dtype, speech.sample_rate, [word.text for word in speech.words]
            (dtype('float32'), 24000, ['Hello', 'there'])
        """
        return Speech.join(self.stream(text, delivery))

    @renamed_arguments(only="utterance")
    def stream(
        self, text: str, delivery: Delivery | None = None, utterance: int | None = None
    ) -> Iterator[Speech]:
        """Speak a text piece by piece, so that it can be heard while the rest is made.

        The pieces have the samples of `speak`, exactly. An iterator is used by one thread at a
        time; nothing is made between its steps, and it can be dropped at any piece.

        Args:
            text: as for `speak`.
            delivery: as for `speak`.
            utterance: make this utterance alone (a sentence, as `Speech.utterance` counts them
                from 0), with the same samples as in the whole text; by default, all of them.

        Returns:
            Pieces in order, most of 0.3 to 5.5 s (up to 22 s without `low_latency`). Times of
            phones and words count from the start of the text. Silence between sentences comes in
            pieces of its own.

        Raises:
            ValueError: as for `speak`, before any sound is made. Markup that is wrong further on
                raises when the stream reaches it, and so does an utterance that is not there.

        Example:
            >>> import soundfile
            >>> with soundfile.SoundFile("hello.wav", "w", synthesizer.sample_rate, 1) as file:
            ...     for piece in synthesizer.stream("The first words come soon."):
            ...         file.write(piece.audio)
        """
        return Rendering(self.events(text, delivery, utterance)).run(self.render)

    @renamed_arguments(only="utterance")
    def events(
        self, text: str, delivery: Delivery | None = None, utterance: int | None = None
    ) -> Iterator[Event]:
        """The work of `stream`, for callers that render tasks of many texts in one batch.

        `text`, `delivery`, `utterance` and errors are those of `stream`. Yields tasks and pieces
        of speech; a task must be rendered (`render`) before the next event is taken.
        """
        delivery = self.checked(text, delivery, utterance)
        lines = self.lines(text, delivery)
        events = self.events_of(chain([next(lines)], lines), delivery, utterance)
        return (event for event in events if event is not None)

    @renamed_arguments(only="utterance")
    def checked(self, text: str, delivery: Delivery | None, utterance: int | None) -> Delivery:
        """Check the types of `text`, `delivery` and `utterance`, and the voice (ValueError).

        Returns:
            The delivery, or `Delivery()` for None.
        """
        coerce_argument("text", str, text)
        if (coerce_argument("utterance", int | None, utterance) or 0) < 0:
            raise ValueError(f"utterance must be at least 0, got {utterance}")
        delivery = coerce_argument("delivery", Delivery | None, delivery) or Delivery()
        self.voice_weights(delivery.voice)
        return delivery

    def lines(self, text: str, delivery: Delivery) -> Iterator[Utterance]:
        """The utterances of a text as `delivery` reads it, each when the iterator reaches it.

        Raises:
            ValueError: the text has no words, or its markup is wrong.
        """
        lines = prepare_utterances(
            text, delivery.reading, delivery.lexicon, self.acoustic.config.convention
        )
        begun: list[Utterance] = []
        for line in lines:
            begun.append(line)
            if line.phonemes:
                break
        else:
            raise ValueError(f"no words to speak in {quoted(text)}")
        yield from chain(begun, lines)

    def events_of(
        self, lines: Iterable[Utterance | None], delivery: Delivery, utterance: int | None = None
    ) -> Iterator[Event | None]:
        """Tasks and speech of the utterances `lines`, spoken as `delivery` says.

        This is the data flow of the whole system: an utterance of phonemes, a plan of its
        durations and pitch, and for each chunk of frames its mel and sound (`render`), with the
        times of phones and words. None stands for an utterance that is not read yet. With the
        number of an `utterance`, that one alone is made.
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
        if utterance is not None:
            raise ValueError(f"utterance must be from 0 to {index - 1}, got {utterance}")

    def _events_of_one(self, line: Utterance, delivery: Delivery, index: int) -> Iterator[Event]:
        """Tasks and speech of one utterance and the silence after it, timed from its start."""
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
                assert task.audio is not None, "a task is rendered before the next event"
                mel, audio = task.mel, amplify(task.audio.cpu().numpy(), delivery.volume)
                phones, words = times.phones(start, stop), times.words(start, stop)
                yield speech(audio=audio, phones=phones, words=words)
        pause = line.pause if line.exact else delivery.pause_seconds(line.pause)
        for start in range(0, samples := round(pause * self.sample_rate), MAX_SILENCE_SAMPLES):
            yield speech(audio=np.zeros(min(samples - start, MAX_SILENCE_SAMPLES), np.float32))

    @torch.inference_mode()
    def plan(self, line: Utterance, delivery: Delivery, index: int = 0) -> UtterancePlan:
        """Durations, pitch and energy of the utterance `line`, and the decoder's conditioning.

        The prosody flow map makes `delivery.steps` jumps; the text's own pace, pitch and energy
        are then added. `index` is the utterance's number, which its seed depends on.
        """
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
        """Which symbols have a duration: phones always, stress marks never, spaces and
        punctuation where the probability of a pause is above one half."""
        maybe = torch.tensor([[s in PAUSE_SYMBOLS for s in symbols]], device=pauses.device)
        never = torch.tensor([[s in STRESS for s in symbols]], device=pauses.device)
        return torch.where(maybe, pauses > 0.5, ~never)

    def _mel_needed(self, stop: int, frames: int, steps: int) -> int:
        """Frames of mel that the vocoder needs to make the sound of frames up to `stop`."""
        return min(stop + self.vocoder.context, frames) if steps <= MAX_STREAMED_STEPS else frames

    @torch.inference_mode()
    def render(self, tasks: Sequence[RenderTask]) -> None:
        """Make the mel and the sound of tasks, which may belong to several texts.

        Mels are made one by one, since F0 depends on their last digits. Sound is made in one
        batch, within 1e-5 of what each task gives alone.
        """
        for task in tasks:
            if task.mel_needed > len(task.mel):
                task.mel = torch.cat([task.mel, self._mel(task)])
        stretches = [MelSpan(task.mel, task.start, task.stop, task.plan.frames) for task in tasks]
        for task, audio in zip(tasks, self.vocoder.spans(stretches), strict=True):
            task.audio = audio.clamp(-1, 1)

    def _mel(self, task: RenderTask) -> Float[Tensor, "lacking mels"]:
        """The log-mel frames that a task still needs, from all frames that influence them."""
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
    """Pace, pitch and energy of each symbol; those of the silent ends are their neighbours'."""
    symbols = START + line.phonemes + END
    tones = (*line.prosody[:1], *line.prosody, *line.prosody[-1:])
    values = [(tone.pace, tone.pitch, tone.energy) for tone in tones]
    pace, pitch, energy = torch.tensor(values).T[:, None]
    longer = [delivery.pauses if symbol in PAUSE_SYMBOLS else 1.0 for symbol in symbols]
    pace = pace * delivery.pace / torch.tensor(longer)
    return torch.stack([pace, pitch + delivery.pitch, energy + delivery.energy])


def chunks(frames: int, first: int = FIRST_CHUNK_FRAMES) -> Iterator[tuple[int, int]]:
    """Start and stop of each chunk: a short one first, then each as long as all before it."""
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
    """Load a synthesizer: the shipped voices, or those of your own checkpoints.

    It takes about three seconds. Nothing is downloaded unless `vocoder` names a model on
    Hugging Face. On a busy machine call `torch.set_num_threads(1)` first: torch's threads wait
    for the slowest one.

    Args:
        acoustic: path of an acoustic model (`.safetensors`); by default the shipped one.
        vocoder: path of a vocoder (`.safetensors`), a folder with the `config.yaml` and weights
            of the `vocos` package, or a name on Hugging Face such as
            `charactr/vocos-mel-24khz`; by default the shipped one.
        device: where the models run, as torch names it: `cpu`, `cuda`, `cuda:1`, `mps`.
        low_latency: make short pieces first, so that `stream` starts early. False reduces the
            total time to about 60 %, but the first piece comes later.

    Returns:
        A synthesizer, which threads may share.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: a file is no checkpoint, the two models do not fit together, or the machine
            has no such device.

    Example:
        >>> from tts import load
        >>> synthesizer = load()
        >>> synthesizer.speak("Hello.").save("hello.wav")
    """
    path = Path(shipped_checkpoint("acoustic") if acoustic is None else acoustic)
    source = shipped_checkpoint("vocoder") if vocoder is None else vocoder
    check_device(coerce_argument("device", str, device))
    coerce_argument("low_latency", bool, low_latency)
    models = load_checkpoint(path, AcousticModel), load_vocoder(source)
    check_compatible(*models, path)
    return Synthesizer(
        models[0].to(device), models[1].to(device), low_latency, read_offered_voices(path)
    )


def shipped_checkpoint(name: str) -> Path:
    """The path of the shipped `acoustic` or `vocoder`, in the package or beside it in a tree."""
    here = Path(__file__).parent
    inside = here / "checkpoints" / f"{name}.safetensors"
    return inside if inside.exists() else here.parent / "checkpoints" / f"{name}.safetensors"
