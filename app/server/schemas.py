"""What OpenAI's clients ask for, as the library takes it: models, voices and a request."""

import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, Field, FiniteFloat, create_model, model_validator

from tts import DISTRIBUTION
from tts.delivery import DELIVERY_FIELDS, Delivery, DeliveryField
from tts.error_messages import excerpt, quoted
from tts.serving.engine import Engine
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


NUMBER_NAMES = {"pace": "speed"}  # of a Delivery, that OpenAI's clients call otherwise
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


Message = TypeVar("Message", bound="ClientMessage")


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
        present = {name: value for name, value in sent.items() if value is not None}
        for name in unknown[1:]:
            present.pop(name, None)
        return present


def add_delivery_fields(
    names: Mapping[str, str], ranges: bool
) -> Callable[[type[Message]], type[Message]]:
    """Give a message a field for each number of a Delivery; one that it has itself stays.

    Args:
        names: of those that are called otherwise in the message, by their names in a Delivery.
        ranges: whether what is out of range is refused here, or only by the Delivery.
    """

    def decorate(message: type[Message]) -> type[Message]:
        added: dict[str, Any] = {}
        for name, number in DELIVERY_FIELDS.items():
            field = names.get(name, name)
            if field not in message.model_fields:
                added[field] = (_field_type(number, ranges), number.default)
        return create_model(
            message.__name__,
            __base__=message,
            __module__=message.__module__,
            __doc__=message.__doc__,
            **added,
        )

    return decorate


def _field_type(number: DeliveryField, ranges: bool) -> Any:
    if not ranges:
        return number.annotation
    finite: Any = int if number.type is int else FiniteFloat
    bounded: Any = Annotated[finite, Field(ge=number.low, le=number.high)]
    return bounded | None if number.default is None else bounded


@add_delivery_fields(names=NUMBER_NAMES, ranges=True)
class SpeechRequest(ClientMessage):
    """What is to be said, and how. What a client sends beyond this has no effect.

    The fields after `instructions`, which have none either, are ours alone, and so are the numbers
    of a Delivery but `speed`, its pace.
    """

    input: str
    model: Short = MODEL_NAME
    voice: Short | VoiceId = Delivery().voice
    instructions: str | None = None
    steps: Annotated[int, Field(ge=1)] | None = None
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
        numbers = {name: getattr(self, NUMBER_NAMES.get(name, name)) for name in DELIVERY_FIELDS}
        numbers["steps"] = self._steps(settings)
        return Delivery(
            **numbers,
            voice=voice_of(self.voice, engine),
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
