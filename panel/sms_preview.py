"""What stands around an officer's words in an SMS, so that a page can say how many SMS it will take.

The citizen reads the office's name, a question and the report's number too: words alone look shorter.
"""

import re

from sqlalchemy import Connection, RowMapping

from bot.care import officers, telling
from bot.channel import Say
from bot.delivery.speaking import listener
from bot.house import House
from storage.queries import Reader

MARK = "@@@"  # stands where the typed words will
_COUNTER = re.compile(r"^\(\d+/\d+\) ")


def around(tx: Connection, house: House, by: Reader, row: RowMapping) -> dict[str, str]:
    """The whole message with MARK for the words, of an `answer` and of a `talk`; empty where no SMS is sent.

    Args:
        tx: a transaction.
        house: the running product.
        by: who writes.
        row: the report.
    """
    if row["conversation_id"] is None or row["parent_id"] or row["status"] == "merged":
        return {}
    channel = house.channels.get(listener(tx, house, row["conversation_id"]).chat.key)
    if channel is None or channel.limits.context != "sms":
        return {}

    def whole(says: list[Say]) -> str:
        texts = [payload.text for say in says for payload in channel.render(say)]
        return texts[0] if len(texts) == 1 else " ".join(_COUNTER.sub("", one) for one in texts)

    return {
        "answer": whole(telling.answer_as_told(tx, house, row, MARK)),
        "talk": whole([officers.as_told(tx, house, by, row, MARK)]),
    }
