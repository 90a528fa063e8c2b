"""Errors at the field that they are about, until it is changed."""

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import aclosing
from functools import wraps
from typing import Any

import gradio as gr

# An error goes once a field beside it is changed.
MENDED = """const clear = ({ target }) => {
  if (props.value && target.closest?.(props.within)) props.value = '';
};
for (const event of ['input', 'change']) document.addEventListener(event, clear);"""
Shown = tuple[Any, ...]
Handler = Callable[..., AsyncIterator[Shown]]


def field_problems(names: Iterable[str], **options: Any) -> gr.HTML:
    """Build the places where the player writes errors of fields; `options` are of `gr.HTML`."""
    places = "".join(
        f'<div role="alert" class="problem" id="problem-{name}" data-error="{name}"></div>'
        for name in names
    )
    return gr.HTML(
        places, elem_classes="problems", apply_default_css=False, js_on_load=None, **options
    )


def problem(within: str, **options: Any) -> gr.HTML:
    """Build the place for the error of a handler.

    Args:
        within: selector of the fields whose change makes the error go.
        options: of `gr.HTML`.
    """
    return gr.HTML(
        "",
        elem_classes="problems",
        html_template='<div role="alert" class="problem">${value}</div>',
        apply_default_css=False,
        js_on_load=MENDED,
        within=within,
        **options,
    )


def at_field(handler: Handler, unchanged: Shown) -> Handler:
    """A handler whose errors are shown at a field, the last of its outputs.

    Programs that call it still get the error.

    Args:
        handler: yields updates, and raises `gr.Error`.
        unchanged: an update of its outputs that changes nothing.
    """

    @wraps(handler)
    async def shown_at_field(*given: Any) -> AsyncIterator[Shown]:
        said: Any = ""
        try:
            async with aclosing(handler(*given)) as updates:  # type: ignore[type-var]
                async for update in updates:
                    yield (*update, said)
                    said = gr.skip()
        except gr.Error as error:
            yield (*unchanged, error.message)
            raise gr.Error(error.message, visible=False, print_exception=False) from None

    return shown_at_field
