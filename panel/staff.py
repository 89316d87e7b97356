"""Who works here: Flask-Security's user and role on our tables, and how staff are added."""

import secrets
import unicodedata
import uuid
from datetime import UTC, datetime
from typing import Any

from argon2 import PasswordHasher
from flask import current_app
from flask_security import RoleMixin, UserMixin, WebAuthnMixin
from sqlalchemy import Connection, Engine, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.mutable import MutableList
from sqlalchemy.orm import registry, relationship, scoped_session, sessionmaker

from bot.house import House
from storage import audit, logins
from storage.deskwork import passkey
from storage.models import office, role, staff, staff_role

ROLES = {
    "administrator": "administrator",
    "coordinator": "admin koordinator",
    "officer": "pejabat penghubung",
    "inspector": "pengawas",
    "supervisor": "pimpinan (hanya angka)",
    "custodian": "pemegang identitas",
}
WITH_FACTOR = frozenset({"administrator", "coordinator", "custodian"})
IN_AN_OFFICE = frozenset({"officer", "inspector"})
SHORTEST_PASSWORD = 8  # characters, once others than this machine can reach the login page
LONGEST_PASSWORD = 128  # the library takes no longer one
FIRST_STAFF_LOCK = 1708_0002


class BadStaff(Exception):
    """This member of staff cannot be added; the text is one Indonesian sentence."""


class Role(RoleMixin):
    """A role; mapped below."""


class Passkey(WebAuthnMixin):
    """A passkey of one of the staff; mapped below."""

    staff_id: int

    def get_user_mapping(self) -> dict[str, Any]:
        """Whose it is."""
        return {"id": self.staff_id}


class Staff(UserMixin):
    """A member of staff; mapped below."""

    def check_tf_required(
        self, tf_setup_methods: list[tuple[str, str]], tf_fresh: bool
    ) -> tuple[bool, list[tuple[str, str]]]:
        """Whether a login needs a second factor: it was set up, or the role and the address ask for it."""
        return bool(tf_setup_methods) or self.check_tf_required_setup(), tf_setup_methods

    def check_tf_required_setup(self) -> bool:
        """Whether this member of staff may not be without a second factor."""
        local = current_app.extensions["kentongan"].settings.is_local
        return not local and any(role.name in WITH_FACTOR for role in self.roles)


_mapping = registry()
_mapping.map_imperatively(Role, role)
_mapping.map_imperatively(Passkey, passkey)
_mapping.map_imperatively(
    Staff,
    staff,
    properties={
        "roles": relationship(Role, secondary=staff_role, lazy="selectin"),
        "webauthn": relationship(Passkey, order_by=passkey.c.id),
    },
)
# The library takes a used code out of the list as it lies there; only so the database hears of it.
MutableList.associate_with_attribute(Staff.mf_recovery_codes)  # type: ignore[arg-type]


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
    address = tidy_email(email)
    chosen = password or secrets.token_urlsafe(12)
    check_password(house, chosen)
    with house.database.transaction() as tx:
        staff_id = put(tx, address, role_name, office_code or "", head=head)
        set_password(tx, staff_id, chosen)
        note(tx, house, None, "staff_added", staff_id, role=role_name, office=office_code or "")
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
        set_password(tx, put(tx, address, "administrator", ""), made)
    return None if given else made


def change_staff(
    house: House, by: int, email: str, role_name: str, office_code: str, *, head: bool = False
) -> None:
    """Give somebody another role or office; whoever gets another role logs in again.

    Raises:
        BadStaff: nobody has this address, or role and office do not go together, or nobody would be left
            who is administrator.
    """
    with house.database.transaction() as tx:
        found = _known(tx, email)
        if found == by and role_name != "administrator":
            raise BadStaff("Peran sendiri tidak dapat diubah; minta administrator lain.")
        put(tx, tidy_email(email), role_name, office_code, head=head)
        note(tx, house, by, "staff_changed", found, role=role_name, office=office_code)


def disable_staff(house: House, by: int, email: str) -> None:
    """End somebody's account and every session of it; raises BadStaff for nobody or oneself."""
    with house.database.transaction() as tx:
        found = _known(tx, email)
        if found == by:
            raise BadStaff("Akun sendiri tidak dapat dinonaktifkan.")
        tx.execute(update(staff).where(staff.c.id == found).values(active=False, invited_until=None))
        end_sessions(tx, found)
        note(tx, house, by, "staff_disabled", found)


def set_password(tx: Connection, staff_id: int, password: str) -> None:
    """Give somebody a password; ends all sessions and makes an invitation worthless."""
    values = {"password": _hashed(password), "invited_until": None}
    tx.execute(update(staff).where(staff.c.id == staff_id).values(values))
    end_sessions(tx, staff_id)


def check_password(house: House, password: str) -> None:
    """Raise BadStaff when a password is too short for where the panel stands, or too long for anybody."""
    if not house.settings.is_local and len(password) < SHORTEST_PASSWORD:
        raise BadStaff(f"Kata sandi harus sedikitnya {SHORTEST_PASSWORD} karakter.")
    if not password or len(password) > LONGEST_PASSWORD:
        raise BadStaff(f"Kata sandi harus 1 sampai {LONGEST_PASSWORD} karakter.")


def note(tx: Connection, house: House, by: int | None, action: str, whom: int, **detail: Any) -> None:
    """Write down what was done to an account; None: by the command line, or by its owner before a login."""
    audit.note(tx, by, action, house.clock.now(), whom=whom, **detail)


def end_sessions(tx: Connection, staff_id: int) -> int:
    """Make every cookie of this member of staff worthless, on all devices; returns how many were open."""
    tx.execute(update(staff).where(staff.c.id == staff_id).values(fs_uniquifier=uuid.uuid4().hex))
    return logins.end_all(tx, staff_id, datetime.now(UTC))


def put(tx: Connection, email: str, role_name: str, office_code: str, *, head: bool = False) -> int:
    """An active account with this role and office, made or changed; its sessions end; returns its id."""
    if head and not office_code:
        raise BadStaff("Kepala instansi memerlukan instansi (--office KODE).")
    values = {"active": True, "office_id": _office_id(tx, role_name, office_code), "head": head}
    row = upsert(staff).values(email=email, fs_uniquifier=uuid.uuid4().hex, **values)
    made = row.on_conflict_do_update(index_elements=["email"], set_=values).returning(staff.c.id)
    staff_id = int(tx.execute(made).scalar_one())
    tx.execute(staff_role.delete().where(staff_role.c.staff_id == staff_id))
    tx.execute(insert(staff_role).values(staff_id=staff_id, role_id=_role_id(tx, role_name)))
    end_sessions(tx, staff_id)
    return staff_id


def _known(tx: Connection, email: str) -> int:
    found = tx.scalar(select(staff.c.id).where(staff.c.email == tidy_email(email)))
    if found is None:
        raise BadStaff(f"Tidak ada petugas dengan alamat {email}.")
    return int(found)


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
