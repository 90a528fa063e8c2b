"""Recordings for tests: noise in syllables, with pauses, as cheap as speech can be."""

import numpy as np
import soundfile

RATE = 16_000


def syllables(seconds, rate=RATE, seed=0, pause=0.0, lead=0.5):
    """Noise that swells four times a second; of each two seconds the last `pause` are quiet."""
    rng = np.random.default_rng(seed)
    time = np.arange(round(seconds * rate)) / rate
    swell = 0.6 + 0.4 * np.sin(2 * np.pi * 4 * time)
    quiet = (time % 2 > 2 - pause) | (time < lead) | (time > seconds - lead)
    envelope = np.where(quiet, 0.001, 0.3 * swell)
    return (envelope * rng.uniform(-1, 1, len(time))).astype(np.float32)


def write_sound(path, seconds=16.0, rate=RATE, **more):
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, syllables(seconds, rate, **more), rate)
    return path


def write_av(path, codec, container, samples, rate):
    """A file of a codec that libsndfile does not have."""
    import av

    with av.open(str(path), "w", format=container) as file:
        stream = file.add_stream(codec, rate=rate, layout="mono")
        stream.bit_rate = 128_000
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(np.atleast_2d(samples)), format="fltp", layout="mono"
        )
        frame.sample_rate = rate
        fifo = av.AudioFifo()
        fifo.write(frame)
        while part := fifo.read(stream.frame_size or 1024, partial=True):
            file.mux(stream.encode(part))
        file.mux(stream.encode(None))
