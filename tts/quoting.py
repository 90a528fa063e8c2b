"""What somebody sent, as a message may hold it: no more than its start."""

MAX_EXCERPT_CHARACTERS = 40
MORE = "..."


def excerpt(given: object) -> str:
    """The first 40 characters of what was given; three dots tell that there is more."""
    text = str(given)
    return (
        text
        if len(text) <= MAX_EXCERPT_CHARACTERS
        else text[: MAX_EXCERPT_CHARACTERS - len(MORE)] + MORE
    )


def quoted(given: object) -> str:
    """What was given, in quotes, and no more of it than a sentence can hold.

    Args:
        given: a text, or anything whose `str` says what it is.

    Returns:
        At most 40 of its characters between quotes; what cannot be printed is escaped.

    Example:
        >>> quoted("x" * 100)
        "'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...'"
    """
    return repr(excerpt(given))
