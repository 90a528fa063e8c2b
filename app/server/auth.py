"""Who may ask: whoever has the key, or anyone where there is none."""

from hmac import compare_digest

from .settings import ServerSettings

BEARER = "bearer "


def is_authorized(settings: ServerSettings, given: str | None) -> bool:
    """Whether this is the key, alone as in an address, or after `Bearer` as in a header."""
    if settings.key is None:
        return True
    given = given or ""
    if given[: len(BEARER)].lower() == BEARER:
        given = given[len(BEARER) :]
    # as bytes, for of strings it compares only ASCII; and in equal time, whatever is wrong with it
    return compare_digest(given.strip().encode(errors="replace"), settings.key.strip().encode())
