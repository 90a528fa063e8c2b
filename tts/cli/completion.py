"""Values that a shell offers for options, where the user presses Tab."""

DEVICES = (("cpu", "the processor"), ("cuda", "an NVIDIA GPU"), ("mps", "an Apple GPU"))
RUNTIMES = (("onnx", "ONNX Runtime"), ("torch", "PyTorch"))
PRECISIONS = ("float32", "int8")

Offered = list[tuple[str, str] | str]  # values, with descriptions for the shells that show them


def complete_voice(incomplete: str) -> Offered:
    """The voices of the installed model, and the learned ones that every command finds.

    Nothing is offered in place of a path: the shell completes those.
    """
    from tts.checkpoint import read_offered_voices, shipped_checkpoint
    from tts.learned_voices import ModelFiles, find_voices

    try:
        models = ModelFiles(shipped_checkpoint("acoustic"), shipped_checkpoint("vocoder"))
        learned = [voice.info for voice in find_voices(models)]
        voices = [*read_offered_voices(models.acoustic), *learned]
    except (OSError, ValueError):  # a message would stand in the middle of the command
        return []
    return [
        (voice.name, ", ".join(filter(None, (voice.sex, voice.accent))))
        for voice in voices
        if voice.name.startswith(incomplete)
    ]


def complete_device(incomplete: str) -> Offered:
    return [each for each in DEVICES if each[0].startswith(incomplete)]


def complete_runtime(incomplete: str) -> Offered:
    return [each for each in RUNTIMES if each[0].startswith(incomplete)]


def complete_precision(incomplete: str) -> Offered:
    return [each for each in PRECISIONS if each.startswith(incomplete)]


def complete_judge(incomplete: str) -> Offered:
    from tts.best_of.judges import JUDGES

    return [each for each in JUDGES if each.startswith(incomplete)]
