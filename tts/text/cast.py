"""Casts: which voice speaks the lines of each name in a script of lines such as `Anna: Hello.`

A cast is a TOML file. Each name has a voice or a blend, or a table of `voice`, `pace` and `pitch`:

    narrator = "heart"
    Anna = "michael"
    "Old Man" = {voice = "adam", pace = 0.9, pitch = -2}

`narrator` speaks what has no name before it.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tts.delivery import Delivery
from tts.error_messages import naming_read_errors, quoted
from tts.text.markup.ssml import is_ssml
from tts.text.markup.tags import NEUTRAL, Prosody, parse_voice
from tts.validation import coerce_argument

NARRATOR = "narrator"
# A name of up to 60 characters, which may be bold or italic in Markdown: **Anna:** or *Anna*:
NAMED = re.compile(r"[ \t]*[*_]{0,3}(?P<name>[^\W\d_][^:\n]{0,59}?)[*_]{0,3}:[*_]{0,3}[ \t]+(?=\S)")
REMARK = re.compile(r"\([^()]*\)")  # as in "Anna (aside): Hello."
SMALL_WORDS = frozenset(("of", "the", "and", "de", "la", "van", "von"))  # of names
MAX_NAME_WORDS = 5
MAX_NAMES_SHOWN = 10  # in a note
FIELDS = ("voice", "pace", "pitch")


@dataclass(frozen=True, slots=True)
class CastMember:
    """How the lines of a name are spoken.

    Args:
        voice: a voice or blend; empty for that of the delivery.
        prosody: its pace and pitch, relative to the delivery.
    """

    voice: str = ""
    prosody: Prosody = NEUTRAL

    def overrides(self, delivery: Delivery) -> dict[str, Any]:
        """The fields of a delivery that the member sets, by name."""
        found: dict[str, Any] = {"voice": self.voice} if self.voice else {}
        if self.prosody.pace != NEUTRAL.pace:
            found["pace"] = delivery.pace * self.prosody.pace
        if self.prosody.pitch != NEUTRAL.pitch:
            found["pitch"] = delivery.pitch + self.prosody.pitch
        return found


@dataclass(frozen=True, slots=True)
class CastLine:
    """A line of a script, or all lines without a name between two with one.

    Args:
        text: without the name.
        member: who speaks it.
    """

    text: str
    member: CastMember


@dataclass(frozen=True)
class Cast:
    """The voices of a script by name. Names match in capitals or small letters alike.

    Args:
        members: by name.
        narrator: speaks what has no name, or a name that is not in the cast.

    Example:
        >>> cast = Cast({"anna": CastMember("michael")})
        >>> [(line.text, line.member.voice) for line in cast.lines("Anna: Hello. ")]
        [('Hello.', 'michael')]
    """

    members: Mapping[str, CastMember]
    narrator: CastMember = field(default_factory=CastMember)

    @property
    def voices(self) -> dict[str, str]:
        """The voice of each name that has one, with the narrator's."""
        members = {NARRATOR: self.narrator, **self.members}
        return {name: member.voice for name, member in members.items() if member.voice}

    def with_voices(self, voices: Mapping[str, str]) -> "Cast":
        """The same cast with other names of the voices of `voices`."""
        members = {name: _renamed(member, voices) for name, member in self.members.items()}
        return Cast(members, _renamed(self.narrator, voices))

    def lines(self, text: str) -> list[CastLine]:
        """The lines of a script and who speaks each; an SSML document is one line."""
        spoken = (replace(line, text=line.text.strip()) for line in self._lines(text))
        return [line for line in spoken if line.text]

    def to_tags(self, text: str) -> str:
        """A script as a text with tags.

        Example:
            >>> Cast({"anna": CastMember("michael")}).to_tags("ANNA: Hello.")
            '[voice:michael]Hello.[/voice]'
        """
        return text if is_ssml(text) else "".join(map(_tagged, self._lines(text)))

    def unknown_names(self, text: str) -> Iterator[str]:
        """What stands like a name before a line and is not in the cast; it is read as text."""
        for row in () if is_ssml(text) else text.splitlines():
            match = NAMED.match(row)
            if match and not self._member(match["name"]) and _may_be_name(match["name"]):
                yield " ".join(match["name"].split())

    def _member(self, name: str) -> CastMember | None:
        """Who has a name, which a remark may follow: `Anna (aside)` is Anna."""
        return self.members.get(_key(name)) or self.members.get(_key(REMARK.sub(" ", name)))

    def _lines(self, text: str) -> list[CastLine]:
        """The lines with all spaces; those without a name follow each other in one."""
        if is_ssml(text):
            return [CastLine(text, self.narrator)]
        found: list[CastLine] = []
        told: list[str] = []
        for row in text.splitlines(keepends=True):
            match = NAMED.match(row)
            member = self._member(match["name"]) if match else None
            if match and member:
                found += [CastLine("".join(told), self.narrator)] if told else []
                found.append(CastLine(row[match.end() :], member))
                told = []
            else:
                told.append(row)
        return [*found, CastLine("".join(told), self.narrator)] if told else found


