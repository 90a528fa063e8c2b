"""The systems of an evaluation: the student, its teacher, and recordings."""

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
from tts.runtime.torch import TorchRuntime
from tts.synthesis import Synthesizer
from tts.vocoder.mel import log_mel
from tts.vocoder.model import Vocoder

from ..data.manifest import read_audio
from .texts import EvaluationText

MANY_STEPS = 32  # of the teacher; 32 Euler steps lose .04 of the deviation ratio to midpoint steps


@dataclass(frozen=True)
class SpeechSystem:
    """A named way to speak a line; with `needs_recording`, only lines that have a recording."""

    name: str
    speak: Callable[[EvaluationText], Audio]
    needs_recording: bool = False


def students(
    synthesizer: Synthesizer, steps: Sequence[int], delivery: Delivery
) -> list[SpeechSystem]:
    """A system for the model at each number of steps."""
    return [
        SpeechSystem(
            titled(number), partial(speak_line, synthesizer, replace(delivery, steps=number))
        )
        for number in steps
    ]


def modules(synthesizer: Synthesizer) -> tuple[AcousticModel, Vocoder]:
    """The acoustic model and the vocoder of a synthesizer, which must run on PyTorch."""
    runtime = synthesizer.runtime
    assert isinstance(runtime, TorchRuntime), "load(..., runtime='torch')"
    return runtime.acoustic, runtime.vocoder


def references(
    synthesizer: Synthesizer, teacher: AcousticModel | None, delivery: Delivery
) -> list[SpeechSystem]:
    """The systems to compare with: teacher, mean prosody, recordings, and vocoded recordings.

    The teacher is sampled by midpoint steps; without one, the student's own velocity is used.
    """
    acoustic, vocoder = modules(synthesizer)
    guide = follow_velocity(teacher or acoustic, midpoint=True)
    averaging = deepcopy(acoustic)
    averaging.prosody = follow_velocity(teacher or acoustic).prosody
    many = replace(delivery, steps=MANY_STEPS)
    return [
        SpeechSystem(
            f"{'teacher' if teacher else 'own velocity'}, {MANY_STEPS} midpoint steps",
            partial(speak_line, Synthesizer(TorchRuntime(guide, vocoder)), many),
        ),
        SpeechSystem(
            "mean prosody, 1 step",
            partial(
                speak_line,
                Synthesizer(TorchRuntime(averaging, vocoder)),
                replace(delivery, steps=1),
            ),
        ),
        SpeechSystem("recordings", partial(_play, synthesizer), needs_recording=True),
        SpeechSystem("recordings, vocoded", partial(_vocode, synthesizer), needs_recording=True),
    ]


class Velocity(nn.Module):
    """A flow map's network that gives the velocity at s in place of the average velocity.

    Sampling then integrates the velocity: by Euler's method, whose single step gives the mean, or
    by the midpoint method, of second order, with two evaluations a step.
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
    """A copy of a model whose maps are sampled by their velocities."""
    model = deepcopy(model)
    model.prosody = Velocity(model.prosody, midpoint=midpoint)  # type: ignore[assignment]
    model.decoder = Velocity(model.decoder, midpoint=midpoint)  # type: ignore[assignment]
    return model


def speak_line(synthesizer: Synthesizer, delivery: Delivery, line: EvaluationText) -> Audio:
    """Speak a line; its noise is the same in every system and voice."""
    seed = crc32(line.id.encode())
    return synthesizer.speak(line.text, replace(delivery, voice=line.voice, seed=seed)).audio


def _play(synthesizer: Synthesizer, line: EvaluationText) -> Audio:
    return play(line, synthesizer.sample_rate)


def play(line: EvaluationText, sample_rate: int) -> Audio:
    """The recording of a line, at the level of speech."""
    return read_audio(_recording(line), sample_rate)


def _vocode(synthesizer: Synthesizer, line: EvaluationText) -> Audio:
    """Copy synthesis: the vocoder's output for the mel of the recording."""
    audio = torch.from_numpy(_play(synthesizer, line))[None]
    _, vocoder = modules(synthesizer)
    with torch.inference_mode():
        mel = log_mel(audio, vocoder.config.mel)
        return vocoder(mel)[0].clamp(-1, 1).numpy()


def _recording(line: EvaluationText) -> Path:
    assert line.recording is not None, "only recorded lines are given to such systems"
    return line.recording


def titled(number: int) -> str:
    """The name of a number of steps in tables."""
    return "1 step" if number == 1 else f"{number} steps"
