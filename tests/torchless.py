"""Tests where PyTorch is not installed: the modules that need it."""

import ast

# tests/laws/test_bare.py compares them with the imports at the heads of modules
NEED_TORCH = (
    "tests.app.batch.test_run",
    "tests.toys",
    "torch",
    "torchaudio",
    "tts.acoustic.alignment",
    "tts.acoustic.decoder",
    "tts.acoustic.encoder",
    "tts.acoustic.flow",
    "tts.acoustic.layers",
    "tts.acoustic.model",
    "tts.acoustic.prosody",
    "tts.runtime.torch",
    "tts.steering",
    "tts.steering.ascent",
    "tts.steering.gradients",
    "tts.steering.line",
    "tts.steering.rewards",
    "tts.steering.synthesizer",
    "tts.steering.tilting",
    "tts.tensor_names",
    "tts.torch_checkpoint",
    "tts.training",
    "tts.vocoder.backbone",
    "tts.vocoder.f0_predictor",
    "tts.vocoder.harmonic_source",
    "tts.vocoder.heads",
    "tts.vocoder.mel",
    "tts.vocoder.model",
)


def needs_torch(path):
    """Whether a module of tests imports a module at its head that needs PyTorch."""
    names = []
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return any(is_within(name, module) for name in names for module in NEED_TORCH)


def is_within(name, module):
    """Whether a name is that of a module, or of a part of it."""
    return f"{name}.".startswith(f"{module}.")
