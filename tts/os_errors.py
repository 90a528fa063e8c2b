"""Errors of the operating system, as sentences for users."""

import errno

AGAIN = "mend that or choose another, and try again"
REMEDIES = {
    errno.ENOENT: "check the path",
    errno.ENOTDIR: "check the path",
    errno.EACCES: "choose one that you may use",
    errno.EPERM: "choose one that you may use",
    errno.EROFS: "choose one on another disk",
    errno.EISDIR: "name a file",
    errno.EEXIST: "name another, or delete it first",
    errno.ENAMETOOLONG: "choose a shorter name",
    errno.ELOOP: "name what the links are to point to",
    errno.ENOSPC: "make room, and try again",
    errno.EDQUOT: "make room, and try again",
    errno.EMFILE: "raise the limit with ulimit -n, and try again",
    errno.EADDRINUSE: "choose another port",
}


def explain_os_error(error: OSError) -> str:
    """Say what an error is about, what is wrong and what to do.

    Args:
        error: of the system, with a number; or of ours, with a sentence and no number.

    Returns:
        One sentence; that of an error of ours as it is.

    Example:
        >>> explain_os_error(OSError(21, "Is a directory", "speech.wav"))
        'cannot use speech.wav: is a directory; name a file'
    """
    if error.errno is None or not error.strerror:
        return str(error)
    why = f"{error.strerror[:1].lower()}{error.strerror[1:]}".rstrip(".")
    about = [str(name) for name in (error.filename, error.filename2) if name not in (None, "")]
    what = f"cannot use {' and '.join(about)}" if about else "cannot go on"
    return f"{what}: {why}; {REMEDIES.get(error.errno, AGAIN)}"
