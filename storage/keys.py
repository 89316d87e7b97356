"""Keys for what the database must not show: contact addresses are ciphertext, found by a keyed hash."""

import hashlib
import hmac
import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class BadKeys(Exception):
    """DATA_KEYS cannot be used; the text is one sentence for the engineer."""


@dataclass(frozen=True)
class Keys:
    """Encryption (the first key writes, all read), look-up, and TOTP keys."""

    box: MultiFernet
    lookup: bytes
    totp: str

    def seal(self, text: str) -> bytes:
        """Ciphertext of a text; lone surrogates, which no encoding carries, become "?"."""
        return self.box.encrypt(text.encode("utf-8", "replace"))

    def open(self, sealed: bytes) -> str:
        """The text that `seal` was given; raises BadKeys when no key fits."""
        return self.open_bytes(sealed).decode()

    def seal_bytes(self, data: bytes) -> bytes:
        """Ciphertext of a file's bytes."""
        return self.box.encrypt(data)

    def open_bytes(self, sealed: bytes) -> bytes:
        """The bytes that `seal_bytes` was given; raises BadKeys when no key fits."""
        try:
            return self.box.decrypt(sealed)
        except InvalidToken:
            raise BadKeys(
                "DATA_KEYS does not fit this database: the keys it was written with are missing."
            ) from None

    def index(self, channel: str, address: str) -> bytes:
        """A keyed hash that finds an address without reading it: 32 bytes."""
        return hmac.digest(self.lookup, f"{channel}\0{address}".encode(errors="replace"), hashlib.sha256)


def make_keys() -> str:
    """New keys in the form of the setting DATA_KEYS."""
    names = ("encrypt", "lookup", "totp")
    return ",".join(f"{name}:{Fernet.generate_key().decode()}" for name in names)


def parse_keys(text: str) -> Keys:
    """Keys from `encrypt:...[,encrypt:...],lookup:...,totp:...`; raises BadKeys."""
    pairs = [part.strip().partition(":") for part in text.split(",") if part.strip()]
    found = {
        name: [value for key, _, value in pairs if key == name] for name in ("encrypt", "lookup", "totp")
    }
    if not all(found.values()):
        raise BadKeys("DATA_KEYS must hold encrypt:KEY, lookup:KEY and totp:KEY, separated by commas.")
    try:
        box = MultiFernet([Fernet(key) for key in found["encrypt"]])
    except ValueError:
        raise BadKeys("DATA_KEYS: an encrypt key must be 32 bytes in URL-safe base64.") from None
    return Keys(box, found["lookup"][0].encode(), found["totp"][0])


def keys_for(setting: str, data_dir: Path) -> Keys:
    """The keys of the setting, or those kept in `data_dir`/keys, made there at the first start."""
    if setting:
        return parse_keys(setting)
    file = data_dir / "keys"
    if not file.exists():
        _write_once(file, make_keys())
    return parse_keys(file.read_text().strip())


def _write_once(file: Path, text: str) -> None:
    """Write whole or not at all, readable by the owner only; the first of several writers wins."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f"keys.{os.getpid()}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as handle:
        handle.write(text)
        os.fsync(handle.fileno())
    try:
        os.link(draft, file)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