def load_cast(path: Path | str) -> Cast:
    """Read a cast from a TOML file.

    Args:
        path: the file.

    Raises:
        OSError: the file cannot be read.
        ValueError: it is not TOML, or a name or a value is wrong.

    Example:
        >>> _ = Path("cast.toml").write_text('Anna = "michael"')
        >>> load_cast("cast.toml").voices
        {'anna': 'michael'}
    """
    path = Path(path)
    with naming_read_errors(path):
        data = path.read_bytes()
    try:
        values = tomllib.loads(data.decode("utf-8-sig"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ValueError(f"cannot read the cast {path}: {error}") from error
    members: dict[str, CastMember] = {}
    for name, value in values.items():
        key = _key(name)
        try:
            if key in members:
                raise ValueError("the name is there twice")
            members[key] = _member(value)
        except ValueError as error:
            raise ValueError(f"{quoted(name)} in the cast {path}: {error}") from error
    if not members:
        raise ValueError(f'the cast {path} has no names; add lines such as Anna = "heart"')
    return Cast(members, members.get(NARRATOR, CastMember()))


def unknown_names_note(names: Iterable[str]) -> str:
    """A sentence on names that are not in the cast; empty without any."""
    different = list(dict.fromkeys(names))
    if not different:
        return ""
    shown = ", ".join(map(quoted, different[:MAX_NAMES_SHOWN]))
    more = (
        f" and {len(different) - MAX_NAMES_SHOWN} more" if len(different) > MAX_NAMES_SHOWN else ""
    )
    return f"not in the cast, and read as text: {shown}{more}"


def _key(name: str) -> str:
    return " ".join(name.split()).casefold()


def _renamed(member: CastMember, voices: Mapping[str, str]) -> CastMember:
    return replace(member, voice=voices.get(member.voice, member.voice))


def _member(value: Any) -> CastMember:
    if isinstance(value, str):
        return CastMember(parse_voice(value))
    if not isinstance(value, dict):
        raise ValueError(f"expected a voice or a table of {', '.join(FIELDS)}, got {quoted(value)}")
    if unknown := [name for name in value if name not in FIELDS]:
        raise ValueError(f"unknown field {quoted(unknown[0])}; fields: {', '.join(FIELDS)}")
    voice = value.get("voice")
    numbers = {
        name: coerce_argument(name, float, value[name]) for name in FIELDS[1:] if name in value
    }
    named = "" if voice is None else parse_voice(coerce_argument("voice", str, voice))
    return CastMember(named, Prosody(**numbers))


def _may_be_name(words: str) -> bool:
    """Whether words before a colon are like a name: capitalised, in few words."""
    names = REMARK.sub(" ", words).split()
    proper = (name[0].isupper() or name.isdecimal() or name in SMALL_WORDS for name in names)
    return 0 < len(names) <= MAX_NAME_WORDS and all(proper)


def _tagged(line: CastLine) -> str:
    """A line within the tags of its member."""
    member = line.member
    words = said = line.text.strip()
    if not words:
        return line.text
    if member.prosody.pitch != NEUTRAL.pitch:
        said = f"[pitch:{member.prosody.pitch:g}]{said}[/pitch]"
    if member.prosody.pace != NEUTRAL.pace:
        said = f"[pace:{member.prosody.pace:g}]{said}[/pace]"
    if member.voice:
        said = f"[voice:{member.voice}]{said}[/voice]"
    return line.text.replace(words, said, 1)
