"""A blend of voices as one voice file."""

from collections.abc import Mapping

import numpy as np

from tts.checkpoint import read_config, read_offered_voices, read_weights
from tts.error_messages import quoted
from tts.learned_voices import LearnedVoices, ModelFiles, add_up, sum_differences
from tts.model_family import weights_hash
from tts.voice_files import PARTS, VoiceCard, VoiceFile
from tts.voices import VoiceInfo, parse_voice_blend


def blend_voices(
    expression: str, name: str, models: ModelFiles, learned: LearnedVoices
) -> VoiceFile:
    """The voice file of a blend: the sums of shares times vectors, statistics and differences.

    Args:
        expression: a voice or blend, such as `anna(2)+heart(1)`.
        name: of the new voice.
        models: that the voices belong to.
        learned: voices from files.

    Returns:
        A voice with the sex and accent that all its voices have, and the licences and consents of
        learned ones. It is not measured.

    Raises:
        FileNotFoundError: there is no such model.
        ValueError: a voice is unknown, a file is damaged, or the vocoder is a public one.
    """
    if not models.vocoder_hash:
        raise ValueError(f"a voice file needs a vocoder's checkpoint, got {quoted(models.vocoder)}")
    learned.check_left_out(expression)
    config = read_config(models.acoustic, "acoustic")
    weights = read_weights(models.acoustic, config)
    offered = {info.name: info for info in read_offered_voices(models.acoustic)}
    known = (*config.voices, *learned.names)
    parsed = parse_voice_blend(expression, known, (*offered, *learned.names))
    shares = {name: share for name, share in zip(known, parsed, strict=True) if share}
    used = learned.shares_used(shares)

    def total(key: str, field: str) -> np.ndarray:
        return add_up(shares, config.voices, weights[key], used, field)

    differences = sum_differences(used)
    infos = [learned[each].info if each in learned else offered.get(each) for each in shares]
    card = VoiceCard(
        name=name,
        family=models.family,
        acoustic_hash=weights_hash(weights),
        vocoder_hash=models.vocoder_hash,
        sex=_common(infos, "sex"),
        accent=_common(infos, "accent"),
        licence=_joined(learned, shares, "licence"),
        consent=_joined(learned, shares, "consent"),
    )
    return VoiceFile(
        card=card,
        vector=total("voices.weight", "vector"),
        pitch=total("pitch", "pitch"),
        peak_level=float(total("loudest", "peak_level")),
        **{part: getattr(differences, part) for part in PARTS},
    )


def _common(infos: list[VoiceInfo | None], field: str) -> str | None:
    """The value of a field that all voices have; None where they differ."""
    values = {getattr(info, field, None) for info in infos}
    return values.pop() if len(values) == 1 else None


def _joined(learned: LearnedVoices, shares: Mapping[str, float], field: str) -> str | None:
    """The texts of a field of the learned voices, after their names; None without any."""
    cards = {voice.card.name: voice.card for voice in learned if voice.name in shares}
    texts = [f"{name}: {text}" for name, card in cards.items() if (text := getattr(card, field))]
    return "\n".join(texts) or None
