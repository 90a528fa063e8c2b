"""The reader whose recordings the voices learnt from, judged as a voice is."""
