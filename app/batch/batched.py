"""Several texts spoken side by side, what is alike made in one go."""

from collections.abc import Iterator, Sequence

from tts.delivery import Delivery
from tts.speech import Speech
from tts.synthesis import Event, RenderTask, Synthesizer


def synthesize_batch(
    synthesizer: Synthesizer, wanted: Sequence[tuple[str, Delivery]]
) -> list[Speech | Exception]:
    """The speech of each text, or what is wrong with it.

    One alone is as `speak` has it; of several the durations are equal, and samples within 1e-3.
    """
    runs = [SynthesisRun(synthesizer, text, delivery) for text, delivery in wanted]
    while waiting := [run for run in runs if run.task]:
        _make(synthesizer, waiting)
    return [run.speech() for run in runs]


class SynthesisRun:
    """A text on its way to speech: the task that is next, if there is one."""

    def __init__(self, synthesizer: Synthesizer, text: str, delivery: Delivery) -> None:
        self.task: RenderTask | None = None
        self._steps: Iterator[Event] = iter(())
        self._pieces: list[Speech] = []
        self._error: Exception | None = None
        try:
            self._steps = synthesizer.events(text, delivery)
        except Exception as error:
            self.fail(error)
        self.advance()

    def advance(self) -> None:
        """On to the next task; what was made is kept."""
        self.task = None
        try:
            for step in self._steps:
                if isinstance(step, RenderTask):
                    self.task = step
                    return
                self._pieces.append(step)
        except Exception as error:
            self.fail(error)

    def fail(self, error: Exception) -> None:
        self.task, self._error, self._steps = None, error, iter(())

    def speech(self) -> Speech | Exception:
        return self._error or Speech.join(self._pieces)


def _make(synthesizer: Synthesizer, runs: Sequence[SynthesisRun]) -> None:
    """What cannot be made for one is no fault of the others."""
    try:
        synthesizer.render([run.task for run in runs if run.task])
    except Exception as error:
        if len(runs) == 1:
            runs[0].fail(error)
            return
        for run in runs:
            _make(synthesizer, [run])
    else:
        for run in runs:
            run.advance()
