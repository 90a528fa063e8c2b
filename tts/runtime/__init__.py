"""Runtimes: what evaluates the networks of a synthesizer, PyTorch or ONNX Runtime."""
