"""Words to phonemes: how each word of American English is said."""
