"""What is judged side by side: the student, its teacher, the recordings."""

from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from zlib import crc32

import torch
from torch import nn

from tts.acoustic.flow import Mel, Time, per_item
from tts.acoustic.layers import Conditioning
from tts.acoustic.model import AcousticModel
from tts.audio import Audio
from tts.delivery import Delivery
from tts.synthesis import Synthesizer
from tts.vocoder.mel import log_mel

from ..data.manifest import read_audio
from .texts import EvaluationText

MANY_STEPS = 32


@dataclass(frozen=True)
class SpeechSystem:
    """A way to speak a line; with `replays`, only of lines that were recorded."""

    name: str
    speak: Callable[[EvaluationText], Audio]
    needs_recording: bool = False


def students(
    synthesizer: Synthesizer, steps: Sequence[int], delivery: Delivery
) -> list[SpeechSystem]:
    """The model at each number of steps."""
    return [
        SpeechSystem(titled(number), partial(_speak, synthesizer, replace(delivery, steps=number)))
        for number in steps
    ]


def references(
    synthesizer: Synthesizer, teacher: AcousticModel | None, delivery: Delivery
) -> list[SpeechSystem]:
    """What the student is held against, the teacher's many midpoint steps first.

    Without a teacher's checkpoint the student's own velocity stands for it.
    """
    guide = follow_velocity(teacher or synthesizer.acoustic, midpoint=True)
    averaging = deepcopy(synthesizer.acoustic)
    averaging.prosody = follow_velocity(teacher or synthesizer.acoustic).prosody
    many = replace(delivery, steps=MANY_STEPS)
    return [
        SpeechSystem(
            f"{'teacher' if teacher else 'own velocity'}, {MANY_STEPS} midpoint steps",
            partial(_speak, replace(synthesizer, acoustic=guide), many),
        ),
        SpeechSystem(
            "mean prosody, 1 step",
            partial(_speak, replace(synthesizer, acoustic=averaging), replace(delivery, steps=1)),
        ),
        SpeechSystem("recordings", partial(_play, synthesizer), needs_recording=True),
        SpeechSystem("recordings, vocoded", partial(_vocode, synthesizer), needs_recording=True),
    ]


class Velocity(nn.Module):
    """A flow map's network asked of every jump as if it had no length.

    To sample it is to integrate the velocity, by Euler's method, of which one step gives the mean,
    or by the midpoint method, which takes two evaluations a step and is of second order.
    """

    def __init__(self, network: nn.Module, *, midpoint: bool) -> None:
        super().__init__()
        self.network, self.midpoint = network, midpoint
        self.patch = getattr(network, "patch", 1)
        self.context = (1 + midpoint) * getattr(network, "context", 0)

    def forward(self, given: Conditioning, x: Mel, s: Time, t: Time) -> Mel:
        velocity: Mel = self.network(given, x, s, s)
        if self.midpoint:
            middle = (s + t) / 2
            velocity = self.network(given, x + per_item(middle - s) * velocity, middle, middle)
        return velocity


def follow_velocity(model: AcousticModel, *, midpoint: bool = False) -> AcousticModel:
    """The same model, both of its maps followed by their velocity alone."""
    model = deepcopy(model)
    model.prosody = Velocity(model.prosody, midpoint=midpoint)  # type: ignore[assignment]
    model.decoder = Velocity(model.decoder, midpoint=midpoint)  # type: ignore[assignment]
    return model


def _speak(synthesizer: Synthesizer, delivery: Delivery, line: EvaluationText) -> Audio:
    """A line has the same noise in every system and for every voice."""
    seed = crc32(line.id.encode())
    return synthesizer.speak(line.text, replace(delivery, voice=line.voice, seed=seed)).audio


def _play(synthesizer: Synthesizer, line: EvaluationText) -> Audio:
    return play(line, synthesizer.sample_rate)


def play(line: EvaluationText, sample_rate: int) -> Audio:
    """A line's recording, at the level of speech."""
    return read_audio(_recording(line), sample_rate)


def _vocode(synthesizer: Synthesizer, line: EvaluationText) -> Audio:
    """Copy synthesis: what the vocoder makes of a recording's own mel."""
    audio = torch.from_numpy(_play(synthesizer, line))[None]
    with torch.inference_mode():
        mel = log_mel(audio, synthesizer.acoustic.config.mel)
        return synthesizer.vocoder(mel)[0].clamp(-1, 1).numpy()


def _recording(line: EvaluationText) -> Path:
    assert line.recording is not None, "a system that replays is only asked for recorded lines"
    return line.recording


def titled(number: int) -> str:
    """How a number of steps is called in the table."""
    return "1 step" if number == 1 else f"{number} steps"
