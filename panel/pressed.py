"""What a citizen pressed: a button comes as its name in the code; staff read the words that stood on it."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

Row = Mapping[Any, Any]
_PRESSED = re.compile(r"\[([a-z_]+=[^\[\]\n]*)\]")


def labels(messages: Sequence[Row]) -> dict[int, str]:
    """The words of the buttons that were pressed, by the message's id.

    Args:
        messages: a conversation in the order of time. What no message before it offered is left as it came;
            channels that send the words along need nothing of this.
    """
    offered: dict[str, str] = {}
    found = {}
    for row in messages:
        if row["direction"] == "out":
            options = (row["payload"] or {}).get("options", ())
            offered |= {str(option): str(label) for option, label in options}
        elif (pressed := _PRESSED.fullmatch(row["text"])) and pressed[1] in offered:
            found[row["id"]] = offered[pressed[1]]
    return found
