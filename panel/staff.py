"""Who works here: Flask-Security's user and role on our tables, and how staff are added."""

import secrets
import unicodedata
import uuid
from typing import Any

from argon2 import PasswordHasher
from flask_security import RoleMixin, UserMixin
from sqlalchemy import Connection, Engine, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import registry, relationship, scoped_session, sessionmaker

from bot.house import House
from storage.models import office, role, staff, staff_role

ROLES = {
    "administrator": "administrator",
    "coordinator": "admin koordinator",
    "officer": "pejabat penghubung",
    "inspector": "pengawas",
    "supervisor": "pimpinan (hanya angka)",
    "custodian": "pemegang identitas",
}
IN_AN_OFFICE = frozenset({"officer", "inspector"})
SHORTEST_PASSWORD = 8  # characters, once others than this machine can reach the login page
FIRST_STAFF_LOCK = 1708_0002


class BadStaff(Exception):
    """This member of staff cannot be added; the text is one Indonesian sentence."""


class Role(RoleMixin):
    """A role; mapped below."""


class Staff(UserMixin):
    """A member of staff; mapped below."""


_mapping = registry()
_mapping.map_imperatively(Role, role)
_mapping.map_imperatively(
    Staff, staff, properties={"roles": relationship(Role, secondary=staff_role, lazy="selectin")}
)


def staff_session(engine: Engine) -> scoped_session[Any]:
    """The session that Flask-Security reads and writes staff with, one a thread."""
    return scoped_session(sessionmaker(engine))


def tidy_email(email: str) -> str:
    """An address as it is stored: trimmed, lower case; raises BadStaff unless it looks like a@b."""
    tidy = unicodedata.normalize("NFKC", email).strip().lower()
    name, at, domain = tidy.rpartition("@")
    if not (at and name and domain) or len(tidy) > 254 or not tidy.isprintable() or " " in tidy:
        raise BadStaff(f"Alamat email '{email}' tidak sah; contoh: budi@semarangkota.go.id.")
    return tidy


def add_staff(
    house: House,
    email: str,
    role_name: str,
    office_code: str | None,
    password: str | None,
    *,
    head: bool = False,
) -> str:
    """Add a member of staff, or give an existing one this role, office and password.

    A changed password ends that person's sessions. Needs no Flask app and no web server.

    Args:
        house: the running product.
        email: what the person logs in with.
        role_name: a key of ROLES; it replaces the roles held before.
        office_code: the office the person works for; officers and inspectors need one.
        password: the new password; None or empty: one is made.
        head: whether the person leads that office.

    Returns:
        The password, for the person's eyes only.

    Raises:
        BadStaff: the address, role, office or password cannot be used.
    """
    if head and not office_code:
        raise BadStaff("Kepala instansi memerlukan instansi (--office KODE).")
    address = tidy_email(email)
    chosen = password or secrets.token_urlsafe(12)
    if not house.settings.is_local and len(chosen) < SHORTEST_PASSWORD:
        raise BadStaff(f"Kata sandi harus sedikitnya {SHORTEST_PASSWORD} karakter.")
    with house.database.transaction() as tx:
        _add(tx, address, role_name, office_code or "", chosen, head=head)
    return chosen


def first_administrator(house: House) -> str | None:
    """Make the administrator of the settings when there is no staff at all.

    Returns:
        The password that was made because ADMIN_PASSWORD is empty; None when there is nothing to tell.

    Raises:
        BadStaff: ADMIN_EMAIL is no address.
    """
    given = house.settings.admin_password
    address = tidy_email(house.settings.admin_email)
    with house.database.transaction() as tx:
        # Several processes start at once: the second one must see the first one's administrator.
        tx.execute(text("select pg_advisory_xact_lock(:key)"), {"key": FIRST_STAFF_LOCK})
        if tx.scalar(select(func.count()).select_from(staff)):
            return None
        made = given or secrets.token_urlsafe(12)
        _add(tx, address, "administrator", "", made)
    return None if given else made


def end_sessions(house: House, staff_id: int) -> None:
    """Make every cookie of this member of staff worthless, on all devices."""
    with house.database.transaction() as tx:
        tx.execute(update(staff).where(staff.c.id == staff_id).values(fs_uniquifier=uuid.uuid4().hex))


def _add(
    tx: Connection, email: str, role_name: str, office_code: str, password: str, *, head: bool = False
) -> None:
    values = {
        "email": email,
        "password": _hashed(password),
        "active": True,
        "fs_uniquifier": uuid.uuid4().hex,
        "office_id": _office_id(tx, role_name, office_code),
        "head": head,
    }
    row = upsert(staff).values(values)
    staff_id = tx.scalar(
        row.on_conflict_do_update(index_elements=["email"], set_=values).returning(staff.c.id)
    )
    tx.execute(staff_role.delete().where(staff_role.c.staff_id == staff_id))
    tx.execute(insert(staff_role).values(staff_id=staff_id, role_id=_role_id(tx, role_name)))


def _hashed(password: str) -> str:
    """A hash that Flask-Security verifies: argon2 of the NFKD form, without its second secret.

    Source: https://flask-security.readthedocs.io/en/stable/configuration.html
    (SECURITY_PASSWORD_SINGLE_HASH, SECURITY_PASSWORD_NORMALIZE_FORM).
    """
    return PasswordHasher().hash(unicodedata.normalize("NFKD", password))


def _role_id(tx: Connection, name: str) -> int:
    row = upsert(role).values(name=name, description=ROLES[name])
    made = row.on_conflict_do_update(index_elements=["name"], set_={"description": ROLES[name]})
    return int(tx.execute(made.returning(role.c.id)).scalar_one())


def _office_id(tx: Connection, role_name: str, code: str) -> int | None:
    if role_name not in ROLES:
        raise BadStaff(f"Peran '{role_name}' tidak dikenal. Pilih: {', '.join(ROLES)}.")
    if not code:
        if role_name in IN_AN_OFFICE:
            raise BadStaff(f"Peran {role_name} memerlukan instansi (--office KODE).")
        return None
    found = tx.scalar(select(office.c.id).where(office.c.code == code, office.c.active))
    if found is None:
        raise BadStaff(f"Instansi dengan kode {code} tidak ada.")
    return int(found)
