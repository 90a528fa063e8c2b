"""From written text to phonemes: strings and integers, never a tensor."""
