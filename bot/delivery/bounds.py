"""How large a webhook may be before anybody looks into it. Pure."""

import re

LARGEST_BODY = 1_000_000  # bytes; the longest genuine webhook is far below
MOST_FIELDS = 1000  # of a form or a query; the longest genuine one has about sixty
DEEPEST = 100  # levels of JSON; Telegram's deepest update has about ten
# Texts are passed over whole, one that never ends up to the end: linear, whatever somebody sends.
_EDGES = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"?|[\[\]{}]', re.DOTALL)
_STEPS = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}


def too_large(query: str, body: bytes, media_type: str) -> int:
    """The HTTP status that refuses a webhook, or 0: 413 for too many fields, 400 for too deep JSON."""
    kind = media_type.partition(";")[0].strip().lower()
    is_json, is_words = kind.endswith("json"), kind == "text/plain"  # an SMS as Kannel posts it
    fields = query.count("&") + (0 if is_json or is_words else body.count(b"&"))
    if fields >= MOST_FIELDS:
        return 413
    return 400 if is_json and is_too_deep(body) else 0


def is_too_deep(body: bytes) -> bool:
    """Whether it is nested more deeply than DEEPEST, without parsing it: the parser is what would suffer."""
    if body.count(b"[") + body.count(b"{") <= DEEPEST:
        return False
    depth = 0
    for found in _EDGES.finditer(body):
        depth += _STEPS.get(body[found.start()], 0)
        if depth > DEEPEST:
            return True
    return False
