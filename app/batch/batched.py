"""Several texts spoken side by side, their tasks rendered together."""

from collections.abc import Sequence

from tts.delivery import Delivery
from tts.rendering import Rendering, render_together
from tts.speech import Speech
from tts.synthesis import Synthesizer


def synthesize_batch(
    synthesizer: Synthesizer, texts: Sequence[tuple[str, Delivery]]
) -> list[Speech | Exception]:
    """Synthesise several texts in one batch.

    Args:
        synthesizer: the models.
        texts: each text with its delivery.

    Returns:
        For each text, in order, its speech or the exception that it raised. A single text gives
        exactly what `Synthesizer.speak` returns; in a batch of several the durations are the same
        and samples differ by at most 1e-3, since sums are rounded in another order.
    """
    runs = [SynthesisRun(synthesizer, text, delivery) for text, delivery in texts]
    while waiting := [run for run in runs if run.tasks]:
        for run in render_together(synthesizer.render, waiting, SynthesisRun.fail):
            run.advance()
    return [run.speech() for run in runs]


class SynthesisRun(Rendering):
    """The rendering of one text: collects its pieces, or the exception that ended it."""

    def __init__(self, synthesizer: Synthesizer, text: str, delivery: Delivery) -> None:
        super().__init__(iter(()))
        self._spoken: list[Speech] = []
        self._error: Exception | None = None
        try:
            self.events = synthesizer.events(text, delivery, low_latency=False)
        except Exception as error:
            self.fail(error)
        self.advance()

    def advance(self) -> None:
        """Collect the pieces that are ready, up to the next task."""
        try:
            self._spoken += self.pieces()
        except Exception as error:
            self.fail(error)

    def fail(self, error: Exception) -> None:
        self.tasks, self._error, self.events = (), error, iter(())

    def speech(self) -> Speech | Exception:
        return self._error or Speech.join(self._spoken)
