"""Constants of the networks, for code that runs without torch.

They are those of the modules of `tts.acoustic` and `tts.vocoder`, where their sources stand; a test
compares them.
"""

EPSILON = 1e-5  # of layer norms, as in torch; the vocoder's is below
EXPANSION = 3
MAX_ROTARY_PERIOD = 10_000
START_SCALE, LENGTH_SCALE = 100, 5
TIME_EMBEDDING_DIM, MIN_LOG10_RATE = 64, -2
POSITION_FEATURES = 4

VOCODER_EPSILON = 1e-6
MAX_MAGNITUDE, MAX_LOG_MAGNITUDE = 1e2, 6.0
HTK_BREAK_HZ = 700
F0_KERNEL, F0_LAYERS = 5, 4
MEL_SHIFT, MEL_SCALE = 4, 3
