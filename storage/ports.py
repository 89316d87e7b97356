"""Is the address we want to listen on free?"""

import errno
import socket


class PortHeld(Exception):
    """Somebody else listens on the wanted address, or we may not; the text is one sentence to show."""


def port_is_free(host: str, port: int) -> bool:
    """Tell whether a server could listen on this address now.

    Args:
        host: Name or address as in the HOST setting.
        port: TCP port number.

    Returns:
        False when another process holds the port, even one that shares it by SO_REUSEPORT: we never ask to
        share, and sharing needs both sides. Connections in TIME_WAIT do not count.

    Raises:
        OSError: The host is unknown or not ours, or the port is not for ordinary users.

    Source: https://man7.org/linux/man-pages/man7/socket.7.html (SO_REUSEADDR, SO_REUSEPORT)
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    return all(_can_listen(family, address) for family, _, _, _, address in found)


def _can_listen(family: int, address: tuple[object, ...]) -> bool:
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
            probe.listen(1)  # a holder that only bound with SO_REUSEADDR is noticed here
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return False
            raise
    return True


def require_free_port(host: str, port: int) -> None:
    """Refuse to start on a port that somebody holds.

    Args:
        host: Name or address as in the HOST setting.
        port: TCP port number.

    Raises:
        PortHeld: With the one sentence to show.
    """
    try:
        free = port_is_free(host, port)
    except OSError as error:
        raise PortHeld(
            f"Cannot listen on {host} port {port}: {error.strerror}; set HOST and PORT."
        ) from error
    if not free:
        raise PortHeld(
            f"Port {port} on {host} is held by another program; end it, or set PORT to a free one."
        )
