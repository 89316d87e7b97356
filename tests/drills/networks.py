"""Machines of a drill: network namespaces with addresses of their own, joined by two switches.

As in a real house there are two networks: `front`, where the proxy reaches the application and that reaches
its providers, and `back`, where the database is. Each machine's cable to each can be pulled and put back.

Source: https://man7.org/linux/man-pages/man7/network_namespaces.7.html
"""

import ctypes
import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

import pytest

_CLONE_NEWNET = 0x40000000
_NETWORKS = {"front": "10.77.1", "back": "10.77.2"}
_setns = ctypes.CDLL(None, use_errno=True).setns


class Machines:
    """Namespaces by name; `host` is the last part of a machine's addresses."""

    def __init__(self, wanted: Mapping[str, tuple[int, tuple[str, ...]]]) -> None:
        """Say which there shall be.

        Args:
            wanted: by name: its host number and the networks it has a cable to.
        """
        self._wanted = wanted
        self._mark = f"kt{secrets.token_hex(2)}"

    def address(self, name: str, network: str) -> str:
        """Its address in that network."""
        return f"{_NETWORKS[network]}.{self._wanted[name][0]}"

    def cut(self, name: str, network: str) -> None:
        """Pull its cable out of the switch: nothing goes in or out, and nobody is told."""
        self._cable(name, network, "down")

    def join(self, name: str, network: str) -> None:
        """Put it back."""
        self._cable(name, network, "up")

    @contextmanager
    def inside(self, name: str) -> Iterator[None]:
        """This thread, and threads that it starts, are on the machine; other threads stay where they are."""
        home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        _enter(self._path(name))
        try:
            yield
        finally:
            _move(home)
            os.close(home)

    def build(self) -> None:
        """Lay everything out; raises subprocess.CalledProcessError where the kernel does not allow it."""
        self._add("switch")
        for network in _NETWORKS:
            _ip("-n", self._name("switch"), "link", "add", network, "type", "bridge")
            _ip("-n", self._name("switch"), "link", "set", network, "up")
        for name, (_, networks) in self._wanted.items():
            self._add(name)
            for network in networks:
                self._lay_cable(name, network)

    def destroy(self) -> None:
        """Take everything away; the cables go with the namespaces."""
        for name in (*self._wanted, "switch"):
            with suppress(subprocess.CalledProcessError):
                _ip("netns", "delete", self._name(name))

    def _lay_cable(self, name: str, network: str) -> None:
        here, there = self._name(name), self._name("switch")
        plug = f"{name}-{network}"
        _ip("-n", there, "link", "add", plug, "type", "veth", "peer", "name", network, "netns", here)
        _ip("-n", there, "link", "set", plug, "master", network)
        _ip("-n", there, "link", "set", plug, "up")
        _ip("-n", here, "address", "add", f"{self.address(name, network)}/24", "dev", network)
        _ip("-n", here, "link", "set", network, "up")

    def _add(self, name: str) -> None:
        _ip("netns", "add", self._name(name))
        _ip("-n", self._name(name), "link", "set", "lo", "up")

    def _cable(self, name: str, network: str, state: str) -> None:
        _ip("-n", self._name("switch"), "link", "set", f"{name}-{network}", state)

    def _name(self, name: str) -> str:
        return f"{self._mark}-{name}"

    def _path(self, name: str) -> str:
        return f"/run/netns/{self._name(name)}"


@contextmanager
def machines(**wanted: tuple[int, tuple[str, ...]]) -> Iterator[Machines]:
    """Machines for one drill; says plainly why there cannot be any, which on CI is an error."""
    made = Machines(wanted)
    if why := _missing():
        cannot(why)
    try:
        _build(made)
        yield made
    finally:
        made.destroy()


def _build(made: Machines) -> None:
    try:
        made.build()
    except subprocess.CalledProcessError as error:
        cannot(f"network namespaces are not allowed here ({error.stderr.strip()})")


def cannot(why: str) -> None:
    """End a drill that this machine cannot run: an error on CI, said and passed over elsewhere."""
    sentence = f"the drill of two machines cannot run: {why}"
    (pytest.fail if os.environ.get("CI") else pytest.skip)(sentence)


def _missing() -> str:
    if os.geteuid() != 0:
        return "it needs root to lay out networks"
    if shutil.which("ip", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin") is None:
        return "the program `ip` is missing (Debian: iproute2)"
    return ""


def _ip(*words: str) -> None:
    path = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
    subprocess.run(["ip", *words], check=True, capture_output=True, text=True, env={"PATH": path})


def _enter(path: str) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        _move(handle)
    finally:
        os.close(handle)


def _move(handle: int) -> None:
    if _setns(handle, _CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
