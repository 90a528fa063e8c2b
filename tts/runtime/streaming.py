"""A streamed network in ONNX Runtime: stretches of frames in, frames and a state out."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import onnxruntime
from jaxtyping import Float

DTYPES = {"tensor(float)": np.float32, "tensor(double)": np.float64}
Feed = dict[str, np.ndarray]  # of `batch 1 time dim`, by the names of inputs or outputs


@dataclass(frozen=True)
class StreamState:
    """What a streamed network keeps of the frames before.

    Args:
        columns: to the left of its layers; empty until it has run.
        unread: features of frames that are too few for it to run.
        late: frames that it has not given yet.
        fixed: inputs that are the same for all stretches.
    """

    columns: Feed = field(default_factory=dict)
    unread: Feed = field(default_factory=dict)
    late: Float[np.ndarray, "frames dim"] | None = None
    fixed: Feed = field(default_factory=dict)


@dataclass(frozen=True)
class Stretch:
    """Consecutive frames for a streamed network.

    Args:
        features: of the frames, by the names of inputs.
        late: of the same frames, what the last layers need.
        state: after the frames before.
        last: whether the utterance ends with these frames.
    """

    features: Feed
    late: Float[np.ndarray, "frames dim"]
    state: StreamState
    last: bool


@dataclass(frozen=True)
class Columns:
    """An input of left columns: its layers, their channels, and the input of right columns."""

    layers: int
    dim: int
    right: str


@dataclass(frozen=True)
class _Job:
    """A run for one stretch; without inputs, there are too few frames to run."""

    feed: Feed
    frames: int
    state: StreamState


class StreamedNetwork:
    """A network of convolutions whose graph takes the columns beside each of its layers.

    A layer gives a position when it has seen `kernel // 2` more, so each delays by as many. Nothing
    is computed twice. A network runs for the first time when its last layer gives a position.

    Args:
        session: the network.
        kernel: of its convolutions, in positions.
        patch: frames of a position.
        columns: by input.
        patched: whether its inputs are patches; else it makes patches of frames.
    """

    def __init__(
        self,
        session: onnxruntime.InferenceSession,
        *,
        kernel: int,
        columns: Mapping[str, Columns],
        patch: int = 1,
        patched: bool = False,
    ) -> None:
        self.session, self.kernel, self.patch = session, kernel, patch
        self.columns, self.patched = columns, patched
        self.delay = kernel // 2 * sum(part.layers for part in columns.values())
        self._inputs = [info.name for info in session.get_inputs()]
        self._outputs = [info.name for info in session.get_outputs()]

    def run(self, stretches: Sequence[Stretch]) -> list[tuple[Feed, StreamState]]:
        """The frames of each output, `frames dim`, and the state after each stretch.

        Stretches of equal sizes are computed together.
        """
        jobs = [self._job(stretch) for stretch in stretches]
        groups = defaultdict(list)
        for index, job in enumerate(jobs):
            groups[tuple(array.shape for array in job.feed.values())].append(index)
        results: dict[int, tuple[Feed, StreamState]] = {}
        for sizes, indices in groups.items():
            group = [jobs[index] for index in indices]
            found = self._run(group) if sizes else [self._nothing(job) for job in group]
            results |= zip(indices, found, strict=True)
        return [results[index] for index in range(len(jobs))]

    def _job(self, stretch: Stretch) -> _Job:
        state = stretch.state
        features = _joined(state.unread, stretch.features)
        late = stretch.late if state.late is None else np.concatenate([state.late, stretch.late])
        frames = next(iter(features.values())).shape[2]
        patches, started = -(-frames // self.patch), bool(state.columns)
        positions = patches + self.delay * (started + stretch.last - 1)
        if positions <= 0:
            return _Job({}, 0, StreamState({}, features, late, state.fixed))
        given = min(positions * self.patch, len(late))
        feed = {name: _padded(array, patches * self.patch) for name, array in features.items()}
        if self.patched:
            feed = {
                name: array.reshape(1, 1, patches, self.patch * array.shape[3])
                for name, array in feed.items()
            }
        if "late" in self._inputs:
            feed["late"] = _padded(late[None, None, :given], positions * self.patch)
        feed |= self._beside(state.columns, stretch.last) | state.fixed
        return _Job(feed, given, StreamState({}, {}, late[given:], state.fixed))

    def _beside(self, left: Feed, last: bool) -> Feed:
        """The columns beside each layer; outside an utterance there are zeros."""
        reach = self.kernel // 2
        feed = {}
        for name, part in self.columns.items():
            start = np.zeros((1, part.layers, reach, part.dim), np.float32)
            feed[name] = left.get(name, start)
            feed[part.right] = np.zeros((1, 1, reach if last else 0, part.dim), np.float32)
        return feed

    def _run(self, jobs: Sequence[_Job]) -> list[tuple[Feed, StreamState]]:
        feed = {
            name: np.concatenate([job.feed[name] for job in jobs])
            if len(jobs) > 1
            else jobs[0].feed[name]
            for name in self._inputs
        }
        outputs = dict(zip(self._outputs, self.session.run(self._outputs, feed), strict=True))
        return [self._item(outputs, index, job) for index, job in enumerate(jobs)]

    def _item(self, outputs: Feed, index: int, job: _Job) -> tuple[Feed, StreamState]:
        columns = {name: outputs[f"next_{name}"][index : index + 1] for name in self.columns}
        frames = {
            name: array[index, 0, : job.frames]
            for name, array in outputs.items()
            if not name.startswith("next_")
        }
        state = job.state
        return frames, StreamState(columns, {}, state.late, state.fixed)

    def _nothing(self, job: _Job) -> tuple[Feed, StreamState]:
        """No frames, with the shapes and types of some."""
        outputs = {
            info.name: np.zeros((0, info.shape[-1]), DTYPES[info.type])
            for info in self.session.get_outputs()
        }
        return outputs, job.state


def _joined(before: Feed, after: Feed) -> Feed:
    """Features as inputs, `1 1 frames dim` in single precision, after those from before."""
    new = {name: np.asarray(array, np.float32)[None, None] for name, array in after.items()}
    if not before:
        return new
    return {name: np.concatenate([before[name], array], axis=2) for name, array in new.items()}


def _padded(array: np.ndarray, frames: int) -> np.ndarray:
    """Frames with zeros after them; the array itself if there are enough."""
    missing = frames - array.shape[2]
    return np.pad(array, ((0, 0), (0, 0), (0, missing), (0, 0))) if missing else array
