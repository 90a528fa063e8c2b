"""Evaluation: what is judged, by whom and on what."""

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
    """What is not given leaves its figures out; `baselines` asks for all that bounds a student's.

    `whisper` is a folder; `corpus` one of recordings, with `val.jsonl`, and `many.jsonl` for other
    voices; `features` what `prepare` made of `val`; `reader` the file of the `reader` command.
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
        """All that a single figure depends on; the rest says which figures are wanted."""
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
    """Enough to choose between two models: twenty sentences, one step, nothing beside them."""
    return replace(evaluation, kinds=("sentence",), steps=(1,), limit=20, baselines=False)
