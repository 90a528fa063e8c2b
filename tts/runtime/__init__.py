"""Runtimes: what evaluates the networks of a synthesizer, PyTorch or ONNX Runtime."""

import os

# ONNX Runtime 1.32 and later report their use to Microsoft, unless this is set before they are
# loaded. Speech stays on this machine.
os.putenv("ORT_DISABLE_TELEMETRY", "1")
