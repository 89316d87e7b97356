"""Drills that take minutes; `make drill` runs them, `make test` does not."""
