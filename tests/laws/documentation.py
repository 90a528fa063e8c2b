"""The pages of the documentation, their code blocks, and the commands in these."""

import re
import shlex
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from textwrap import dedent

ROOT = Path(__file__).parents[2]
FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```", re.MULTILINE | re.DOTALL)
SEPARATORS = {"&&", "|", ";", "||", "&"}

Command = tuple[str, ...]


@dataclass(frozen=True)
class Page:
    """A page by its path from the root of the repository."""

    path: str

    @cached_property
    def text(self) -> str:
        return (ROOT / self.path).read_text(encoding="utf-8")

    @cached_property
    def prose(self) -> str:
        """The page without its code blocks."""
        return FENCE.sub("", self.text)

    @cached_property
    def blocks(self) -> list[tuple[str, str]]:
        """Each block's language and code."""
        return [(found[2], dedent(found[3])) for found in FENCE.finditer(self.text)]

    def code(self, language: str) -> list[str]:
        return [code for known, code in self.blocks if known == language]

    @cached_property
    def commands(self) -> list[Command]:
        """The commands of its shell blocks."""
        lines = "\n".join(self.code("sh")).replace("\\\n", " ").splitlines()
        return [command for line in lines for command in split(line)]

    @cached_property
    def anchors(self) -> set[str]:
        """What a link to it may name after `#`: headings, and objects of the reference."""
        headings = re.findall(r"^#+ (.+)$", self.prose, re.MULTILINE)
        return {slug(heading) for heading in headings} | set(self.objects)

    @cached_property
    def objects(self) -> list[str]:
        """Objects whose docstrings the page shows."""
        return re.findall(r"^::: ([\w.]+)$", self.text, re.MULTILINE)

    @cached_property
    def links(self) -> list[tuple[str, str]]:
        """Path and anchor of each relative link and picture."""
        prose = re.sub(r"`[^`\n]*`", "", self.prose)
        found = re.findall(r"\]\((?!\w+:|/)([^)#\s]*)(?:#([^)\s]*))?\)", prose)
        return [(path, anchor) for path, anchor in found if path or anchor]

    @cached_property
    def rows(self) -> list[str]:
        return [line for line in self.prose.splitlines() if line.startswith("| ")]


def split(line: str) -> list[Command]:
    """The commands of a line, in words."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars="|&;")
    lexer.whitespace_split = True
    commands: list[list[str]] = [[]]
    for word in lexer:
        if word in SEPARATORS:
            commands.append([])
        else:
            commands[-1].append(word)
    return [tuple(command) for command in commands if command]


def slug(heading: str) -> str:
    """The anchor of a heading, as Python-Markdown and GitHub make it."""
    words = re.sub(r"[^\w\s-]", "", re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading)).strip().lower()
    return re.sub(r"[-\s]+", "-", words)


def pages(*patterns: str) -> list[Page]:
    """Pages by patterns of their paths, the log left out."""
    paths = sorted({path for pattern in patterns for path in ROOT.glob(pattern)})
    names = [path.relative_to(ROOT).as_posix() for path in paths]
    return [Page(name) for name in names if not name.startswith("docs/log/")]


PAGES = pages("README.md", "CONTRIBUTING.md", "docs/**/*.md")
FIRST_STEPS = Page("docs/first-steps.md")  # whose blocks run as they stand, in shells
