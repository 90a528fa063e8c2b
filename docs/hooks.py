"""Hooks of the site: pages that lie outside `docs/`, and links that lead there.

A link between files of the repository is written as its relative path, so that it works in a source
tree. On the site, a link to a file that is no page of it becomes plain text, and one to a sound
file becomes a player. A page that loads anything from another host fails the strict build.
"""

import logging
import posixpath
import re
from html import escape
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
OUTSIDE = {
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "LICENSE": "LICENSE.txt",
    "NOTICE": "NOTICE.txt",
    "README.md": "index.md",
    "checkpoints/README.md": "model-card.md",
}
LOG = logging.getLogger("mkdocs.hooks")  # its warnings fail a strict build
REMOTE = re.compile(r"""<(?:script|img|iframe|source)\b[^>]*\bsrc="https?:|<link\b[^>]*"https?:""")
PLAYER = '<audio controls preload="none" aria-label="{}" src="{}"></audio>'
LINK = re.compile(r"(!?)\[((?:[^\[\]`]|`[^`]*`)*)\]\(([^()\s#:]+)(#[^()\s]*)?\)")


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Let a strict build count warnings when it is a quiet one, too."""
    log = logging.getLogger("mkdocs")
    if config.strict:
        log.setLevel(min(log.level, logging.WARNING))
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the files of the repository that are part of the site."""
    for path, uri in OUTSIDE.items():
        if uri not in files.src_uris:
            files.append(File.generated(config, uri, abs_src_path=str(ROOT / path)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Point links at pages of the site."""
    folder = Path(page.file.abs_src_path or DOCS).parent

    def on_site(link: re.Match[str]) -> str:
        image, text, target, anchor = link.groups()
        path = (folder / target).resolve()
        if path.is_dir() and path.is_relative_to(DOCS):
            path = max(path.glob("*.md"), default=path)  # of the log, the last entry
        if target.startswith("/") or not path.exists():
            return link[0]  # markup in an example, or a link that the strict build reports
        if path.is_relative_to(DOCS) and path.is_file():
            uri = path.relative_to(DOCS).as_posix()
        else:
            uri = OUTSIDE.get(path.relative_to(ROOT).as_posix(), "")
        if not uri:
            return text
        here = posixpath.dirname(page.file.src_uri) or "."
        if path.suffix == ".opus":
            return PLAYER.format(escape(text), posixpath.relpath(uri, here))
        return f"{image}[{text}]({posixpath.relpath(uri, here)}{anchor or ''})"

    return LINK.sub(on_site, markdown)


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:
    """Warn of what a page would load from another host."""
    for found in REMOTE.findall(output):
        LOG.warning(f"{page.file.src_uri} loads something from another host: {found}...")
    return output
