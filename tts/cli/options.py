"""Options of a command that come from the numbers of `Delivery`."""

import inspect
from collections.abc import Callable
from typing import Annotated, Any, TypeVar

import typer

from tts.delivery import DELIVERY_FIELDS, DeliveryField

Command = TypeVar("Command", bound=Callable[..., Any])


def delivery_options(after: str) -> Callable[[Command], Command]:
    """Give a command an option for each number of `Delivery`, in place of its `**numbers`.

    A parameter that the command names itself stays as it is.

    Args:
        after: the parameter that the options follow in the help.
    """

    def decorate(command: Command) -> Command:
        signature = inspect.signature(command)
        own = [each for each in signature.parameters.values() if each.kind is not each.VAR_KEYWORD]
        names = [each.name for each in own]
        place = names.index(after) + 1
        options = [_option(each) for name, each in DELIVERY_FIELDS.items() if name not in names]
        parameters = [*own[:place], *options, *own[place:]]
        # typer reads both
        command.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
        command.__annotations__ = {each.name: each.annotation for each in parameters} | {
            "return": signature.return_annotation
        }
        return command

    return decorate


def _option(number: DeliveryField) -> inspect.Parameter:
    return inspect.Parameter(
        number.name,
        inspect.Parameter.POSITIONAL_OR_KEYWORD,
        default=number.default,
        annotation=Annotated[number.annotation, typer.Option(help=number.described)],
    )
