"""Chunks of an utterance, and its mel and sound chunk by chunk.

Each jump of the mel map is a streamed network: it takes the frames that the jump before it gives,
which are some frames behind. So nothing is computed twice, and the vocoder gets as many frames as
the sound of a chunk depends on.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
from jaxtyping import Float

from tts.noise import noise
from tts.rendering import Jump, Progress, RenderTask
from tts.runtime.base import DecoderStretch, Runtime, State, VocoderStretch

# Chosen by hand: the first chunk is 0.17 s of sound.
FIRST_CHUNK_FRAMES, MAX_CHUNK_FRAMES = 16, 512
OFFLINE_CHUNK_FRAMES = 2048  # 22 s of sound, the last chunk up to twice that; bounds the memory
# Frames that decide about a frame grow with the steps; beyond two, the whole mel is made first.
MAX_STREAMED_STEPS = 2

Mel = Float[np.ndarray, "_ mels"]  # a stretch of frames


def chunks(frames: int, first: int = FIRST_CHUNK_FRAMES) -> Iterator[tuple[int, int]]:
    """Start and stop of each chunk: a short one first, then each twice as long as all before it.

    Each chunk costs as much as about half a second of sound more, for the weights that it reads.
    Playback does not wait on a machine that needs up to .2 s for a second of sound.
    """
    longest = max(first, MAX_CHUNK_FRAMES)
    start, stop = 0, first
    while stop + first < frames:
        yield start, stop
        start, stop = stop, stop + min(2 * stop, longest)
    yield start, frames


def offline_chunks(frames: int) -> Iterator[tuple[int, int]]:
    """Start and stop of each chunk, as long as memory allows."""
    return chunks(frames, OFFLINE_CHUNK_FRAMES)


def jumps(steps: int) -> Iterator[tuple[float, float]]:
    """Start and end of each of so many equal jumps from noise (0) to data (1)."""
    return pairwise(np.linspace(0, 1, steps + 1, dtype=np.float32).tolist())


def render_tasks(runtime: Runtime, tasks: Sequence[RenderTask]) -> None:
    """Make the mel and the sound of tasks; those of several are computed together."""
    made = [(task, *mel) for task, mel in zip(tasks, next_mels(runtime, tasks), strict=True)]
    given = [
        VocoderStretch(mel, progress.sound, progress.vocoded == task.plan.frames)
        for task, mel, progress in made
        if len(mel)
    ]
    sounds = iter(runtime.sound(given) if given else ())
    for task, mel, progress in made:
        audio = progress.audio
        if len(mel):
            samples, state = next(sounds)
            audio = np.concatenate([audio, samples.clip(-1, 1)])
            progress = replace(progress, sound=state)
        size = (task.stop - task.start) * runtime.config.mel.hop
        task.audio, task.progress = audio[:size], replace(progress, audio=audio[size:])


def next_mels(runtime: Runtime, tasks: Sequence[RenderTask]) -> list[tuple[Mel, Progress]]:
    """For each task the log-mel frames that the vocoder still needs, and the progress with them.

    Jumps of several tasks are computed together where the runtime does that.
    """
    drawn = iter(_draw_mels(runtime, [task for task in tasks if task.plan.mel is None]))
    return [next(drawn) if task.plan.mel is None else _cut_mel(runtime, task) for task in tasks]


def _cut_mel(runtime: Runtime, task: RenderTask) -> tuple[Mel, Progress]:
    """The same of a task whose mel is made already."""
    assert task.plan.mel is not None, "the plan has a mel"
    start, stop = task.progress.vocoded, frames_needed(runtime, task)[-1]
    return task.plan.mel[start:stop], replace(task.progress, vocoded=stop)


def _draw_mels(runtime: Runtime, tasks: Sequence[RenderTask]) -> list[tuple[Mel, Progress]]:
    """The same of tasks whose mel is made of noise."""
    if not tasks:
        return []
    makers = [_MelMaker(runtime, task) for task in tasks]
    for index in range(max(task.delivery.steps for task in tasks)):
        active = [maker for maker in makers if maker.has_jump(index)]
        if active:
            found = runtime.decode([maker.stretch(index) for maker in active])
            for maker, made in zip(active, found, strict=True):
                maker.advance(index, *made)
    return [maker.result() for maker in makers]


class _MelMaker:
    """The frames of a task on their way through the jumps of the mel map."""

    def __init__(self, runtime: Runtime, task: RenderTask) -> None:
        self.runtime, self.task, self.before = runtime, task, task.progress
        self.jumps, self.needed = list(task.progress.jumps), frames_needed(runtime, task)
        bands, done = runtime.config.mel.bands, self.jumps[0].frames
        drawn = noise(task.plan.seed, done, self.needed[0], bands)
        self.x = (task.delivery.temperature * drawn).astype(np.float32)

    def has_jump(self, index: int) -> bool:
        return index < len(self.jumps) and len(self.x) > 0

    def stretch(self, index: int) -> DecoderStretch:
        """The next frames of a jump."""
        plan, jump = self.task.plan, self.jumps[index]
        stop = jump.frames + len(self.x)
        token, position = plan.token[jump.frames : stop], plan.position[jump.frames : stop]
        s, t = list(jumps(len(self.jumps)))[index]
        last = stop == plan.frames
        return DecoderStretch(plan.tokens, token, position, self.x, s, t, jump.state, last)

    def advance(self, index: int, x: Mel, state: State) -> None:
        """Take the frames that a jump gave, and its state."""
        self.jumps[index] = Jump(self.jumps[index].frames + len(self.x), state)
        self.x = x

    def result(self) -> tuple[Mel, Progress]:
        mel = np.concatenate([self.before.mel, _denormalise(self.runtime, self.x)])
        new = self.needed[-1] - self.before.vocoded
        progress = replace(
            self.before, jumps=tuple(self.jumps), mel=mel[new:], vocoded=self.needed[-1]
        )
        return mel[:new], progress


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
