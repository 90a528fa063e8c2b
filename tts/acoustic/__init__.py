"""The acoustic model: text encoder, prosody, and the flow map that makes mel-spectrograms."""
