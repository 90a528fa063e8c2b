"""Values of options that a user has set: in variables of the environment, or in a file.

The command line alone reads them. An option that is given comes first, then its variable, then the
file, then the default. `TTS_SAY_PACE` and the table `[say]` are for `tts say`; `TTS_PACE` and a
key above the tables are for every command that has the option, but for those of `tts training`,
whose options have other meanings.
"""

import os
import re
import shlex
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Any

from typer.core import TyperGroup

from tts import DISTRIBUTION
from tts.cli.extensions import ExtensionCommand
from tts.cli.usage_errors import KINDS, number_kind
from tts.error_messages import explain_os_error, naming_read_errors, quoted, short_repr
from tts.text.files.plain import decode_utf8

PREFIX, CONFIG_VARIABLE, CONFIG_NAME = "TTS_", "TTS_CONFIG", "config.toml"
APART = ("training",)
UNSET = ("help", "version", "config", "install_completion", "show_completion")  # set by hand alone

Words = tuple[str, ...]  # of a command after `tts`, such as voice and list


class SettingsError(ValueError):
    """A file of settings that cannot be read, or that has an unknown key or a wrong value."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A value of an option.

    Args:
        key: the option's name, with `_` between its words.
        written: the value as the variable or the file has it.
        value: as the parser takes it.
        origin: `by` the variable, or `in` the place of the file.
    """

    key: str
    written: Any
    value: Any
    origin: str

    def __str__(self) -> str:
        return f"{self.key} is set to {short_repr(self.written)} {self.origin}"

    def is_mentioned(self, message: str) -> bool:
        """Whether a message names the option or, if it is a text, its value."""
        names = [self.key.replace("_", "[-_ ]")]
        names += [re.escape(self.written)] if isinstance(self.written, str) else []
        return any(re.search(rf"(?<!\w){name}(?!\w)", message) for name in names if name)


@dataclass(frozen=True)
class Settings:
    """What a user has set for the options of commands.

    Args:
        variables: of the environment.
        config: the file that `--config` names. Default: that of `TTS_CONFIG`, or else
            `config.toml` in the user's folder of configurations, if there is one.
    """

    variables: Mapping[str, str]
    config: Path | None = None

    @classmethod
    def of_process(cls, config: Path | None = None) -> "Settings":
        """Those of this process, with the file that an option names."""
        return cls(os.environ, config)

    @property
    def named(self) -> Path | None:
        """The file that the user named."""
        named = self.config or self.variables.get(CONFIG_VARIABLE)
        return Path(named) if named else None

    @cached_property
    def path(self) -> Path:
        """The path of the file, which need not exist unless the user named it."""
        from platformdirs import user_config_path

        return self.named or user_config_path(DISTRIBUTION, appauthor=False) / CONFIG_NAME

    @cached_property
    def table(self) -> Mapping[str, Any]:
        """What the file has.

        Raises:
            SettingsError: it cannot be read, or is no TOML.
        """
        try:
            if not self.path.exists():
                if self.named:
                    raise SettingsError(f"no such file: {self.path}")
                return {}
            with naming_read_errors(self.path):
                return tomllib.loads(decode_utf8(self.path.read_bytes(), str(self.path)))
        except tomllib.TOMLDecodeError as error:
            raise SettingsError(f"{self.path} is not TOML: {error}") from error
        except OSError as error:
            raise SettingsError(explain_os_error(error)) from error
        except ValueError as error:  # such as its own, and what is not UTF-8
            raise SettingsError(str(error)) from error

    def of_command(self, words: Words, command: Any, root: Any) -> dict[str, Setting]:
        """What is set for a command, by the names of its parameters.

        Args:
            words: of the command.
            command: click's.
            root: the command `tts`.

        Raises:
            SettingsError: the file has a key that is no option, or a value of a wrong kind.
        """
        self._check_names(words, command, root)
        found: dict[str, Setting] = {}
        for param in options(command):
            key = key_of(param)
            if setting := self._variable(words, key, param) or self._entry(words, key, param):
                found[param.name] = setting
        return found

    def everywhere(self, root: Any) -> list[Setting]:
        """What is set for any command, each once; everything is checked.

        Raises:
            SettingsError: the file has a key that is no option, or a value of a wrong kind.
        """
        if not self.table and not any(name.startswith(PREFIX) for name in self.variables):
            return []  # without the packages of all commands
        found = {
            (setting.origin, setting.key): setting
            for words, command in walk(root)
            for setting in self.of_command(words, command, root).values()
        }
        return list(found.values())

    def unknown_variables(self, root: Any) -> list[str]:
        """Variables whose names begin as ours do and that no command reads."""
        names = [name for name in self.variables if name.startswith(PREFIX)]
        known = {CONFIG_VARIABLE}
        if known.issuperset(names):
            return []
        for words, command in walk(root):
            for param in options(command):
                known.update(variables_of(words, key_of(param)))
        return sorted(set(names) - known)

    def _variable(self, words: Words, key: str, param: Any) -> Setting | None:
        for name in variables_of(words, key):
            if value := self.variables.get(name):
                return Setting(key, value, _of_variable(value, param, name), f"by {name}")
        return None

    def _entry(self, words: Words, key: str, param: Any) -> Setting | None:
        tables = [(self._table(words), f"in [{'-'.join(words)}] of ")]
        if words[0] not in APART:
            tables.append((self._shared, "in "))
        for table, place in tables:
            origin = f"{place}{self.path}"
            names = [name for name in table if _same(name, key)]
            if len(names) > 1:
                raise SettingsError(f"{' and '.join(names)} {origin} are one option; keep one")
            for name in names:
                value = _of_file(table[name], param, f"{name} {origin}")
                return Setting(key, table[name], value, origin)
        return None

    @property
    def _shared(self) -> Mapping[str, Any]:
        """The keys above the tables."""
        return {name: value for name, value in self.table.items() if not isinstance(value, dict)}

    def _table(self, words: Words) -> Mapping[str, Any]:
        found = self.table.get("-".join(words), {})
        return found if isinstance(found, dict) else {}

    def _check_names(self, words: Words, command: Any, root: Any) -> None:
        for name in self.table.keys() - self._shared.keys():
            self._check_table(name, root)
        keys = [key_of(param) for param in options(command)]
        for name in self._table(words):
            if not any(_same(name, key) for key in keys):
                self._refuse(f"key {quoted(name)} in [{'-'.join(words)}]", name, keys)
        self._check_shared(self._shared, root)

    def _check_table(self, name: str, root: Any) -> None:
        """A table's name is that of a command; the names within an extension are not loaded."""
        known: list[str] = []
        for first, command in root.commands.items():
            if isinstance(command, TyperGroup):
                known += [f"{first}-{second}" for second in command.commands]
            elif isinstance(command, ExtensionCommand) and name.startswith(f"{first}-"):
                return
            else:
                known.append(first)
        if name not in known:
            self._refuse(f"table [{name}]", name, known)

    def _check_shared(self, names: Iterable[str], root: Any) -> None:
        missing, known = list(names), set[str]()
        for _, command in walk(root, without=APART):
            if not missing:
                return
            keys = {key_of(param) for param in options(command)}
            known |= keys
            missing = [name for name in missing if not any(_same(name, key) for key in keys)]
        if missing and missing[0] in root.commands:
            raise SettingsError(f"{self.path}: {missing[0]} is a command; write [{missing[0]}]")
        if missing:
            self._refuse(f"key {quoted(missing[0])}", missing[0], sorted(known))

    def _refuse(self, what: str, name: str, known: Sequence[str]) -> None:
        similar = get_close_matches(name.replace("-", "_"), known, 1) or get_close_matches(
            name, known, 1
        )
        advice = f"; did you mean {similar[0]}?" if similar else ""
        raise SettingsError(f"{self.path}: unknown {what}{advice}")


