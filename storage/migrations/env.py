"""Alembic's entry: runs on the connection that storage.migrate hands over."""

from alembic import context

from storage.models import ticket


def ours(name: str | None, type_: str, _parents: object) -> bool:
    """Whether a thing in the database is one of our tables: the queue's tables and partitions are not."""
    if type_ == "table":
        return bool(name) and not str(name).startswith(("procrastinate_", "raw_event_"))
    return True


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=ticket.metadata,
    include_name=ours,
    compare_type=True,
    transaction_per_migration=True,  # each revision lets go of its locks, and a try again goes on after it
)
with context.begin_transaction():
    context.run_migrations()
