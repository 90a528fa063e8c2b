"""Requests in the form of OpenAI's API, and the names of models and voices that they may use."""

import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    FiniteFloat,
    create_model,
    model_validator,
)

from tts import DISTRIBUTION
from tts.best_of.judges import ENSEMBLE
from tts.delivery import DELIVERY_FIELDS, Delivery, DeliveryField
from tts.error_messages import quoted
from tts.serving.engine import Engine
from tts.text.options import TextOptions
from tts.text.pronounce.lexicon import Lexicon

from ..work_limits import find_excess
from .errors import ApiError
from .settings import ServerSettings
from .validation import NUMBER_NAMES

MODEL_NAME = DISTRIBUTION
# Names of the model, of OpenAI's and of Kokoro's clients, each with its default steps
MODELS = {
    MODEL_NAME: 1,
    "tts-1": 1,
    "tts-1-hd": 4,
    "gpt-4o-mini-tts": 1,
    "gpt-4o-mini-tts-2025-12-15": 1,
    "kokoro": 1,
}
# Voices of OpenAI's clients by the voice that speaks for them, unless a voice has their name
NAMES = {
    "heart": ("alloy", "ballad", "coral", "fable", "marin", "nova", "sage", "shimmer"),
    "michael": ("ash", "cedar", "echo", "onyx", "verse"),
}
NAME = re.compile(r"[^\s()+]+")
EXAMPLE = {"input": "Flow maps speak in a single step.", "voice": "heart"}
KOKORO = re.compile(r"[a-z][fm]_")  # prefix of Kokoro's voices, language and sex: af_heart


# Chosen by hand, since both take time to parse before a request has a place
SAYINGS = 200  # words of a lexicon, at most
Short = Annotated[str, Field(max_length=200)]  # characters of names and of a lexicon's entries


def _few(sayings: Any) -> Any:
    """Check the number of entries before pydantic parses them, which takes seconds for many."""
    if isinstance(sayings, dict) and len(sayings) > SAYINGS:
        raise ValueError(f"lexicon may have at most {SAYINGS} words, got {len(sayings)}")
    return sayings


class VoiceId(BaseModel):
    """A voice as an object, as newer clients of OpenAI send it."""

    id: Short = Field(description="The name of a voice, or a blend.", examples=["heart"])


Message = TypeVar("Message", bound="ClientMessage")


