"""Where a server listens: sockets that listen before anything is loaded.

Whoever connects before the server is ready waits in the queue of the socket.
"""

import errno
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from tts.error_messages import os_error_reason, quoted

LOCALHOST = "localhost"
PRIVILEGED = 1024
AT_PATH = getattr(socket, "AF_UNIX", None)


def bind(host: str, port: int, option: str = "--port") -> list[socket.socket]:
    """Sockets that listen at a port of every address that a host has; nobody is answered yet.

    Args:
        host: a name or an address of this machine; empty for all of its addresses.
        port: 0 for any that is free.
        option: what the user says to choose another port.

    Raises:
        OSError: where that is not possible, in a sentence.
    """
    sockets: list[socket.socket] = []
    missing: OSError | None = None
    with explain_bind_errors(host, port, option):
        found = socket.getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        for family, kind, protocol, _, address in dict.fromkeys(found):
            try:
                sockets.append(_bound(socket.socket(family, kind, protocol), address))
            except OSError as error:
                # a name may have an address of version 6 where the machine has none
                if error.errno not in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
                    for each in sockets:
                        each.close()
                    raise
                missing = error
        if not sockets and missing:
            raise missing
    return sockets


def bind_uri(uri: str) -> list[socket.socket]:
    """Sockets that listen at tcp://host:port, or at unix:///path; a path may be relative, too."""
    wrong = f"expected tcp://host:port or unix:///path, not {quoted(uri)}"
    try:
        parts = urlsplit(uri)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise ValueError(wrong) from error
    path = uri.partition(":")[2].removeprefix("//")
    if parts.scheme == "unix" and path:
        return [_at_path(Path(path))]
    if parts.scheme != "tcp" or host is None or port is None:
        raise ValueError(wrong)
    return bind(host, port, "--uri")


@contextmanager
def close_on_exit(sockets: list[socket.socket]) -> Iterator[list[socket.socket]]:
    """The sockets, which are let go in the end; the path of one goes with it if it is still its."""
    paths = [Path(each.getsockname()) for each in sockets if each.family == AT_PATH]
    files = {path: _file(path) for path in paths}
    try:
        yield sockets
    finally:
        for path, file in files.items():  # while the socket is open nothing else has its inode
            if file and _file(path) == file:
                path.unlink(missing_ok=True)
        for each in sockets:
            each.close()


def is_exposed(host: str) -> bool:
    """Whether other machines can reach a server that listens there."""
    if host.lower() == LOCALHOST:
        return False
    try:
        return not ip_address(host).is_loopback
    except ValueError:
        return True


@contextmanager
def explain_bind_errors(host: str, port: int, option: str = "--port") -> Iterator[None]:
    """Why one cannot listen somewhere, in a sentence."""
    try:
        yield
    except OSError as error:
        raise OSError(_why(error, host, port, option)) from error


def _why(error: OSError, host: str, port: int, option: str) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"port {port} of {host} is taken; stop what listens there, or choose another port "
            f"with {option}"
        )
    if error.errno == errno.EACCES and port < PRIVILEGED:
        return f"not allowed to listen on port {port}; choose one from {PRIVILEGED} with {option}"
    if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
        return f"this machine has no address {quoted(host)}; listen on one that it has"
    return f"cannot listen on port {port} of {host}: {os_error_reason(error)}"


def _bound(made: socket.socket, address: tuple[object, ...]) -> socket.socket:
    try:
        if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):  # Windows, where reuse would be theft
            made.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if made.family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.bind(address)
        made.listen()  # two that only bind may share a port
    except OSError:
        made.close()
        raise
    return made


def _at_path(path: Path) -> socket.socket:
    """A socket that listens at a path; one that nobody listens at any more is replaced."""
    try:
        with _alone(path.parent):
            _clear(path)
            return _listening_at(path)
    except FileExistsError:
        raise
    except OSError as error:
        raise OSError(f"cannot listen at {path}: {os_error_reason(error)}") from error


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Nobody else who asks for this does anything in the folder meanwhile."""
    import fcntl  # not on Windows, which has no sockets at a path either

    number = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(number, fcntl.LOCK_EX)
        yield
    finally:
        os.close(number)


def _clear(path: Path) -> None:
    """Remove a socket that nobody listens at any more."""
    if path.is_socket():
        with socket.socket(socket.AF_UNIX) as caller:
            caller.setblocking(False)  # where its queue is full somebody listens as well
            if caller.connect_ex(str(path)) != errno.ECONNREFUSED:
                raise FileExistsError(
                    f"{path} is taken; stop what listens there, or name another path"
                )
        path.unlink()
    elif path.exists():
        raise FileExistsError(f"{path} is there and is no socket; name another path")


def _listening_at(path: Path) -> socket.socket:
    made = socket.socket(socket.AF_UNIX)
    try:
        made.bind(str(path))
        made.listen()
    except OSError:
        made.close()
        raise
    return made


def _file(path: Path) -> tuple[int, int] | None:
    """What tells the file at a path from any other."""
    try:
        found = path.lstat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
