"""Runtimes: what evaluates the networks of a synthesizer, PyTorch or ONNX Runtime."""

import os

# ONNX Runtime 1.32 reports its use to Microsoft, unless this is set before it is loaded.
os.putenv("ORT_DISABLE_TELEMETRY", "1")
