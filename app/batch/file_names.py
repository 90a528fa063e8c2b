"""File names that are valid on Windows, macOS and Linux alike."""

import re
import unicodedata

# file systems allow 255 bytes a name: 200 leaves room for suffixes such as _heart_t12.textgrid.
# 100 and 80 characters are chosen by hand, so that names stay readable in a file manager.
MAX_NAME_BYTES, MAX_ID_CHARACTERS, MAX_TITLE_CHARACTERS = 200, 100, 80
# characters that Windows forbids, control characters, and surrogates, which UTF-8 cannot encode
FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f-\x9f\ud800-\udfff]+')
# device names of Windows, with any suffix; superscript digits count as digits there
RESERVED = re.compile(
    r"(con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])( *(?:\..*)?)", re.IGNORECASE
)
HIDDEN = "."  # as the first character it hides a file on macOS and Linux
DROPPED = " ."  # Windows drops these at the end of a name


def check_id(id: str) -> None:
    """Check that an id can name a file on every system.

    Since ids are typed on command lines too, one may not begin with a dash or hold characters that
    cannot be printed.

    Raises:
        ValueError: it cannot name a file, or has more than 100 characters or 200 bytes.
    """
    if not is_file_name(id) or id.startswith("-") or not id.isprintable():
        raise ValueError(
            f"id must be a file name that is valid on any system, got {id!r}; "
            "use letters, digits, dashes and underscores"
        )
    if len(id) > MAX_ID_CHARACTERS or len(id.encode()) > MAX_NAME_BYTES:
        raise ValueError(
            f"id must have at most {MAX_ID_CHARACTERS} characters and {MAX_NAME_BYTES} bytes, "
            f"got {len(id)} characters beginning with {id[:20]!r}"
        )


def is_file_name(name: str) -> bool:
    """Whether a name is valid and visible on every system; its length is not checked."""
    if not name or name.startswith(HIDDEN) or name.endswith(tuple(DROPPED)):
        return False
    return not FORBIDDEN.search(name) and not RESERVED.fullmatch(name)


def safe_file_name(title: str) -> str:
    """A title turned into a valid file name of at most 80 characters; it may become empty."""
    name = FORBIDDEN.sub(" ", unicodedata.normalize("NFC", title))
    name = _shortened(" ".join(name.split()))
    device = RESERVED.fullmatch(name)
    return _shortened(f"{device[1]}_{device[2]}") if device else name


def _shortened(name: str) -> str:
    """A name within the limits, without what systems drop at its ends."""
    name = name[:MAX_TITLE_CHARACTERS].encode("utf-8")[:MAX_NAME_BYTES].decode(errors="ignore")
    return name.strip(HIDDEN + DROPPED)


def file_name_part(text: str) -> str:
    """A text as part of a file name: heart(2)+michael(1) becomes heart-2-michael-1."""
    return re.sub(r"[^\w.]+", "-", text).strip("-.")


def fold_file_name(name: str) -> str:
    """A key that is equal for names that some system treats as the same file.

    macOS and Windows ignore case, and macOS ignores how accented letters are composed.
    """
    composed = unicodedata.normalize("NFC", name).casefold()
    return unicodedata.normalize("NFC", composed)
