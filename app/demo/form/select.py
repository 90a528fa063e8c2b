"""A choice from a list: the browser's own, which closes when the focus leaves it."""

from collections.abc import Sequence
from html import escape
from typing import Any

import gradio as gr

Option = tuple[str, str]  # what is shown, and the value

FOLLOW = """const list = () => element.querySelector('select');
const show = () => { if (list()) list().value = props.value; };
element.addEventListener('change', () => {
  props.value = list().value;
  trigger('input');
  trigger('change');
});
watch(['value', 'options'], show);"""


def select(label: str, options: Sequence[Option], **more: Any) -> gr.HTML:
    """Build the list; its value is the value of the option that is chosen, at first the first.

    Args:
        label: above the list.
        options: what is shown, and the values.
        more: options of `gr.HTML`.
    """
    return gr.HTML(
        options[0][1] if options else "",
        html_template="${options}",
        options=options_html(label, options),
        apply_default_css=False,
        js_on_load=FOLLOW,
        label=label,
        **more,
    )


def options_html(label: str, options: Sequence[Option]) -> str:
    """A labelled list of options."""
    listed = "".join(
        f'<option value="{escape(value)}">{escape(shown)}</option>' for shown, value in options
    )
    return f'<label class="select"><span>{escape(label)}</span><select>{listed}</select></label>'
