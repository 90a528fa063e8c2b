"""The vocoder: mel-spectrograms, and the Vocos network that makes waveforms of them."""
