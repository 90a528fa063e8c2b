"""Training of the vocoder, alone and together with the mel decoder."""
