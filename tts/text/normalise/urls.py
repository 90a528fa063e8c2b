"""Rewrites of links, e-mail addresses, file names, paths and hashtags, for any language."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from tts.text.normalise.rule import Rewrite, any_of, rewrite
from tts.text.options import TextOptions

# Common domains and file endings, listed by hand: those read letter by letter, and those read as
# words.
SPELT_DOMAINS = (
    "uk us de fr it es eu ca au nz jp cn in br ru nl ch at be se dk pl io ai tv fm ly gg"
)
WORD_DOMAINS = "com org net edu gov mil int info biz app dev co me online shop blog wiki museum"
SPELT_ENDINGS = (
    "pdf txt csv tsv py js ts css html htm xml md rs cpp hpp php sql sh exe dll jpg jpeg png gif "
    "mp mov wav flac ogg xls xlsx doc docx ppt pptx rtf log cfg ini gz rar iso apk dmg bmp tif "
    "svg tiff epub odt yml toml tex bib vtt srt"
)
WORD_ENDINGS = "json yaml zip tar java ipynb bat conf lock bak tmp key safetensors"
SPELT = frozenset(
    f"{SPELT_DOMAINS} {SPELT_ENDINGS} http https ftp www url api id faq usa bbc".split()
)
DOMAINS = any_of(f"{SPELT_DOMAINS} {WORD_DOMAINS}".split())
ENDINGS = any_of(
    [*f"{SPELT_ENDINGS} {WORD_ENDINGS}".split(), "mp3", "mp4", "m4a", "m4b", "7z", "h5", "opus"]
)
HOST = r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+"
TRAIL = r"(?:[/?#][^\s<>\"]*[^\s<>\".,;:!?)'\]}*])?/?"

LINK = (
    rf"(?<![\w@.-])(?:(?:https?|ftp)://(?:[^\s<>\"]*[^\s<>\".,;:!?)'\]}}*])|"
    rf"www\.[^\s<>\"]*[^\s<>\".,;:!?)'\]}}*]|"
    rf"{HOST}(?:{DOMAINS})(?::[0-9]+)?(?![\w@-]|\.\w){TRAIL})"
)
LOCAL = r"[\w.!#$%&*+=~-]"  # the signs of RFC 5322 that no text has around it
MAIL = (
    rf"<?(?<![\w.%&+~-])(?:mailto:)?(?P<user>[\w.+-]{LOCAL}*)@"
    r"(?P<host>(?:[\w-]+\.)+[A-Za-z]{2,})\b>?"
)
FILE = (
    rf"(?<![\w@.])(?:(?:[A-Za-z]:\\|~?/|\.{{1,2}}/)(?:[\w.@+-]+[/\\])*)?"
    rf"[\w+-]+(?:\.[\w+-]+){{0,6}}\.(?:(?i:{ENDINGS})|(?<=\w\w\.)[ch])(?![\w/-]|\.\w)"
)
PATH = r"(?<![\w/.~<])(?:[A-Za-z]:\\(?:[\w.-]+\\?)*|~?/(?:[\w.-]+/)+[\w.-]*[\w/]|~/[\w-]+)"
PARTS = re.compile(r"[A-Za-z]+|[0-9]+|[^A-Za-z0-9]")
VOWELLESS = re.compile("[b-df-hj-np-tv-xzB-DF-HJ-NP-TV-XZ]{2,}")
HUMPS = re.compile(r"(?<=[a-z])(?=[A-Z0-9])|(?<=[0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


@dataclass(frozen=True, kw_only=True, slots=True)
class UrlReader:
    """The words of a language for addresses.

    Args:
        signs: the name of each sign, such as `dot` for `.`; other signs become spaces.
        link: the word for a link, said instead of it if links are only named.
    """

    signs: Mapping[str, str]
    link: str

    def read(self, written: str) -> str:
        """An address as words: signs by name, short endings spelt; short numbers stay digits."""
        words = map(self._part, PARTS.findall(written))
        return " ".join(" ".join(words).split())

    def _part(self, part: str) -> str:
        if part.lower() in SPELT or VOWELLESS.fullmatch(part):
            return " ".join(part.upper())
        if part.isdigit() and len(part) > 4:
            return " ".join(part)
        return part if part.isalnum() else self.signs.get(part, " ")


def url_rewrites(addresses: UrlReader, reading: TextOptions) -> tuple[Rewrite, ...]:
    """The rewrites of URLs, mail addresses and paths, in order, for a language and text options."""
    links = _read_links(addresses) if reading.links == "read" else _name_links(addresses)
    return (unmask_mail, _read_mail(addresses), links, *_file_rewrites(addresses), split_hashtags)


def _read_links(addresses: UrlReader) -> Rewrite:
    @rewrite(LINK, needs=r"\.[a-z]|//")
    def read_links(match: re.Match[str]) -> str:
        """A link is read without its scheme: https://a.com/b is a dot com slash b."""
        bare = re.sub(r"^(?:\w+://)?(?:www\.)?", "", match.group())
        return addresses.read(bare.rstrip("/"))

    return read_links


def _name_links(addresses: UrlReader) -> Rewrite:
    @rewrite(LINK, needs=r"\.[a-z]|//")
    def name_links(match: re.Match[str]) -> str:
        """A link is only named: https://a.com/b is link."""
        return addresses.link

    return name_links


def _read_mail(addresses: UrlReader) -> Rewrite:
    @rewrite(MAIL, needs="@")
    def read_mail(match: re.Match[str]) -> str:
        """An e-mail address is read with its signs: me@x.co.uk is me at x dot co dot U K."""
        return addresses.read(f"{match['user']}@{match['host']}")

    return read_mail


def _file_rewrites(addresses: UrlReader) -> tuple[Rewrite, ...]:
    @rewrite(FILE, needs=r"\.\w")
    def read_files(match: re.Match[str]) -> str:
        """A file name is read with its signs: a_b.pdf is a underscore b dot P D F."""
        return addresses.read(HUMPS.sub(" ", match.group()))

    @rewrite(PATH, needs=r"[/\\]")
    def read_paths(match: re.Match[str]) -> str:
        """A path is read with its signs: ~/a/b is tilde slash a slash b."""
        return addresses.read(match.group())

    @rewrite(
        rf"(?<![\w./\\])\.(?:(?i:{ENDINGS})|com|net|org|env|gitignore)(?![\w/-]|\.\w)",
        needs=r"(?<!\w)\.\w",
    )
    def read_endings(match: re.Match[str]) -> str:
        """A file ending or a domain alone is read with its dot: .pdf is dot P D F."""
        return addresses.read(match.group())

    return read_files, read_endings, read_paths


@rewrite(
    r"(?<=\w) ?[\[(](?:at|AT)[\])] ?(?=[\w-]+ ?[.\[(])|(?<=\w) ?[\[(](?:dot|DOT)[\])] ?(?=\w)",
    needs=r"[\[(](?i:at|dot)[\])]",
)
def unmask_mail(match: re.Match[str]) -> str:
    """A masked sign of an address is read as the sign: me [at] x.com is me@x.com."""
    return "@" if "at" in match.group().lower() else "."


@rewrite(r"(?<![\w&])#(?P<tag>[A-Za-z]\w*)|(?<![\w.])@(?P<handle>\w+)", needs="[#@]")
def split_hashtags(match: re.Match[str]) -> str:
    """A hashtag is read as its words, without the sign: #BigNews is Big News."""
    words = HUMPS.sub(" ", match["tag"] or match["handle"]).replace("_", " ")
    return words if match["tag"] else f"@ {words}"
