"""From text to sound. `Synthesizer.events_of` is the data flow of the whole system."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from os import PathLike
from pathlib import Path

import numpy as np

from tts.acoustic.durations import (
    has_duration,
    position_features,
    predict_durations,
    shift_prosody,
    token_of_frames,
    tones,
)
from tts.audio import amplify
from tts.best_of.candidates import prepare_tasks
from tts.captions.timing import Alignment
from tts.checkpoint import read_offered_voices
from tts.checkpoint import shipped_checkpoint as shipped_checkpoint
from tts.delivery import Delivery
from tts.deprecation import moved_arguments, renamed_arguments, renamed_fields, renamed_members
from tts.error_messages import short_repr
from tts.learned_voices import LearnedVoices, ModelFiles, VoicePaths, find_voices
from tts.noise import noise
from tts.rendering import Cut, Draw, Event, Rendering, RenderTask, UtterancePlan
from tts.runtime.base import Runtime, Tokens
from tts.runtime.load import RuntimeOptions, load_runtime
from tts.speech import Speech
from tts.streaming import chunks, jumps, offline_chunks, render_tasks
from tts.text.frontend import Utterance, prepare_utterances
from tts.text.language_warnings import explain_no_words
from tts.text.markup.voices import named_voices
from tts.text.pronounce.symbols import END, START, PhonemeTokenizer
from tts.validation import coerce_argument
from tts.voice_catalog import NO_LEARNED_VOICES, VoiceCatalog
from tts.voices import VoiceInfo

MAX_SILENCE_SAMPLES = 240_000  # 10 s of silence in one piece
PROSODY, MEL = 0, 1  # the two kinds of noise


@renamed_members(has="has_voice", make="render", shares="voice_weights", steps="events")
@renamed_fields(offered="offered_voices")
@dataclass(frozen=True, repr=False)
class Synthesizer(VoiceCatalog):
    """An acoustic model and a vocoder, ready to speak. `load` makes one.

    Threads may share a synthesizer: calls change nothing in it. A call runs on the calling
    thread, and on as many threads of the runtime as `load` was given.

    Args:
        runtime: evaluates the networks of both models.
        offered_voices: voices of the model that `voices` lists; without any, all of them.
        learned_voices: voices from files, which `voices` lists after those.

    Example:
        >>> synthesizer = load()
        >>> synthesizer.voices[:2], synthesizer.sample_rate
        (('heart', 'michael'), 24000)
    """

    runtime: Runtime
    offered_voices: tuple[VoiceInfo, ...] = ()
    learned_voices: LearnedVoices = NO_LEARNED_VOICES

    def __post_init__(self) -> None:
        if not hasattr(self.runtime, "vocode"):
            given = short_repr(self.runtime)
            raise ValueError(f"runtime must be one such as TorchRuntime(...), got {given}")

    def __repr__(self) -> str:
        engine = f"{self.runtime.name} {self.runtime.precision} on {self.runtime.device}"
        return f"<Synthesizer: {len(self.voices)} voices, {self.sample_rate} Hz, {engine}>"

    @property
    def sample_rate(self) -> int:
        """Samples per second of all sound, in Hz: 24000 with the shipped voices."""
        return self.runtime.config.mel.sample_rate

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
        return Speech.join(self.stream(text, delivery, low_latency=False))

    @renamed_arguments(only="utterance")
    def stream(
        self,
        text: str,
        delivery: Delivery | None = None,
        utterance: int | None = None,
        *,
        low_latency: bool = True,
    ) -> Iterator[Speech]:
        """Speak a text piece by piece, so that it can be heard while the rest is made.

        The pieces have the samples of `speak`, within 1e-4. An iterator is used by one thread at
        a time; nothing is made between its steps, and it can be dropped at any piece.

        Args:
            text: as for `speak`.
            delivery: as for `speak`.
            utterance: make this utterance alone (a sentence, as `Speech.utterance` counts them
                from 0), with the same samples as in the whole text; by default, all of them.
            low_latency: make short pieces first, so that sound starts early. False makes
                utterances as whole as memory allows, which takes less time in all.

        Returns:
            Pieces in order, most of 0.2 to 5.5 s (up to 44 s without `low_latency`). Times of
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
        events = self.events(text, delivery, utterance, low_latency=low_latency)
        return Rendering(events).run(self.render)

    async def astream(
        self,
        text: str,
        delivery: Delivery | None = None,
        utterance: int | None = None,
        *,
        low_latency: bool = True,
    ) -> AsyncIterator[Speech]:
        """Speak a text piece by piece in asyncio; each piece is made on a thread.

        Other tasks run meanwhile. Leaving the loop stops the work: by `break`, by an error or by a
        cancellation, after which only the piece that is being made is completed.

        Args:
            text: as for `speak`.
            delivery: as for `speak`.
            utterance: as for `stream`.
            low_latency: as for `stream`.

        Yields:
            The pieces of `stream`.

        Raises:
            ValueError: as for `stream`, when the first piece is asked for.

        Example:
            >>> import asyncio
            >>> async def seconds(text):
            ...     return sum([piece.seconds async for piece in synthesizer.astream(text)])
            >>> round(asyncio.run(seconds("Hello there.")), 1)
            0.8
        """
        begin = partial(self.stream, text, delivery, utterance, low_latency=low_latency)
        pieces = await asyncio.to_thread(begin)
        while piece := await asyncio.to_thread(next, pieces, None):
            yield piece

    @renamed_arguments(only="utterance")
    def events(
        self,
        text: str,
        delivery: Delivery | None = None,
        utterance: int | None = None,
        *,
        low_latency: bool = True,
    ) -> Iterator[Event]:
        """The work of `stream`, for callers that render tasks of many texts in one batch.

        `text`, `delivery`, `utterance`, `low_latency` and errors are those of `stream`. Yields
        tasks, tuples of tasks of candidates, and speech; `render` tasks before the next event.
        """
        coerce_argument("low_latency", bool, low_latency)
        delivery = self.checked(text, delivery, utterance)
        lines = self.lines(text, delivery)
        cut = chunks if low_latency else offline_chunks
        events = self.events_of(chain([next(lines)], lines), delivery, utterance, cut)
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
            ValueError: the text has no words, its markup is wrong, or it names an unknown voice.
        """
        for voice in named_voices(text, delivery.reading):
            self.voice_weights(voice)
        convention = self.runtime.config.convention
        lines = prepare_utterances(text, delivery.reading, delivery.lexicon, convention)
        begun: list[Utterance] = []
        for line in lines:
            begun.append(line)
            if line.phonemes:
                break
        else:
            raise ValueError(explain_no_words(text, delivery.reading))
        yield from chain(begun, lines)

    def events_of(
        self,
        lines: Iterable[Utterance | None],
        delivery: Delivery,
        utterance: int | None = None,
        cut: Cut | None = None,
    ) -> Iterator[Event | None]:
        """Tasks and speech of the utterances `lines`, spoken as `delivery` says.

        This is the data flow of the whole system: an utterance of phonemes, a plan of its
        durations and pitch, and for each chunk of frames its mel and sound (`render`), with the
        times of phones and words. None stands for an utterance that is not read yet. With the
        number of an `utterance`, that one alone is made. `cut` gives start and stop of each chunk
        of so many frames; by default `chunks`.
        """
        index = samples = 0
        for line in lines:
            if line is None:
                yield None
                continue
            if utterance in (None, index):
                begun = samples / self.sample_rate
                for event in self._events_of_one(line, delivery, index, cut or chunks):
                    if isinstance(event, Speech):
                        samples += len(event.audio)
                        event = event.shifted(begun)
                    yield event
            index += bool(line.phonemes)
            if utterance is not None and index > utterance:
                return
        if utterance is not None:
            raise ValueError(f"utterance must be from 0 to {index - 1}, got {utterance}")

    def _events_of_one(
        self, line: Utterance, delivery: Delivery, index: int, cut: Cut
    ) -> Iterator[Event]:
        """Tasks and speech of one utterance and the silence after it, timed from its start."""
        speech = partial(
            Speech, sample_rate=self.sample_rate, delivery=delivery, utterance=index, phones=()
        )
        if line.phonemes:
            draw, voice = self.plans(line, delivery, index), line.voice or delivery.voice
            tasks, choices = yield from prepare_tasks(draw, delivery, index, cut)
            for task in tasks:
                if task.audio is None:
                    yield task
                assert task.audio is not None, "a task is rendered before the next event"
                audio = amplify(task.audio, delivery.volume)
                times = Alignment(line, task.plan.durations.tolist(), task.plan.frame_seconds)
                phones = times.phones(task.start, task.stop)
                words = times.words(task.start, task.stop)
                said = speech(audio=audio, phones=phones, words=words, voices=(voice,))
                yield replace(said, choices=() if task.start else choices)
        pause = line.pause if line.exact else delivery.pause_seconds(line.pause)
        for start in range(0, samples := round(pause * self.sample_rate), MAX_SILENCE_SAMPLES):
            yield speech(audio=np.zeros(min(samples - start, MAX_SILENCE_SAMPLES), np.float32))

    def plan(self, line: Utterance, delivery: Delivery, index: int = 0) -> UtterancePlan:
        """The plan of the utterance `line`, number `index`, for the seed that `delivery` gives."""
        return self.plans(line, delivery, index)(delivery.seed_of(index))

    def plans(self, line: Utterance, delivery: Delivery, index: int) -> Draw:
        """Encode the utterance `line`, number `index`; durations, pitch and energy for any seed.

        The prosody map makes `delivery.steps` jumps; the text's own prosody is then added.
        """
        shares = self.voice_shares(line.voice or delivery.voice)
        runtime, voice, deviation = self.learned_voices.resolve(self.runtime, shares)
        statistics, symbols = runtime.statistics, START + line.phonemes + END
        numbers = np.array(PhonemeTokenizer(inventory=runtime.config.symbols).encode(symbols))
        hidden, pauses = runtime.encode(numbers, voice)
        lasting, (pace, pitch, energy) = has_duration(symbols, pauses), tones(line, delivery)

        def draw(seed: int) -> UtterancePlan:
            start = delivery.prosody_temperature * noise((seed, index, PROSODY), 0, len(symbols), 3)
            tokens = Tokens(hidden, start.astype(np.float32), voice)
            for s, t in jumps(delivery.steps):
                tokens = replace(tokens, prosody=runtime.prosody_jump(tokens, lasting, s, t))
            prosody = shift_prosody(tokens.prosody, statistics, deviation, pitch, energy)
            durations = predict_durations(prosody, statistics, lasting, pace)
            token = token_of_frames(durations)
            position = position_features(durations, token)
            tokens = replace(tokens, prosody=prosody)
            return UtterancePlan(durations, tokens, token, position, (seed, index, MEL), runtime)

        return draw

    def render(self, tasks: Sequence[RenderTask]) -> None:
        """Make the mel and the sound of tasks, which may belong to several texts.

        Those with the same weights are computed together where that is faster, within 1e-5 of what
        each gives alone.
        """
        groups: dict[int, list[RenderTask]] = {}
        for task in tasks:
            groups.setdefault(id(task.plan.runtime), []).append(task)
        for group in groups.values():
            render_tasks(group[0].plan.runtime, group)


@moved_arguments(early="stream(low_latency=...)", low_latency="stream(low_latency=...)")
def load(  # noqa: PLR0913 - each is an option
    acoustic: Path | str | None = None,
    vocoder: Path | str | None = None,
    *,
    device: str = "cpu",
    runtime: str | None = None,
    precision: str | None = None,
    threads: int | None = None,
    voices: VoicePaths = (),
    voice_dir: Path | str | None = None,
) -> Synthesizer:
    """Load a synthesizer: the shipped voices, or those of your own checkpoints.

    It takes about half a second, or three with PyTorch. Nothing is downloaded unless `vocoder`
    names a model on Hugging Face.

    Args:
        acoustic: path of an acoustic model (`.safetensors`); by default the shipped one.
        vocoder: path of a vocoder (`.safetensors`); by default the shipped one. With the extra
            `torch` also a folder with the `config.yaml` and weights of the `vocos` package, or a
            name on Hugging Face such as `charactr/vocos-mel-24khz`.
        device: where the models run, as torch names it: `cpu`, `cuda`, `cuda:1`, `mps`. All but
            `cpu` need the extra `torch`.
        runtime: what evaluates the networks, `onnx` (ONNX Runtime) or `torch` (PyTorch). By
            default `onnx`, or `torch` for what ONNX Runtime cannot do: other devices, public
            vocoders and, without the package onnx, models of other sizes.
        precision: of the networks, `float32` or `int8`. By default `int8` where it is faster and
            sounds the same: with ONNX Runtime, on processors that have VNNI or, on ARM,
            dot products.
        threads: CPU threads of a call, from 1 to 1024; by default 1. On a busy machine more make
            it slower. PyTorch's one setting for the whole process is left alone without it.
        voices: paths of voice files (`.voice`), which are offered by the names in them; or a dict
            of such paths by the names to use. They must belong to the models.
        voice_dir: a folder of voice files, which are offered, too; by default `voices` in the
            folder of the user's data. Damaged ones are left out (`learned_voices.left_out`).

    Returns:
        A synthesizer, which threads may share.

    Raises:
        FileNotFoundError: there is no such file.
        ModuleNotFoundError: the runtime is not installed; the message says how to install it.
        ValueError: a file is no checkpoint, the two models do not fit together, the machine has
            no such device, or the runtime cannot run them. A file of `voices` is damaged, belongs
            to other models, or has the name of another voice.

    Example:
        >>> from tts import load
        >>> synthesizer = load()
        >>> synthesizer.speak("Hello.").save("hello.wav")
    """
    for name, given in (("acoustic", acoustic), ("vocoder", vocoder)):
        if not isinstance(given, str | PathLike | None):
            raise ValueError(f"{name} must be a path, got {short_repr(given)}")
    path = Path(shipped_checkpoint("acoustic") if acoustic is None else acoustic)
    source = shipped_checkpoint("vocoder") if vocoder is None else vocoder
    options = RuntimeOptions(device=device, runtime=runtime, precision=precision, threads=threads)
    found = load_runtime(path, source, options)
    learned = find_voices(ModelFiles(path, source), voices, voice_dir)
    return Synthesizer(found, read_offered_voices(path), learned)
