"""How fast the product takes messages, beside what its PostgreSQL could take: `python -m tests.bench`."""
