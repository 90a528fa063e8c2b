"""What OpenAI's clients ask for, as the library takes it: models, voices and a request."""

import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field, FiniteFloat, model_validator

from tts import DISTRIBUTION
from tts.error_messages import excerpt, quoted
from tts.serving.engine import Engine
from tts.speech import DELIVERY_RANGES, Delivery
from tts.text.options import TextOptions
from tts.text.pronounce.lexicon import Lexicon

from .errors import ApiError
from .settings import ServerSettings

MODEL_NAME = DISTRIBUTION
# Each name a model goes by, and the steps it takes.
MODELS = {
    MODEL_NAME: 1,
    "tts-1": 1,
    "tts-1-hd": 4,
    "gpt-4o-mini-tts": 1,
    "gpt-4o-mini-tts-2025-12-15": 1,
    "kokoro": 1,
}
# Names in the lists of OpenAI's clients, and which of ours is meant where none is so called.
NAMES = {
    "heart": ("alloy", "ballad", "coral", "fable", "marin", "nova", "sage", "shimmer"),
    "michael": ("ash", "cedar", "echo", "onyx", "verse"),
}
NAME = re.compile(r"[^\s()+]+")
KOKORO = re.compile(r"[a-z][fm]_")  # its names begin with a language and a sex: af_heart


SAYINGS = 200  # words of a lexicon, at most

# what is short, and would take long to read if it were not
Short = Annotated[str, Field(max_length=200)]


def _few(sayings: Any) -> Any:
    """Counted before each of them is looked at, which for thousands takes seconds."""
    if isinstance(sayings, dict) and len(sayings) > SAYINGS:
        raise ValueError(f"expected at most {SAYINGS} words, not {len(sayings)}")
    return sayings


class VoiceId(BaseModel):
    """A voice as newer clients name it."""

    id: Short


Speed = Annotated[FiniteFloat, Field(ge=DELIVERY_RANGES["pace"][0], le=DELIVERY_RANGES["pace"][1])]
Pitch = Annotated[
    FiniteFloat, Field(ge=DELIVERY_RANGES["pitch"][0], le=DELIVERY_RANGES["pitch"][1])
]
Energy = Annotated[
    FiniteFloat, Field(ge=DELIVERY_RANGES["energy"][0], le=DELIVERY_RANGES["energy"][1])
]
Pauses = Annotated[
    FiniteFloat, Field(ge=DELIVERY_RANGES["pauses"][0], le=DELIVERY_RANGES["pauses"][1])
]
Spread = Annotated[
    FiniteFloat, Field(ge=DELIVERY_RANGES["temperature"][0], le=DELIVERY_RANGES["temperature"][1])
]


class ClientMessage(BaseModel):
    """A message of a client's, in which null for a field means that it is left out.

    Of fields that it has not, one is kept, so that it can be refused.
    """

    @model_validator(mode="before")
    @classmethod
    def _without_null(cls, sent: Any) -> Any:
        if not isinstance(sent, dict):
            return sent
        unknown = [name for name in sent if name not in cls.model_fields]
        told = {name: value for name, value in sent.items() if value is not None}
        for name in unknown[1:]:
            told.pop(name, None)
        return told


class SpeechRequest(ClientMessage):
    """What is to be said, and how. What a client sends beyond this has no effect.

    The fields after `instructions`, which have none either, are ours alone.
    """

    input: str
    model: Short = MODEL_NAME
    voice: Short | VoiceId = Delivery().voice
    speed: Speed = 1.0
    instructions: str | None = None
    steps: Annotated[int, Field(ge=1)] | None = None
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 0
    pitch: Pitch = 0.0
    energy: Energy = 0.0
    pauses: Pauses = 1.0
    temperature: Spread = Delivery().temperature
    prosody_temperature: Spread = Delivery().prosody_temperature
    day_first: bool = False
    links: Literal["read", "name"] = "read"
    emoji: Literal["drop", "say"] = "drop"
    lexicon: Annotated[dict[Short, Short], BeforeValidator(_few)] = {}

    def delivery(self, engine: Engine, settings: ServerSettings) -> Delivery:
        """How it is to be said, where all of it may be."""
        if len(self.input) > settings.max_characters:
            most = f"at most {settings.max_characters} characters"
            message = f"expected {most}, not {len(self.input)}; send it in parts"
            raise ApiError(400, message, "input", "string_above_max_length")
        return Delivery(
            voice=voice_of(self.voice, engine),
            steps=self._steps(settings),
            seed=self.seed,
            pace=self.speed,
            pitch=self.pitch,
            energy=self.energy,
            pauses=self.pauses,
            temperature=self.temperature,
            prosody_temperature=self.prosody_temperature,
            reading=TextOptions(day_first=self.day_first, links=self.links, emoji=self.emoji),
            lexicon=_lexicon(self.lexicon),
        )

    def _steps(self, settings: ServerSettings) -> int:
        usual = steps_of(self.model)
        steps = usual if self.steps is None else self.steps
        if steps > settings.steps:
            raise ApiError(
                400, f"steps must be at most {settings.steps}, not {excerpt(steps)}", "steps"
            )
        return steps


def steps_of(model: str) -> int:
    """How many steps are meant by the name of a model."""
    if model not in MODELS:
        known = ", ".join(MODELS)
        message = f"expected one of the models {known}, not {quoted(model)}"
        raise ApiError(404, message, "model", "model_not_found")
    return MODELS[model]


def voice_of(named: str | VoiceId, engine: Engine) -> str:
    """A voice of ours, or a blend of them, by our names or by those of others."""
    name = named.id if isinstance(named, VoiceId) else named
    voice = NAME.sub(lambda part: _ours(part[0], engine), name)
    try:
        engine.synthesizer.voice_weights(voice)
    except ValueError as error:
        raise ApiError(400, str(error), "voice", "voice_not_found") from error
    return voice


def _ours(name: str, engine: Engine) -> str:
    """Who is meant by a name; if nobody is, the name."""
    short = KOKORO.sub("", name, count=1)
    return short if engine.synthesizer.has_voice(short) else aliases(engine).get(name, name)


def aliases(engine: Engine) -> dict[str, str]:
    """Who is meant by names of OpenAI's that are none of ours."""
    voices = engine.synthesizer.voices
    return {
        other: ours if ours in voices else voices[0]
        for ours, others in NAMES.items()
        for other in others
        if not engine.synthesizer.has_voice(other)
    }


def _lexicon(sayings: dict[str, str]) -> Lexicon | None:
    if not sayings:
        return None
    try:
        return Lexicon.of(sayings)
    except ValueError as error:
        raise ApiError(400, str(error), "lexicon") from error
