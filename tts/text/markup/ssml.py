"""A document in SSML as runs of text, each in its tone."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from tts.quoting import excerpt, quoted
from tts.text.markup.phoneme_tags import beside
from tts.text.markup.ssml_elements import ELEMENTS, LANGUAGE, Effect, Say
from tts.text.markup.tags import PLAIN, Pause, Run, Tone
from tts.text.markup.xml import Item, items
from tts.text.options import Reading

SPEAK = re.compile(
    r"[\ufeff\s]*(?:<\?xml\b[^>]*>\s*)?(?:<!--(?:(?!-->).)*-->\s*)*(?:<!DOCTYPE\b.*?)?"
    r"<speak[\s/>]",
    re.DOTALL,
)
TAG, TEXT, READING = "SSML tag", "SSML text", "SSML reading"


def runs(text: str, reading: Reading) -> list[Run]:
    """The runs of a document, end to end all of it, as a reading has it."""
    found, document = items(text), _Document(text, reading)
    return [run for item in found if (run := document.read(item, found)).span[0] < run.span[1]]


@dataclass
class _Document:
    text: str
    reading: Reading
    effects: list[Effect] = field(default_factory=list)
    tones: list[Tone] = field(default_factory=lambda: [PLAIN])

    def read(self, item: Item, following: Iterator[Item]) -> Run:
        """The run that an item is, with those that follow where it says something for them."""
        match item.kind:
            case "start":
                return self._open(item, following)
            case "end":
                pause = self.effects.pop().pause
                self.tones.pop()
                return self._tag(item, pause if pause and not pause.exact else None)
            case "text" if item.value != self.text[slice(*item.span)] or item.value == "\n":
                said = " " if item.value == "\n" else item.value
                return Run(item.span, self.tones[-1], TEXT, said)
            case "text":
                return Run(item.span, self.tones[-1])
            case _:
                return self._tag(item)

    def _tag(self, item: Item, pause: Pause | None = None) -> Run:
        return Run(item.span, self.tones[-1], TAG, pause=pause)

    def _open(self, item: Item, following: Iterator[Item]) -> Run:
        try:
            effect = self._effect(item)
            if effect.say:
                return self._said(item, following, effect.say)
            self.tones.append(effect.tone.within(self.tones[-1]))
        except ValueError as error:
            raise ValueError(
                f"in line {item.line} of the SSML, <{excerpt(item.value)}>: {error}"
            ) from error
        self.effects.append(effect)
        return self._tag(item, effect.pause)

    def _effect(self, item: Item) -> Effect:
        if item.value not in ELEMENTS:
            raise ValueError(f"expected one of the elements {', '.join(ELEMENTS)}; take it out")
        if (item.value == "speak") != (not self.effects):
            raise ValueError("expected one <speak> around everything; take this one out")
        known, act = ELEMENTS[item.value]
        for name in item.attributes:
            if name not in known and not name.startswith(("xmlns", "xsi:")):
                raise ValueError(
                    f"expected only {', '.join(known)}, not {excerpt(name)}; take it out"
                )
        language = item.attributes.get(LANGUAGE, self.reading.language).lower()
        if language not in (self.reading.language, self.reading.language.partition("-")[0]):
            raise ValueError(f"expected text in {self.reading.language}, not in {quoted(language)}")
        return act(item.attributes, self.reading)

    def _said(self, start: Item, following: Iterator[Item], say: Say) -> Run:
        """All of an element as the words for the text within it."""
        written, end = "", start
        for end in following:
            if end.kind == "start":
                raise ValueError(f"expected only text within it, not <{excerpt(end.value)}>")
            if end.kind == "end":
                break
            written += end.value
        words, phones = say(" ".join(written.split()))
        span = start.span[0], end.span[1]
        return Run(span, self.tones[-1], READING, beside(words, self.text, *span), phones)
