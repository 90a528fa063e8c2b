"""Errors at the field that they are about, until it is changed."""

from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from functools import wraps
from typing import Any

import gradio as gr

# An error goes once a field beside it is changed; until then the text field is marked.
MENDED = """const field = document.querySelector(`${props.field} textarea, ${props.field} input`);
const mark = () => {
  if (!field) return;
  field.toggleAttribute('aria-invalid', Boolean(props.value));
  if (props.value) field.setAttribute('aria-describedby', element.closest('[id]').id);
  else field.removeAttribute('aria-describedby');
};
const clear = ({ target }) => {
  if (props.value && target.closest?.(props.within)) { props.value = ''; mark(); }
};
for (const event of ['input', 'change']) document.addEventListener(event, clear);
watch('value', mark);"""
Shown = tuple[Any, ...]
Handler = Callable[..., AsyncIterator[Shown]]


def problem(field: str, within: str, **options: Any) -> gr.HTML:
    """Build the place for the error of a field.

    Args:
        field: selector of the block of the field that is marked as invalid.
        within: selector of the fields whose change makes the error go.
        options: of `gr.HTML`.
    """
    return gr.HTML(
        "",
        html_template='<div role="alert" class="problem">${value}</div>',
        js_on_load=MENDED,
        field=field,
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