def walk(group: Any, words: Words = (), without: Sequence[str] = ()) -> Iterator[tuple[Words, Any]]:
    """All commands of a group; those whose packages are missing are left out."""
    for name, command in group.commands.items():
        if name in without:
            continue
        if isinstance(command, ExtensionCommand):
            try:
                command = command.load()
            except ModuleNotFoundError:
                continue
        if isinstance(command, TyperGroup):
            yield from walk(command, (*words, name))
        else:
            yield (*words, name), command


def options(command: Any) -> list[Any]:
    """The options of a command that can be set."""
    return [
        param
        for param in command.params
        if param.param_type_name == "option" and param.name not in UNSET
    ]


def key_of(param: Any) -> str:
    """The name of an option in files: its longest one, with `_` between words."""
    return str(max(param.opts, key=len)).lstrip("-").replace("-", "_")


def variables_of(words: Words, key: str) -> list[str]:
    """The variables of an option: that of its command, and that of all commands."""
    own = "_".join((*words, key)).replace("-", "_")
    names = [own] if words[0] in APART else [own, key]
    return [f"{PREFIX}{name.upper()}" for name in names]


def _same(name: str, key: str) -> bool:
    return name.replace("-", "_") == key


def _of_variable(value: str, param: Any, name: str) -> Any:
    """A value of a variable; one of an option that may be repeated has words as in a shell."""
    if not param.multiple:
        return _with_home(value)
    try:
        return [_with_home(word) for word in shlex.split(value)]
    except ValueError as error:
        raise SettingsError(f"{name} must be words as in a shell, got {quoted(value)}") from error


def _of_file(value: Any, param: Any, place: str) -> Any:
    """A value of a file, if it is of the kind that the option takes."""
    types, name = _kind(param)
    values = value if param.multiple and isinstance(value, list) else [value]
    for each in values:
        if not isinstance(each, types) or isinstance(each, bool) != (types == (bool,)):
            raise SettingsError(f"{place} must be {name}, got {short_repr(each)}")
    found = [_with_home(each) for each in values]
    return found if param.multiple else found[0]


def _kind(param: Any) -> tuple[tuple[type, ...], str]:
    """The types of values of an option in TOML, and what they are called."""
    if param.is_flag:
        return (bool,), "true or false"
    kind = number_kind(param)
    if kind is None:
        return (str,), "a text in quotes"
    return (int,) if kind is int else (int, float), KINDS[kind]


def _with_home(value: Any) -> Any:
    """A value in which a path of the home folder is written out, as a shell does it."""
    return str(Path(value).expanduser()) if str(value).startswith("~/") else value
