"""The reader whose recordings the voices are trained on, judged as a voice is."""
