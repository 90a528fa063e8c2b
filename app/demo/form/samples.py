"""What the scripts of the page fill or speak: three examples, and the list of takes."""

import json
from html import escape

from ..request import USUAL

# Each with a word on what it shows.
EXAMPLES = {
    "A story": (
        "It was a bright cold day in April. The clocks were striking thirteen, and nobody on the "
        "stairs looked up. Was it late, or was it early? She had stopped asking."
    ),
    "Numbers, dates and titles": (
        "On 3/4/2025 Dr. Lee of 12 St. James St. read that the wind had cost $5.2M."
    ),
    "Pauses and emphasis": (
        "Wait. [pause:500ms] I [pitch:+3]really[/pitch] mean it: [pace:0.8]take your time.[/pace]"
    ),
}


def examples_html() -> str:
    """Buttons that speak an example each."""
    buttons = "".join(
        f'<button type="button" class="example" data-example="{escape(text)}">'
        f"<b>{escape(title)}</b><span>{escape(text)}</span></button>"
        for title, text in EXAMPLES.items()
    )
    return f'<div class="examples"><p>Press an example to hear it.</p>{buttons}</div>'


def takes_html() -> str:
    """The place of the takes of this visit, with the usual settings, which it does not name."""
    return f'<div data-usual="{escape(json.dumps(dict(USUAL)))}"></div>'
