"""Audio files: their formats, encoders and loudness."""
