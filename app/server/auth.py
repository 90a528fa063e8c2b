"""The check of the API key. Without a key in the settings, anyone is authorised."""

from hmac import compare_digest

from .settings import ServerSettings

BEARER = "bearer "
WRONG_KEY = "the API key is missing or wrong; send it as `Authorization: Bearer KEY`"


def is_authorized(settings: ServerSettings, given: str | None) -> bool:
    """Whether this is the key, alone or after `Bearer`.

    Args:
        settings: its `key`, or None.
        given: the value of an `Authorization` header, or a key alone; None if there is none.
    """
    if settings.key is None:
        return True
    given = given or ""
    if given[: len(BEARER)].lower() == BEARER:
        given = given[len(BEARER) :]
    # in constant time, so that response times do not reveal the key; as bytes, since it compares
    # only ASCII strings
    return compare_digest(given.strip().encode(errors="replace"), settings.key.strip().encode())
