"""The mel of an utterance, chunk by chunk: each jump of the mel map is a streamed network.

A jump takes the frames that the jump before it gives, which are some frames behind. So nothing is
computed twice, and the vocoder gets as many frames as the sound of a chunk depends on.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import numpy as np
from jaxtyping import Float

from tts.noise import noise
from tts.rendering import Jump, Progress, RenderTask
from tts.runtime.base import DecoderStretch, Runtime

# Frames that decide about a frame grow with the steps; beyond two, the whole mel is made first.
MAX_STREAMED_STEPS = 2

Mel = Float[np.ndarray, "_ mels"]  # a stretch of frames


def jumps(steps: int) -> Iterator[tuple[float, float]]:
    """Start and end of each of so many equal jumps from noise (0) to data (1)."""
    return pairwise(np.linspace(0, 1, steps + 1, dtype=np.float32).tolist())


def next_mel(runtime: Runtime, task: RenderTask) -> tuple[Mel, Progress]:
    """The log-mel frames that the vocoder still needs for a task, and the progress with them."""
    before, (first, *_, vocoder) = task.progress, frames_needed(runtime, task)
    drawn = noise(task.plan.seed, before.jumps[0].frames, first, runtime.config.mel.bands)
    x, after = (task.delivery.temperature * drawn).astype(np.float32), []
    for times, jump in zip(jumps(task.delivery.steps), before.jumps, strict=True):
        if len(x):
            x, jump = _jump(runtime, task, jump, x, times)
        after.append(jump)
    mel = np.concatenate([before.mel, _denormalise(runtime, x)])
    new = vocoder - before.vocoded
    return mel[:new], replace(before, jumps=tuple(after), mel=mel[new:], vocoded=vocoder)


def _jump(
    runtime: Runtime, task: RenderTask, jump: Jump, x: Mel, times: tuple[float, float]
) -> tuple[Mel, Jump]:
    """The frames at the end of a jump, from the next frames `x` at its start."""
    plan, stop = task.plan, jump.frames + len(x)
    token, position = plan.token[jump.frames : stop], plan.position[jump.frames : stop]
    last = stop == plan.frames
    stretch = DecoderStretch(plan.tokens, token, position, x, *times, jump.state, last)
    [(x, state)] = runtime.decode([stretch])
    return x, Jump(stop, state)


def frames_needed(runtime: Runtime, task: RenderTask) -> list[int]:
    """Frames of the utterance that each jump needs for a task, and then the vocoder.

    They are a multiple of a network's patch, or all frames.
    """
    total, steps = task.plan.frames, task.delivery.steps
    vocoder, decoder = runtime.vocoder_config.patch, runtime.config.decoder.patch
    needed = [min(_round_up(task.stop + runtime.sound_delay, vocoder), total)]
    for _ in range(steps):
        before = _round_up(needed[0], decoder) + runtime.decode_delay
        needed.insert(0, min(before, total) if steps <= MAX_STREAMED_STEPS else total)
    return needed


def _round_up(frames: int, patch: int) -> int:
    return -(-frames // patch) * patch


def _denormalise(runtime: Runtime, mel: Mel) -> Mel:
    """The log-mel of a normalised mel, floored as the training data is."""
    mean, deviation = runtime.statistics.mel_mean, runtime.statistics.mel_deviation
    natural = mel * np.float32(deviation) + np.float32(mean)
    floored: Mel = np.maximum(natural, np.float32(runtime.config.mel.floor))
    return floored
