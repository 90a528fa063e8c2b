"""What `help` says of the public names, and that the package is typed and knows its version."""

import inspect
import pydoc
import re
from dataclasses import fields, is_dataclass
from importlib.metadata import version
from pathlib import Path

import pytest

import tts
from tts.delivery import DELIVERY_FIELDS, Delivery

CLASSES = [each for name in tts.__all__ if inspect.isclass(each := getattr(tts, name))]
METHODS = [
    getattr(cls, name)
    for cls in CLASSES
    for name in vars(cls)
    if not name.startswith("_") and inspect.isroutine(getattr(cls, name))
]


def arguments_of(documented):
    """The text of each argument under `Args:`, by name."""
    text = inspect.getdoc(documented).partition("Args:\n")[2]
    block = re.split(r"\n(?=\S)", text)[0]
    found = re.findall(r"^    (\w+): (.*(?:\n {8}.*)*)", block, re.MULTILINE)
    return {name: re.sub(r"\s+", " ", said) for name, said in found}


@pytest.mark.parametrize("name", tts.__all__)
def test_every_public_name_has_a_summary_and_an_example(name):
    text = inspect.getdoc(getattr(tts, name))
    assert re.match(r"[A-Z][^\n]{10,90}[.](\s|$)", text)
    assert ">>>" in text or name in ("EngineClosed", "EngineStats")


@pytest.mark.parametrize("cls", [cls for cls in CLASSES if is_dataclass(cls)])
def test_every_field_of_a_public_class_is_explained(cls):
    assert list(arguments_of(cls)) == [field.name for field in fields(cls)]


@pytest.mark.parametrize("name", DELIVERY_FIELDS)
def test_help_of_a_delivery_has_the_range_and_default_of_its_numbers(name):
    field, said = DELIVERY_FIELDS[name], arguments_of(Delivery)[name]
    high = "2**63 - 1" if name == "seed" else f"{field.high:g}"
    assert f"from {field.low:g} to {high}" in said
    default = "By default None" if field.default is None else f"default {field.default:g}"
    assert default in said
    assert field.unit.removeprefix("a ") in said


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.__qualname__)
def test_every_public_method_explains_its_parameters(method):
    text = inspect.getdoc(method)
    assert text
    for name in set(inspect.signature(method).parameters) - {"self"}:
        assert re.search(rf"\b{name}\b", text, re.IGNORECASE), name


@pytest.mark.parametrize(
    ("called", "sections"),
    [
        (tts.load, ("Args", "Returns", "Raises", "Example")),
        (tts.Synthesizer.speak, ("Args", "Returns", "Raises", "Example")),
        (tts.Synthesizer.stream, ("Args", "Returns", "Raises", "Example")),
        (tts.Synthesizer.astream, ("Args", "Yields", "Raises", "Example")),
        (tts.Engine.stream, ("Args", "Returns", "Raises")),
        (tts.Speech.save, ("Args", "Raises")),
        (tts.Lexicon.of, ("Args", "Raises", "Example")),
        (tts.Lexicon.load, ("Args", "Raises", "Example")),
    ],
)
def test_help_of_a_call_has_its_sections(called, sections):
    page = pydoc.render_doc(called, renderer=pydoc.plaintext)
    for section in sections:
        assert f"    {section}:\n" in page
    if "Args" in sections:
        assert set(arguments_of(called)) == set(inspect.signature(called).parameters) - {"self"}


def test_help_of_the_package_lists_the_public_names():
    page = pydoc.render_doc(tts, renderer=pydoc.plaintext)
    for name in tts.__all__:
        assert re.search(rf"^    (class )?{name}\b", page, re.MULTILINE), name


def test_the_package_is_typed_and_has_one_version():
    assert (Path(tts.__file__).parent / "py.typed").is_file()
    assert tts.__version__ == version(tts.DISTRIBUTION)
