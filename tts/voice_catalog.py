"""The voices that a synthesizer knows: those of its model, learned ones, and blends of both."""

from tts.learned_voices import LearnedVoices
from tts.runtime.base import Runtime
from tts.validation import coerce_argument
from tts.voices import VoiceInfo, parse_voice_blend

NO_LEARNED_VOICES = LearnedVoices()


class VoiceCatalog:
    """What a `Synthesizer` knows of its voices; its attributes are those of the synthesizer."""

    runtime: Runtime
    offered_voices: tuple[VoiceInfo, ...]
    learned_voices: LearnedVoices

    @property
    def voices(self) -> tuple[str, ...]:
        """Names of the offered voices. `Delivery(voice=...)` takes others of the model, too."""
        own = tuple(voice.name for voice in self.offered_voices) or self.runtime.config.voices
        return (*own, *self.learned_voices.names)

    def has_voice(self, name: str) -> bool:
        """Whether there is a voice of this name, of the model (offered or not) or learned."""
        return name in self.runtime.config.voices or name in self.learned_voices

    def voice_weights(self, voice: str) -> list[float]:
        """The share of each voice in a voice or blend.

        Args:
            voice: a name, or a blend such as `heart(2)+michael(1)`.

        Returns:
            A weight for each of `runtime.config.voices`, and then for each of
            `learned_voices.names`, in that order; their sum is 1.

        Raises:
            ValueError: the voice is unknown, or no blend.
        """
        coerce_argument("voice", str, voice)
        self.learned_voices.check_left_out(voice)
        return parse_voice_blend(voice, self._known_voices, self.voices)

    def voice_shares(self, voice: str) -> dict[str, float]:
        """The weights above 0 of a `voice` or blend, by name; as for `voice_weights`.

        Example:
            >>> synthesizer.voice_shares("heart(3)+michael(1)")
            {'heart': 0.75, 'michael': 0.25}
        """
        shares = zip(self._known_voices, self.voice_weights(voice), strict=True)
        return {name: share for name, share in shares if share}

    @property
    def _known_voices(self) -> tuple[str, ...]:
        return (*self.runtime.config.voices, *self.learned_voices.names)
