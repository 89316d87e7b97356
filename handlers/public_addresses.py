"""Looks names up for requests whose address a stranger had a say in: what leads inside is refused.

The addresses checked are the very ones that aiohttp connects to, so that a name which answers anew the
second time (DNS rebinding) gains nothing.
Source: https://docs.aiohttp.org/en/stable/client_advanced.html#resolving-using-custom-nameservers
Source: https://cheatsheetseries.owasp.org/cheatsheets/Server_Side_Request_Forgery_Prevention_Cheat_Sheet.html
"""

import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from aiohttp import ThreadedResolver
from aiohttp.abc import AbstractResolver, ResolveResult

# An IPv4 address as networks without IPv4 write it. Source: https://www.rfc-editor.org/rfc/rfc6052#section-2.1
NAT64 = IPv6Network("64:ff9b::/96")


class NotPublic(Exception):
    """A name that should be somebody's on the internet leads to a private address."""


class PublicAddresses(AbstractResolver):
    """The system's own look-up, refusing this machine, local networks and a cloud's own addresses."""

    def __init__(self, but: str = "") -> None:
        """Look names up.

        Args:
            but: a host that may be anywhere, because the operator has named it in the settings.
        """
        self._system, self._but = ThreadedResolver(), but

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """The addresses of a host; raises NotPublic when one of them is not public, OSError for none."""
        found = await self._system.resolve(host, port, family)
        if host != self._but and not all(is_public(one["host"]) for one in found):
            raise NotPublic(host)
        return found

    async def close(self) -> None:
        """Nothing is kept open."""
        await self._system.close()


def is_public(address: str) -> bool:
    """Whether an IP address is one of the internet, also when it stands inside another one."""
    found = _inner(ip_address(address.partition("%")[0]))
    return found.is_global and not found.is_multicast


def _inner(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    if isinstance(address, IPv4Address):
        return address
    if address in NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour or address
