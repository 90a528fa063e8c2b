"""Names that a file may have on Windows, macOS and Linux alike."""

import re
import unicodedata

# systems allow 255 bytes, of which a name leaves some to its ending
MAX_NAME_BYTES, MAX_ID_CHARACTERS, MAX_TITLE_CHARACTERS = 200, 100, 80
# no name holds these on Windows or, for surrogates, in UTF-8; control characters are on no screen
FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f-\x9f\ud800-\udfff]+')
# Windows has devices of these names, whatever comes after a dot; superscripts are digits to it
RESERVED = re.compile(
    r"(con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])( *(?:\..*)?)", re.IGNORECASE
)
HIDDEN = "."  # at the beginning, on macOS and Linux
DROPPED = " ."  # at the end, by Windows


def check_id(id: str) -> None:
    """Refuse an id that cannot name a file on every system.

    It is written on command lines, too: it begins with no dash and has no letter that is unseen.

    Raises:
        ValueError: it cannot be a name, or is too long for one.
    """
    if not is_file_name(id) or id.startswith("-") or not id.isprintable():
        raise ValueError(
            f"expected an id that can name a file on any system, not {id!r}; "
            "use letters, digits, dashes and underscores"
        )
    if len(id) > MAX_ID_CHARACTERS or len(id.encode()) > MAX_NAME_BYTES:
        raise ValueError(
            f"expected an id of at most {MAX_ID_CHARACTERS} letters and {MAX_NAME_BYTES} bytes, "
            f"not {id[:20]!r} and more; make it shorter"
        )


def is_file_name(name: str) -> bool:
    """Whether every system has files of such a name, however long it is, and shows them."""
    if not name or name.startswith(HIDDEN) or name.endswith(tuple(DROPPED)):
        return False
    return not FORBIDDEN.search(name) and not RESERVED.fullmatch(name)


def safe_file_name(title: str) -> str:
    """A title as a file may be named on any system, of at most 80 characters; it may be empty."""
    name = FORBIDDEN.sub(" ", unicodedata.normalize("NFC", title))
    name = " ".join(name.split())[:MAX_TITLE_CHARACTERS]
    name = name.encode("utf-8")[:MAX_NAME_BYTES].decode("utf-8", errors="ignore")
    name = name.strip(HIDDEN + DROPPED)
    device = RESERVED.fullmatch(name)
    return f"{device[1]}_{device[2]}" if device else name


def file_name_part(text: str) -> str:
    """A text as part of a name: heart(2)+michael(1) is heart-2-michael-1."""
    return re.sub(r"[^\w.]+", "-", text).strip("-.")


def fold_file_name(name: str) -> str:
    """The same for names that some system takes for one: macOS and Windows ignore case, and macOS
    how a letter with an accent is composed."""
    composed = unicodedata.normalize("NFC", name).casefold()
    return unicodedata.normalize("NFC", composed)
