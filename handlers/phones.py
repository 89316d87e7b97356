"""Telephone numbers as SMS brings them. Pure."""

from bot.people.phone_numbers import e164

__all__ = ["e164"]
