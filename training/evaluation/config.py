"""Evaluation: the options of an evaluation."""

from dataclasses import dataclass, replace
from pathlib import Path

from tts.delivery import Delivery
from tts.metrics import whisper_weights
from tts.validation import check_ranges, check_types
from tts.vocoder import pretrained

from ..release.fingerprint import fingerprint
from .results import ResultRow
from .texts import RECORDED


@dataclass(frozen=True, kw_only=True, slots=True)
class Evaluation:
    """The options of an evaluation; figures whose inputs are None are left out.

    Args:
        acoustic: checkpoint of the acoustic model.
        vocoder: checkpoint or folder of the vocoder.
        whisper: folder of a faster-whisper model.
        texts: texts to read, JSON lines.
        teacher: checkpoint of the teacher; the model's own velocity stands in if None.
        corpus: folder with `val.jsonl` and, for other voices, `many.jsonl`.
        features: folder of features of one set, for the deviation ratio.
        reader: results of the `reader` command.
        voices: names of the voices.
        kinds: kinds of texts.
        steps: numbers of steps.
        limit: most lines of each kind and voice, at least 1; all if None.
        temperature: standard deviation of the mel map's noise.
        prosody_temperature: standard deviation of the prosody map's noise.
        mos: estimate opinion scores.
        baselines: also evaluate teacher, mean prosody, recordings, bounds and speed.
        keep_audio: keep the judged audio.
        threads: CPU threads, 1 to 1024.

    Raises:
        ValueError: a value is of the wrong type or out of range.
    """

    acoustic: Path
    vocoder: Path
    whisper: Path
    texts: Path
    teacher: Path | None = None
    corpus: Path | None = None
    features: Path | None = None
    reader: Path | None = None
    voices: tuple[str, ...] = ("heart", "michael")
    kinds: tuple[str, ...] = ("sentence", "short", "long", RECORDED)
    steps: tuple[int, ...] = (1, 2, 4, 32)
    limit: int | None = None
    temperature: float = Delivery().temperature
    prosody_temperature: float = Delivery().prosody_temperature
    mos: bool = True
    baselines: bool = True
    keep_audio: bool = False
    threads: int = 2

    def __post_init__(self) -> None:
        check_types(self)
        check_ranges(self, {"limit": (1, 2**31), "threads": (1, 2**10)})

    @property
    def delivery(self) -> Delivery:
        return Delivery(temperature=self.temperature, prosody_temperature=self.prosody_temperature)

    @property
    def subject(self) -> ResultRow:
        """All that a single judgement depends on; other options choose which are made."""
        return {
            "acoustic": fingerprint(self.acoustic),
            "vocoder": fingerprint(*pretrained.vocoder_files(self.vocoder)),
            "teacher": self.teacher and fingerprint(self.teacher),
            "texts": fingerprint(self.texts),
            "whisper": fingerprint(whisper_weights(self.whisper)),
            "temperature": self.temperature,
            "prosody_temperature": self.prosody_temperature,
            "mos": self.mos,
            "corpus": self.corpus and fingerprint(self.corpus / "val.jsonl"),
            "features": self.features and fingerprint(self.features / "clips.jsonl"),
        }


def quick(evaluation: Evaluation) -> Evaluation:
    """A short evaluation: twenty sentences in one step, without baselines."""
    return replace(evaluation, kinds=("sentence",), steps=(1,), limit=20, baselines=False)
