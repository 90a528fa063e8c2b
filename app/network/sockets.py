"""Sockets of a server, which listen before its models are loaded.

Clients that connect before the server is ready wait in the queue of the socket.
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
PRIVILEGED = 1024  # ports below need special rights on Unix
AT_PATH = getattr(socket, "AF_UNIX", None)


def bind(host: str, port: int, option: str = "--port") -> list[socket.socket]:
    """Listen on a port of every address of a host.

    Args:
        host: a name or an address of this machine; empty for all of its addresses.
        port: the TCP port; 0 for any free one.
        option: the option of the command that sets the port, for error messages.

    Raises:
        OSError: the port is in use or not allowed, or the machine has no such address.
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
                # a name may resolve to an IPv6 address on a machine without IPv6
                if error.errno not in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
                    for each in sockets:
                        each.close()
                    raise
                missing = error
        if not sockets and missing:
            raise missing
    return sockets


def bind_uri(uri: str) -> list[socket.socket]:
    """Listen on a URI: tcp://host:port, or unix:///path, where the path may be relative.

    Raises:
        ValueError: it is not such a URI.
        OSError: it is in use, or cannot be listened on.
    """
    wrong = f"uri must be tcp://HOST:PORT or unix:///PATH, got {quoted(uri)}"
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


def uri_of(listening: socket.socket) -> str:
    """The URI of a socket that listens, as `bind_uri` takes it."""
    if listening.family == AT_PATH:
        return f"unix://{Path(listening.getsockname()).absolute()}"
    host, port = listening.getsockname()[:2]
    return f"tcp://[{host}]:{port}" if ":" in host else f"tcp://{host}:{port}"


@contextmanager
def close_on_exit(sockets: list[socket.socket]) -> Iterator[list[socket.socket]]:
    """Close the sockets at the end, and remove their paths unless others have taken them."""
    paths = [Path(each.getsockname()) for each in sockets if each.family == AT_PATH]
    files = {path: _file(path) for path in paths}
    try:
        yield sockets
    finally:
        for path, file in files.items():  # while the socket is open its inode is not reused
            if file and _file(path) == file:
                path.unlink(missing_ok=True)
        for each in sockets:
            each.close()


def is_exposed(host: str) -> bool:
    """Whether other machines can reach a server that listens on this host."""
    if host.lower() == LOCALHOST:
        return False
    try:
        return not ip_address(host).is_loopback
    except ValueError:
        return True


@contextmanager
def explain_bind_errors(host: str, port: int, option: str = "--port") -> Iterator[None]:
    """Give errors of listening on an address a message that says what to do."""
    try:
        yield
    except OSError as error:
        raise OSError(_why(error, host, port, option)) from error


def _why(error: OSError, host: str, port: int, option: str) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"port {port} of {host} is in use; stop the server on it, or choose another port "
            f"with {option}"
        )
    if error.errno == errno.EACCES and port < PRIVILEGED:
        return (
            f"cannot listen on port {port}: permission denied; choose one from {PRIVILEGED} with "
            f"{option}"
        )
    if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
        return f"this machine has no address {quoted(host)}"
    return f"cannot listen on port {port} of {host}: {os_error_reason(error)}"


def _bound(made: socket.socket, address: tuple[object, ...]) -> socket.socket:
    try:
        # on Windows SO_REUSEADDR would let two servers share a port
        if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):
            made.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if made.family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.bind(address)
        made.listen()  # sockets that are bound but do not listen may share a port
    except OSError:
        made.close()
        raise
    return made


def _at_path(path: Path) -> socket.socket:
    """Listen on a Unix socket; a stale one at the same path is replaced."""
    try:
        with _alone(path.parent):
            _clear(path)
            return _listening_at(path)
    except FileExistsError:
        raise
    except OSError as error:
        raise OSError(f"cannot listen on {path}: {os_error_reason(error)}") from error


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Lock the folder against other servers that start at the same time."""
    import fcntl  # Windows lacks it, and Unix sockets too

    number = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(number, fcntl.LOCK_EX)
        yield
    finally:
        os.close(number)


def _clear(path: Path) -> None:
    """Remove a stale socket, which no server listens on.

    Raises:
        FileExistsError: a server listens on it, or the path is not a socket.
    """
    if path.is_socket():
        with socket.socket(socket.AF_UNIX) as caller:
            caller.setblocking(False)  # a full queue means that a server listens
            if caller.connect_ex(str(path)) != errno.ECONNREFUSED:
                raise FileExistsError(
                    f"{path} is in use; stop the server on it, or choose another path"
                )
        path.unlink()
    elif path.exists():
        raise FileExistsError(f"{path} exists and is not a socket; choose another path")


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
    """Device and inode of the file at a path, or None."""
    try:
        found = path.lstat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
