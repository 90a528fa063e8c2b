"""A synthesizer whose lines are steered."""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace

from tts.delivery import Delivery
from tts.rendering import Draw, UtterancePlan
from tts.steering.line import LineMap
from tts.steering.rewards import LogMel
from tts.synthesis import Synthesizer
from tts.text.frontend import Utterance

Steering = Callable[[LineMap], LogMel]


@dataclass(frozen=True, repr=False, kw_only=True)
class SteeredSynthesizer(Synthesizer):
    """A synthesizer whose lines are steered, each by itself and as a whole; `steer` makes one.

    It is used as any other. The sound of a sentence begins when all of its mel is steered.

    Args:
        steering: makes the log-mel of a line, as a batch of one; such as `NoiseAscent` or
            `Tilting`, or a function of your own.
    """

    steering: Steering

    def plans(self, line: Utterance, delivery: Delivery, index: int) -> Draw:
        """The plan of the utterance `line` for any seed, with its steered mel."""
        draw = super().plans(line, delivery, index)

        def steered(seed: int) -> UtterancePlan:
            plan = draw(seed)
            line = LineMap(plan, delivery)
            mel = self.steering(line)
            expected, given = (
                (1, plan.frames, line.model.config.mel.bands),
                getattr(mel, "shape", None),
            )
            if given != expected:
                raise ValueError(
                    f"a steering must return a log-mel of shape {expected}; got "
                    f"{type(mel).__name__ if given is None else tuple(given)}"
                )
            return replace(plan, mel=mel[0].detach().cpu().numpy())

        return steered


def steer(synthesizer: Synthesizer, steering: Steering) -> SteeredSynthesizer:
    """The same voices, steered.

    Args:
        synthesizer: on PyTorch, from `load(runtime="torch")`.
        steering: such as `NoiseAscent(reward)` or `Tilting(reward)`, or a function of your own
            that makes the log-mel of a line.

    Returns:
        A synthesizer; `synthesizer` stays as it is. Speaking raises ValueError where the runtime
        is not PyTorch, the temperature is 0, or the reward does not return a differentiable
        number for each item.

    Example:
        >>> from tts import load
        >>> from tts.steering import NoiseAscent, brightness
        >>> plain = load(runtime="torch")
        >>> bright = steer(plain, NoiseAscent(brightness, steps=3))
        >>> bright.speak("Hello.").seconds == plain.speak("Hello.").seconds
        True
    """
    known = {each.name: getattr(synthesizer, each.name) for each in fields(Synthesizer)}
    return SteeredSynthesizer(**known, steering=steering)
