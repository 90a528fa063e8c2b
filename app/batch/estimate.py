"""How long and how large the audio of items will be, before it is made.

The rate of speech is that of the durations that the model plans for passages from all over the
input. The size is that of a sentence that is spoken and encoded.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from tts.delivery import Delivery
from tts.synthesis import Synthesizer
from tts.text.files.passages import split_at_sentences
from tts.text.markup.visible import mask_markup

from .audio.encode import encode_audio
from .audio.format import OutputFormat
from .item import BatchItem

# Chosen by hand, so that a list of a whole book takes a few seconds.
SAMPLES = 32  # passages that are planned
SAMPLE_CHARACTERS = 300  # most characters that are planned of each
DIGIT_LETTERS = 4  # letters that take as long to say as a digit
PAUSE_SECONDS = 0.5  # of silence beside a sample that is encoded


@dataclass(frozen=True, slots=True)
class Estimate:
    """What audio will take: its length in seconds, and its size in bytes."""

    seconds: float
    bytes: float


class Estimator:
    """Estimates the length and the size of items.

    Args:
        synthesizer: plans the durations of samples.
        items: from which the samples are taken.
        form: the format of the files.
    """

    def __init__(
        self, synthesizer: Synthesizer, items: Sequence[BatchItem], form: OutputFormat
    ) -> None:
        self._synthesizer = synthesizer
        taken = items[:: -(-len(items) // SAMPLES)] if items else []
        seconds, letters = defaultdict[str, float](float), defaultdict[str, int](int)
        for item in taken:
            voice, text = item.delivery.voice, _start(item)
            if planned := self._planned(text, item.delivery):
                seconds[voice] += planned * item.delivery.pace
                letters[voice] += spoken_letters(text)
        self._rates = {voice: seconds[voice] / letters[voice] for voice in seconds}
        self._usual = sum(seconds.values()) / max(sum(letters.values()), 1)
        self._bytes_per_second = self._density(taken, form)

    def estimate(self, items: Iterable[BatchItem]) -> Estimate:
        """What items will take, with the pauses after them where they are joined."""
        seconds = sum(
            spoken_letters(item.text)
            * self._rates.get(item.delivery.voice, self._usual)
            / item.delivery.pace
            + item.pause
            for item in items
        )
        return Estimate(seconds, seconds * self._bytes_per_second)

    def _planned(self, text: str, delivery: Delivery) -> float:
        """The seconds of a text, from its planned durations and its pauses; 0 without letters."""
        mel = self._synthesizer.runtime.config.mel
        seconds = 0.0
        try:
            for index, line in enumerate(self._synthesizer.lines(text, delivery)):
                if line.phonemes:
                    plan = self._synthesizer.plan(line, delivery, index)
                    seconds += plan.frames * mel.hop / mel.sample_rate
                seconds += line.pause if line.exact else delivery.pause_seconds(line.pause)
        except ValueError:  # the run reports it with its chapter
            return 0.0
        return seconds if spoken_letters(text) else 0.0

    def _density(self, taken: Sequence[BatchItem], form: OutputFormat) -> float:
        """Bytes a second of a format, without what a file has once, by the longest sample."""
        for item in sorted(taken, key=lambda item: len(_start(item)), reverse=True):
            try:
                delivery = replace(item.delivery, best_of=1)
                audio = self._synthesizer.speak(_start(item), delivery).audio
            except ValueError:
                continue
            rate = self._synthesizer.sample_rate
            silence = np.zeros(round(PAUSE_SECONDS * rate), np.float32)
            once = np.concatenate([audio, silence])
            sizes = [len(encode_audio(np.tile(once, times), rate, form)) for times in (1, 3)]
            return (sizes[1] - sizes[0]) / (2 * len(once) / rate)
        return 0.0


def spoken_letters(text: str) -> int:
    """How long a text takes to say, in letters; its markup takes no time."""
    shown = mask_markup(text) if "[" in text or "<" in text else text
    return sum(DIGIT_LETTERS if one.isdigit() else one.isalpha() for one in shown)


def count_words(text: str) -> int:
    """The words of a text as it is written."""
    return sum(any(map(str.isalnum, word)) for word in text.split())


def _start(item: BatchItem) -> str:
    """The first sentences of an item."""
    options = item.delivery.reading
    return next(iter(split_at_sentences(item.text, SAMPLE_CHARACTERS, options)))
