"""How columns are declared here, so that the tables read like a list."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    MetaData,
    Text,
    func,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def identity() -> Column[int]:
    """Our own number of a row; never shown outside."""
    return Column("id", BigInteger, Identity(), primary_key=True)


def moment(name: str, *, now: bool = False, empty: bool = False) -> Column[Any]:
    """An instant with its zone."""
    default = func.now() if now else None
    return Column(name, DateTime(timezone=True), server_default=default, nullable=empty)


def reference(name: str, target: str, *, empty: bool = False) -> Column[int]:
    """The number of a row of another table."""
    return Column(name, BigInteger, ForeignKey(f"{target}.id"), nullable=empty)


def word(name: str, default: str = "") -> Column[str]:
    """A text that is never null: empty says there is none."""
    return Column(name, Text, nullable=False, server_default=default)


def one_of(column: str, values: tuple[str, ...] | list[str], name: str) -> CheckConstraint:
    """A column that holds one of a few words."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} in ({listed})", name=name)
