"""What the mel maps of a comparison speak: same sentences, durations, pitch, noise, vocoder."""

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from tts.acoustic.model import AcousticModel
from tts.delivery import Delivery
from tts.rendering import Draw
from tts.runtime.torch import TorchRuntime
from tts.synthesis import Synthesizer
from tts.text.frontend import Utterance
from tts.torch_checkpoint import load_checkpoint
from tts.vocoder.model import Vocoder

from ..evaluation.judge import SpeechJudge, judges
from ..evaluation.results import ResultRow
from ..evaluation.similarity import Similarity
from ..evaluation.systems import follow_velocity, students
from ..evaluation.texts import EvaluationText, choose, read_lines
from .plan import Comparison

KIND = "sentence"


class OneProsody(Synthesizer):
    """A synthesizer whose prosody map always makes one jump, so that steps are of the mel alone."""

    def plans(self, line: Utterance, delivery: Delivery, index: int) -> Draw:
        """Durations, pitch and energy of an utterance for any seed, in one jump."""
        return super().plans(line, replace(delivery, steps=1), index)


@dataclass(frozen=True)
class ComparedSpeech:
    """Speaks and judges the sentences of a comparison.

    Args:
        comparison: its options.
        whisper: folder of a faster-whisper model.
    """

    comparison: Comparison
    whisper: Path

    @cached_property
    def lines(self) -> list[EvaluationText]:
        """The sentences."""
        chosen = self.comparison
        found = read_lines(chosen.texts, None, (chosen.voice,))
        return choose(found, (KIND,), chosen.sentences)

    def judge(
        self, model: AcousticModel, line: EvaluationText, steps: int, temperature: float
    ) -> ResultRow:
        """Judge a sentence, spoken in some steps.

        Args:
            model: the acoustic model.
            line: the sentence.
            steps: jumps of the mel map.
            temperature: scale of its noise.
        """
        synthesizer = OneProsody(TorchRuntime(model, self._vocoder))
        delivery = Delivery(temperature=temperature)
        (system,) = students(synthesizer, (steps,), delivery)
        return self._judge.judge(system, line)

    @cached_property
    def _vocoder(self) -> Vocoder:
        return load_checkpoint(self.comparison.vocoder, Vocoder)

    @cached_property
    def _judge(self) -> SpeechJudge:
        scores = judges(self.whisper, self.comparison.threads, mos=True)
        return SpeechJudge(judges=scores, encoder=None, similarity=Similarity({}))


def integrated(model: AcousticModel) -> AcousticModel:
    """A model whose mel map is sampled by midpoint steps of its velocity; prosody stays."""
    followed = follow_velocity(model, midpoint=True)
    followed.prosody = model.prosody
    return followed
