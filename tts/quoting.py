"""What somebody sent, as a message may hold it: its start, in quotes."""

LONGEST = 40
MORE = "..."


def quoted(given: object) -> str:
    """What was given, in quotes, and no more of it than a sentence can hold.

    Args:
        given: a text, or anything whose `str` says what it is.

    Returns:
        At most 40 of its characters between quotes; what is left out is told by three dots, and
        what cannot be printed is escaped.

    Example:
        >>> quoted("x" * 100)
        "'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...'"
    """
    text = str(given)
    return repr(text if len(text) <= LONGEST else text[: LONGEST - len(MORE)] + MORE)