class ClientMessage(BaseModel):
    """A message of a client, in which a null field counts as missing.

    Only the first unknown field is kept, for the error message.
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
    """Give a message a field for each number of `Delivery` that it does not declare itself.

    Args:
        names: names in the message by names in `Delivery`, where they differ.
        ranges: check ranges in the message; otherwise only `Delivery` does.
    """

    def decorate(message: type[Message]) -> type[Message]:
        added: dict[str, Any] = {}
        for name, number in DELIVERY_FIELDS.items():
            field = names.get(name, name)
            if field not in message.model_fields:
                added[field] = (_field_type(number, ranges), _described(number))
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


def _described(number: DeliveryField) -> Any:
    """The default of a field, with its help and an example for the schema."""
    example = 1 if number.default is None else number.default
    return Field(default=number.default, description=number.described, examples=[example])


def example_request(**fields: Any) -> ConfigDict:
    """The configuration of a request, with an example of few fields for the page of the routes."""
    return ConfigDict(json_schema_extra={"examples": [EXAMPLE | fields]})


@add_delivery_fields(names=NUMBER_NAMES, ranges=True)
class SpeechRequest(ClientMessage):
    """A text and its delivery. Unknown fields are ignored.

    `input`, `model`, `voice`, `instructions` and `speed` are of OpenAI's API; the other fields are
    extensions.
    """

    input: str = Field(
        description="The text to speak, in English, with at least one word and by default at most "
        "4096 characters. It may contain markup such as [pause:500ms], or be an SSML document.",
        examples=["Flow maps speak in a single step."],
    )
    model: Short = Field(
        default=MODEL_NAME,
        description="A name of the model, of those that /v1/models lists. The name sets the "
        "default of `steps` only.",
        examples=["tts-1"],
    )
    voice: Short | VoiceId | None = Field(
        default=None,
        description="A voice or an alias, of those that /v1/voices lists, or a blend of voices. "
        "Learned voices have names like the others; files cannot be named. The default is that "
        "of the server: the first voice, unless it was started with --voice.",
        examples=["heart", "heart(2)+michael(1)"],
    )
    instructions: str | None = Field(
        default=None,
        description="Accepted for OpenAI's clients, and ignored.",
        examples=["Speak slowly."],
    )
    # `delivery` checks the range, whose upper end is a setting
    steps: Annotated[int, Field(json_schema_extra={"minimum": 1})] | None = Field(
        default=None,
        description="Jumps from noise to speech, from 1 to the limit of the server (32). The "
        "default is that of the model: 4 for tts-1-hd, else 1.",
        examples=[1],
    )
    best_of: Annotated[int, Field(json_schema_extra={"minimum": 1})] = Field(
        default=1,
        description="Candidates of each sentence, of which the best is kept, from 1 to the limit "
        "of the server (8). Steps times candidates are at most the limit of steps. A request "
        "counts as so many; the header `TTS-Choice` tells which were kept.",
        examples=[4],
    )
    judge: Short = Field(
        default=ENSEMBLE,
        description="What chooses between the candidates: `ensemble`, or another judge of those "
        "that the server was started with.",
        examples=[ENSEMBLE],
    )
    day_first: bool = Field(
        default=False,
        description="Read 3/4/2025 as the third of April instead of March the fourth.",
        examples=[True],
    )
    links: Literal["read", "name"] = Field(
        default="read",
        description="`read` speaks the address of a link; `name` only says that it is a link.",
        examples=["name"],
    )
    emoji: Literal["drop", "say"] = Field(
        default="drop",
        description="`drop` leaves emoji out; `say` speaks their names.",
        examples=["say"],
    )
    lexicon: Annotated[dict[Short, Short], BeforeValidator(_few)] = Field(
        default={},
        description="Pronunciations by word or phrase: IPA between slashes, or another spelling; "
        f"at most {SAYINGS}, each of at most 200 characters.",
        examples=[{"Nguyen": "win"}],
    )

    def voice_name(self, engine: Engine, settings: ServerSettings) -> str:
        """The voice or blend, with aliases replaced; the server's default if none is named.

        Raises:
            ApiError: it is unknown.
        """
        if self.voice is None:
            return default_voice(engine, settings)
        return voice_of(self.voice, engine)

    def delivery(self, engine: Engine, settings: ServerSettings) -> Delivery:
        """The delivery of the request.

        Raises:
            ApiError: the text is too long, there are too many steps, or a name is unknown.
            ValueError: another value is invalid.
        """
        if len(self.input) > settings.max_characters:
            most = f"at most {settings.max_characters} characters long"
            message = f"input must be {most}, got {len(self.input)}; send it in parts"
            raise ApiError(400, message, "input", "string_above_max_length")
        numbers = {name: getattr(self, NUMBER_NAMES.get(name, name)) for name in DELIVERY_FIELDS}
        numbers["steps"] = self._steps(settings)
        return Delivery(
            **numbers,
            judge=self._judge(settings),
            voice=self.voice_name(engine, settings),
            reading=TextOptions(day_first=self.day_first, links=self.links, emoji=self.emoji),
            lexicon=_lexicon(self.lexicon),
        )

    def _steps(self, settings: ServerSettings) -> int:
        usual = steps_of(self.model)
        steps = usual if self.steps is None else self.steps
        if excess := find_excess(steps, self.best_of, settings):
            param, message = excess
            raise ApiError(400, message, param)
        return steps

    def _judge(self, settings: ServerSettings) -> str:
        if self.judge not in settings.judges:
            raise ApiError(400, unknown_judge(self.judge, settings), "judge")
        return self.judge


def unknown_judge(name: str, settings: ServerSettings) -> str:
    """The message on a judge that the server does not offer."""
    return f"judge must be one of {', '.join(settings.judges)}; got {quoted(name)}"


def steps_of(model: str) -> int:
    """The default steps of a model; an unknown one is an `ApiError` of status 404."""
    if model not in MODELS:
        message = f"unknown model {quoted(model)}; models: {', '.join(MODELS)}"
        raise ApiError(404, message, "model", "model_not_found")
    return MODELS[model]


def default_voice(engine: Engine, settings: ServerSettings) -> str:
    """The voice or blend of requests that name none."""
    return settings.voice or engine.synthesizer.voices[0]


def voice_of(named: str | VoiceId, engine: Engine) -> str:
    """The voice or blend of a request, with aliases replaced by offered voices."""
    name = named.id if isinstance(named, VoiceId) else named
    voice = NAME.sub(lambda part: _ours(part[0], engine), name)
    try:
        engine.synthesizer.voice_weights(voice)
    except ValueError as error:
        raise ApiError(400, str(error), "voice", "voice_not_found") from error
    return voice


def _ours(name: str, engine: Engine) -> str:
    """The voice of an alias; any other name is returned as it is."""
    if engine.synthesizer.has_voice(name):
        return name
    short = KOKORO.sub("", name, count=1)
    return short if engine.synthesizer.has_voice(short) else aliases(engine).get(name, name)


def aliases(engine: Engine) -> dict[str, str]:
    """The voices of OpenAI's names, for those that no voice of the model has."""
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
