"""Imported before commands are forked (tests.warm_commands): reads what the product reads once a process."""

from tests.house import understanding

understanding()
