"""Errors of handlers at their fields, and by the API."""

import asyncio
import inspect

import gradio as gr
import pytest
from tts.app.demo.form.problems import at_field


def run(handler, *given):
    """What a handler shows, and the error it ends with."""
    shown = []

    async def collect():
        async for update in handler(*given):
            shown.append(update)

    try:
        asyncio.run(collect())
    except gr.Error as error:
        return shown, error
    return shown, None


async def count(most: int, unit: str):
    for number in range(most):
        yield number, unit
    if most > 2:
        raise gr.Error("Most must be at most 2.", print_exception=False)


def test_an_error_is_shown_at_the_field_and_told_to_programs():
    shown, error = run(at_field(count, (None, None)), 3, "s")
    assert [update[:2] for update in shown] == [(0, "s"), (1, "s"), (2, "s"), (None, None)]
    assert shown[0][2] == "", "an earlier error goes"
    assert shown[-1][2] == error.message == "Most must be at most 2."
    assert not error.visible, "the page shows it once, at the field"
    assert not error.print_exception


def test_a_handler_without_an_error_only_gets_one_more_output():
    shown, error = run(at_field(count, (None, None)), 2, "s")
    assert error is None
    assert [update[:2] for update in shown] == [(0, "s"), (1, "s")]


def test_a_handler_is_closed_with_its_wrapper():
    closed = []

    async def endless():
        try:
            while True:
                yield (1,)
        finally:
            closed.append(True)

    async def leave():
        shown = at_field(endless, (None,))()
        await anext(shown)
        await shown.aclose()
        assert closed

    asyncio.run(leave())


def test_gradio_still_sees_the_arguments_of_the_handler():
    assert list(inspect.signature(at_field(count, ())).parameters) == ["most", "unit"]


@pytest.mark.parametrize("error", [RuntimeError, asyncio.CancelledError])
def test_other_errors_are_left_as_they_are(error):
    async def fail():
        raise error
        yield

    async def collect():
        return [update async for update in at_field(fail, ())()]

    with pytest.raises(error):
        asyncio.run(collect())
