"""Constants of the networks and of the harmonic source, for PyTorch, for the graphs and for numpy.

Where no paper or measurement is named beside a constant, it was chosen by hand and not tuned.
"""

# Acoustic model
EPSILON = 1e-5  # of layer norms, as in torch
EXPANSION = 3  # of the pointwise network; 4 in ConvNeXt, less for speed on a CPU
MAX_ROTARY_PERIOD = 10_000  # as in RoFormer (arXiv 2104.09864, section 3.2.2)
# Times are multiplied before their embedding, whose fastest wave has a period of 2 pi. A jump's
# length gets a slow one: at a scale of 1000 a flow map of speech learned badly (mean squares of 18
# to 74), at 1 well (0.35), in the public project LITs.
START_SCALE, LENGTH_SCALE = 100, 5
TIME_EMBEDDING_DIM = 64
MIN_LOG10_RATE = -2  # the slowest wave has a hundredth of the rate of the fastest
POSITION_FEATURES = 4  # of a frame, from `position_features`

# Vocoder
VOCODER_EPSILON = 1e-6  # of layer norms, as in the package vocos
MAX_MAGNITUDE = 1e2  # of a bin without a source, as in the package vocos; a safeguard
MAX_LOG_MAGNITUDE = 6.0  # of a bin with a source (a magnitude of 403); a safeguard
HTK_BREAK_HZ = 700  # HTK's mel scale is log(1 + f / 700 Hz)
MIN_MAGNITUDE = 1e-7  # of a log-mel, as in the package vocos

# F0 predictor
F0_KERNEL, F0_LAYERS = 5, 4
MEL_SHIFT, MEL_SCALE = 4, 3  # map log-mels, from -8 to about 2, to -1.3 to 2
MEAN_LOG2_F0 = 7.3  # 158 Hz, between low and high voices: the output is in octaves from it
MIN_F0_HZ, MAX_F0_HZ = 55.0, 600.0  # a little more than the 60 to 500 Hz that pyworld looks for
GAP = 4  # frames (43 ms) without a voice that are bridged

# Harmonic source
MAX_HARMONIC_HZ = 11_500.0  # below the 12 kHz that 24,000 samples a second carry
REFERENCE_F0_HZ = 200.0  # where each harmonic has an amplitude of 1
NOISE_SEED = 0  # of the noise of all utterances; that it repeats cannot be heard
MIN_ANGLE = 1e-6  # radians; the closed form is 0 / 0 at 0
