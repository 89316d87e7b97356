"""A month in a city: citizens write on their phones, officers of fifty offices answer or do not.

Everything goes through the real adapters, the use-cases and the relay; only the clock is compressed. Beside
the product a ledger of its own (`ledger.py`) keeps what each report should have come to; at the end both are
compared.

    python -m tests.month [--tickets 1000] [--seed 1]
"""
