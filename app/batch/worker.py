"""Make an item: speech, quality checks with retries, and the files and row that are kept."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path

from tts.best_of.judges import ENSEMBLE, JUDGES, find_judge
from tts.captions.dubbing import overrun_seconds, speak_to_fit
from tts.captions.formats import CAPTION_FORMATS, TimedText
from tts.cli.main import configure_device
from tts.delivery import Delivery
from tts.learned_voices import LearnedVoices, ModelFiles, find_voices
from tts.metrics import whisper_weights
from tts.runtime.load import SCALES, RuntimeOptions, choose_runtime
from tts.speech import Speech
from tts.synthesis import load, shipped_checkpoint
from tts.text.language_warnings import language_warnings
from tts.validation import check_types
from tts.vocoder import pretrained

from . import manifest
from .audio.encode import encode_audio
from .audio.format import OutputFormat
from .batched import synthesize_batch
from .candidates import Candidate, best, explain_choices, make_candidates
from .item import CHECKS, BatchItem, derive_seed, fingerprint, item_key, settings, voice_hashes
from .parts import part_files, times_files
from .processes import WorkerSpec, run_processes
from .quality import QualityLimits, QualityScorer, find_problems, measure_quality
from .rows import Row


@dataclass(frozen=True, kw_only=True)
class JobConfig:
    """How items become audio.

    Args:
        acoustic: path of the acoustic model; None for the shipped one.
        vocoder: path or Hugging Face name of the vocoder; None for the shipped one.
        voices: voice files.
        voice_dir: a folder of voice files; None for that of the user's data.
        device: `cpu`, `cuda` or `cuda:1`.
        runtime: `onnx` or `torch`; None for the one that fits the device and the models.
        precision: `float32` or `int8`; None for the one that fits the processor.
        together: items synthesised in one batch, from 1 to 256.
        form: format of a file per item; None for no such files.
        times: formats of captions beside each file, as lower-case names such as `srt`.
        parts: keep parts for joining.
        rolls: most retries, with other seeds, of an item that has problems; from 0 to 20.
        judge: chooses where a delivery has `best_of`: `checks`, or a name that `Delivery` takes.
        mos: percentage of the items that are scored by DistillMOS, from 0 to 100.
        whisper: folder of a faster-whisper model that transcribes every item; None for none.
        limits: what counts as a problem.

    Raises:
        ValueError: a value is out of its range or of another type.
        FileNotFoundError: the Whisper folder has no model.
    """

    acoustic: Path | None = None
    vocoder: str | None = None
    voices: tuple[Path, ...] = ()
    voice_dir: Path | None = None
    device: str = "cpu"
    runtime: str | None = None
    precision: str | None = None
    together: int = 1
    form: OutputFormat | None = field(default_factory=OutputFormat)
    times: tuple[str, ...] = ()
    parts: bool = False
    rolls: int = 2
    judge: str = ENSEMBLE
    mos: float = 0.0
    whisper: Path | None = None
    limits: QualityLimits = field(default_factory=QualityLimits)

    def __post_init__(self) -> None:
        check_types(self)
        for name, (option, low, high) in RANGES.items():
            if not low <= (given := getattr(self, name)) <= high:
                raise ValueError(f"{option} must be from {low} to {high}, got {given:g}")
        if self.whisper:
            whisper_weights(self.whisper)
        self.options()
        if self.judge != CHECKS and self.judge not in JUDGES:
            known = ", ".join((*JUDGES, CHECKS))
            raise ValueError(f"judge must be one of {known}; got {self.judge!r}")
        for ending in self.times:
            if ending not in CAPTION_FORMATS:
                known = ", ".join(CAPTION_FORMATS)
                raise ValueError(f"times must be one of {known}; got {ending!r}")

    def model(self) -> str:
        """A hash of the files of both models.

        Raises:
            FileNotFoundError: there is no such vocoder, or its folder lacks a file.
        """
        vocoder = Path(self.vocoder or shipped_checkpoint("vocoder"))
        # a name on Hugging Face is downloaded later, by the workers
        if not vocoder.exists() and not pretrained.NAME.fullmatch(str(vocoder)):
            raise FileNotFoundError(f"no such file: {vocoder}")
        acoustic = self.acoustic or shipped_checkpoint("acoustic")
        files = [acoustic, *pretrained.vocoder_files(vocoder)]
        return fingerprint([manifest.file_sha256(path) or str(path) for path in files])

    def models(self) -> ModelFiles:
        """The files of both models, which learned voices belong to."""
        acoustic = self.acoustic or shipped_checkpoint("acoustic")
        return ModelFiles(acoustic, self.vocoder or shipped_checkpoint("vocoder"))

    def learned_voices(self) -> LearnedVoices:
        """The learned voices that items can use; errors as for `tts.load`."""
        return find_voices(self.models(), self.voices, self.voice_dir)

    def key_fields(self, model: str) -> Row:
        """All settings that the bytes of a file depend on, beside the item itself."""
        own = {name: value for name, value in asdict(self).items() if name not in PLACES}
        if self.judge == ENSEMBLE:
            del own["judge"]  # older batches have none
        heard = manifest.file_sha256(whisper_weights(self.whisper)) if self.whisper else None
        acoustic = self.acoustic or shipped_checkpoint("acoustic")
        vocoder = self.vocoder or shipped_checkpoint("vocoder")
        runtime, precision = choose_runtime(acoustic, vocoder, self.options())
        # the scales decide with the weights about the samples, and whether int8 is used
        scales = manifest.file_sha256(SCALES) if precision == "int8" else None
        chosen = {"runtime": runtime, "precision": precision, "scales": scales}
        return own | chosen | {"model": model, "whisper": heard}

    def options(self) -> RuntimeOptions:
        """The options of the runtime; a worker has one thread."""
        return RuntimeOptions(
            device=self.device, runtime=self.runtime, precision=self.precision, threads=1
        )


PLACES = ("acoustic", "vocoder", "voices", "voice_dir", "whisper")
# Ranges of fields, both ends included, with the names that the command has for them
RANGES = {"together": ("batch size", 1, 256), "rolls": ("retries", 0, 20), "mos": ("mos", 0, 100)}


@dataclass(frozen=True)
class Result:
    """The result of an item: its manifest row, and its files by path."""

    row: Row
    files: Mapping[str, bytes] = field(default_factory=dict)

    @classmethod
    def failed(cls, item: BatchItem, why: str) -> "Result":
        return cls({"id": item.id, "line": item.line, "text": item.text, "error": why})


def run_workers(
    order: JobConfig, batches: Iterable[Sequence[BatchItem]], workers: int
) -> Iterator[Result]:
    """Make items and yield results as they are ready; a single worker runs in this process."""
    if workers == 1:
        worker = Worker(order)
        for batch in batches:
            yield from worker(batch)
        return
    job = WorkerSpec(load=partial(Worker, order), fail=Result.failed)
    yield from run_processes(job, batches, workers)


class Worker:
    """Makes items with models it has loaded, on one thread, so that results do not depend on the
    number of workers or cores."""

    def __init__(self, order: JobConfig) -> None:
        self.order, self._told = order, order.key_fields(order.model())
        self._synthesizer = load(
            order.acoustic,
            order.vocoder,
            **asdict(order.options()),
            voices=order.voices,
            voice_dir=order.voice_dir,
        )
        if order.mos > 0 or order.judge == "distillmos":
            configure_device("cpu", threads=1)  # PyTorch, which runs DistillMOS
        if order.judge != CHECKS:
            find_judge(order.judge)  # loads it
        self._panel = QualityScorer(mos=order.mos > 0, whisper=order.whisper)

    def __call__(self, items: Sequence[BatchItem]) -> list[Result]:
        """Make a batch of items; an item that fails gets a row with an `error`."""
        for item in items:  # before the weights are read, so that a key is never that of newer ones
            self._hashes(item)
        spoken = [self._spoken(item) for item in items]
        first = synthesize_batch(self._synthesizer, [(one.text, one.delivery) for one in spoken])
        return [self._made(item, speech) for item, speech in zip(items, first, strict=True)]

    def _spoken(self, item: BatchItem) -> BatchItem:
        """The item as a candidate of it is spoken: with the judge of its sentences, if any."""
        if self.order.judge == CHECKS:
            return replace(item, delivery=replace(item.delivery, best_of=1))
        return replace(item, delivery=replace(item.delivery, judge=self.order.judge))

    def _made(self, item: BatchItem, first: Speech | Exception) -> Result:
        def make(item: BatchItem) -> Candidate:
            return self._judged(item, self._fitted(item, speech))

        try:
            if isinstance(first, Exception):
                raise first
            speech = first
            count = item.delivery.best_of if self.order.judge == CHECKS else 1
            candidates = make_candidates(self._spoken(item), make, count, self.order.rolls)
            return self._kept(item, candidates)
        except Exception as error:
            # one failed item must not stop a batch of thousands
            why = str(error) if isinstance(error, ValueError) else repr(error)
            return Result.failed(item, why)

    def _fitted(self, item: BatchItem, first: Speech) -> Speech:
        """The speech of an item, sped up if it has a subtitle cue that it would overrun.

        `first` is speech of its text that is made already, which is taken if it is the same.
        """

        def speak(delivery: Delivery) -> Speech:
            if delivery == first.delivery:
                return first
            return self._synthesizer.speak(item.text, delivery)

        return speak_to_fit(speak, item.delivery, item.slot)

    def _judged(self, item: BatchItem, speech: Speech) -> Candidate:
        quality = measure_quality(speech, item.text)
        share = derive_seed(0, item.text, item.take) % 10_000 / 100
        heard = self._panel.judge(speech, spoken_text(speech), mos=share < self.order.mos)
        spoken_so = replace(item, delivery=speech.delivery)
        found = find_problems(quality, heard, spoken_so, self.order.limits)
        late = overrun_seconds(speech, item.slot)
        if late:
            found = (*found, f"{late:.1f} s longer than its cue, at pace {speech.delivery.pace:g}")
        return Candidate(speech, quality, heard, found)

    def _kept(self, item: BatchItem, candidates: Sequence[Candidate]) -> Result:
        """The result of an item: the files and the row of its best candidate."""
        kept = best(candidates)
        speech, form, files = kept.speech, self.order.form, dict[str, bytes]()
        sound = f"audio/{item.id}.{form.format}" if form else None
        quality = kept.quality.in_form(form) if form else kept.quality
        if form and sound:
            files[sound] = encode_audio(speech.audio, speech.sample_rate, form, *speech.voices)
            files |= times_of(speech, item, self.order.times)
        if self.order.parts:
            files |= part_files(speech, item.id)
        row = {
            "id": item.id,
            "line": item.line,
            "chapter": item.chapter,
            "take": item.take,
            "text": item.text,
            "spoken": spoken_text(speech),
            "voice": speech.delivery.voice,
            "pace": speech.delivery.pace,
            "steps": speech.steps,
            "seed": speech.seed,
            "slot": item.slot,
            "pause": item.pause,
            "text_sha256": manifest.sha256(item.text.encode("utf-8", "surrogatepass")),
            "settings_sha256": fingerprint(settings(speech.delivery)),
            "model": self._told["model"],
            "runtime": self._synthesizer.runtime.name,
            "precision": self._synthesizer.runtime.precision,
            "key": item_key(item, self._told, self._synthesizer.learned_voices),
            "audio": sound,
            "sample_rate": form.sample_rate if form else speech.sample_rate,
            "seconds": round(speech.seconds, 6),
            "samples": len(speech.audio),
            "quality": {**asdict(quality), **kept.heard},
            "troubles": list(kept.troubles),
            "rolls": [one.to_row() for one in candidates if one is not kept],
        }
        if choices := explain_choices(candidates):
            row["choices"] = choices
        if warnings := language_warnings(item.text, speech.delivery.reading):
            row["warnings"] = list(warnings)
        if hashes := self._hashes(item):
            row["voice_sha256"] = hashes
        if speech.voices != (speech.delivery.voice,):
            row["voices"] = list(speech.voices)
        return Result(row, files)

    def _hashes(self, item: BatchItem) -> dict[str, str]:
        return voice_hashes(item, self._synthesizer.learned_voices)


def spoken_text(speech: Speech) -> str:
    """The spoken words, separated by single spaces."""
    return " ".join(word.text for word in speech.words)


def times_of(speech: Speech, item: BatchItem, endings: Sequence[str]) -> dict[str, bytes]:
    """Caption files of an item, by path; they lie beside its sound."""
    times = TimedText(item.text)
    times.add(speech)
    return times_files(f"audio/{item.id}", times, endings)
