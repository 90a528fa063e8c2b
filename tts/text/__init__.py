"""The text front end: from written text to phonemes, without tensors and without torch."""
