"""What citizens sent to our numbers at the local Twilio, and the list resource that tells of it, as strictly.

Source: https://www.twilio.com/docs/messaging/api/message-resource#read-multiple-message-resources and
https://www.twilio.com/docs/usage/twilios-response#response-formats-list-paging-information
"""

import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from tests.twilio_rules import require

PARAMETERS = {"To", "From", "DateSent", "DateSent<", "DateSent>", "PageSize", "Page", "PageToken"}
DATE = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\dZ)?")


@dataclass(frozen=True)
class Arrived:
    """A citizen's message as Twilio keeps it."""

    sid: str
    sender: str
    to: str
    body: str
    at: datetime
    media: tuple[tuple[str, str], ...] = ()  # name of the file, its type

    def row(self, account: str) -> dict[str, Any]:
        """The resource."""
        uri, moment = f"/2010-04-01/Accounts/{account}/Messages/{self.sid}", format_datetime(self.at)
        return {
            **{"sid": self.sid, "account_sid": account, "messaging_service_sid": None, "body": self.body},
            **{"from": self.sender, "to": self.to, "direction": "inbound", "status": "received"},
            **{"num_media": str(len(self.media)), "num_segments": "1", "api_version": "2010-04-01"},
            **{"date_sent": moment, "date_created": moment, "date_updated": moment, "uri": f"{uri}.json"},
            **{"price": None, "price_unit": "USD", "error_code": None, "error_message": None},
            "subresource_uris": {"media": f"{uri}/Media.json"},
        }


class Inbox:
    """The messages of one account and what its REST API says of them."""

    def __init__(self, account: str) -> None:
        self.account = account
        self.messages: list[Arrived] = []
        self._numbers = itertools.count(1)

    def write(
        self, sender: str, to: str, body: str, at: datetime, media: Sequence[tuple[str, str]] = ()
    ) -> Arrived:
        """A citizen writes; `media` are names of files at this server and their types."""
        kind = "MM" if media else "SM"
        sid = f"{kind}ffff{next(self._numbers):028x}"
        moment = at.astimezone(UTC).replace(microsecond=0)
        self.messages.append(Arrived(sid, sender, to, body, moment, tuple(media)))
        return self.messages[-1]

    async def list(self, request: web.Request) -> web.Response:
        """The newest first, filtered by whole days; a page after the first needs its token."""
        asked = dict(request.query)
        require(set(asked) <= PARAMETERS and len(asked) == len(request.query), 20001)
        size, page = int(asked.get("PageSize", "50")), int(asked.get("Page", "0"))
        require(1 <= size <= 1000 and page >= 0, 20001)
        newest = sorted(self.messages, key=lambda one: one.at)[::-1]
        fitting = [one for one in newest if _fits(one, asked)]
        start = self._start(fitting, asked.get("PageToken", ""), page)
        shown = fitting[start : start + size]
        more = start + size < len(fitting)
        answer = _paging(request.path, asked, page, size, shown[-1].sid if more else "")
        return web.json_response(answer | {"messages": [one.row(self.account) for one in shown]})

    def _start(self, fitting: Sequence[Arrived], token: str, page: int) -> int:
        require(bool(token) == bool(page), 20006)
        if not token:
            return 0
        at = [n for n, one in enumerate(fitting) if token == f"PA{one.sid}"]
        require(at, 20006)
        return at[0] + 1

    async def media(self, request: web.Request) -> web.Response:
        """The files of one message."""
        sid = request.match_info["message"]
        found = [one for one in self.messages if one.sid == sid]
        require(found, 20404, 404)
        parent = f"/2010-04-01/Accounts/{self.account}/Messages/{sid}"
        files = [
            {"sid": name, "parent_sid": sid, "account_sid": self.account, "content_type": kind}
            | {"uri": f"{parent}/Media/{name}.json"}
            for name, kind in found[0].media
        ]
        answer = _paging(request.path, {}, 0, 50, "") | {"media_list": files}
        return web.json_response(answer)


def _fits(one: Arrived, asked: Mapping[str, str]) -> bool:
    """By whole days in UTC, as documented: a time of day is not looked at."""
    tests: dict[str, Callable[[str, str], bool]] = {
        "DateSent": lambda day, given: day == given,
        "DateSent>": lambda day, given: day >= given,
        "DateSent<": lambda day, given: day <= given,
    }
    for name in tests.keys() & asked.keys():
        require(DATE.fullmatch(asked[name]), 20001)
        if not tests[name](f"{one.at:%Y-%m-%d}", asked[name][:10]):
            return False
    return asked.get("To", one.to) == one.to and asked.get("From", one.sender) == one.sender


def _paging(path: str, asked: Mapping[str, str], page: int, size: int, last: str) -> dict[str, Any]:
    token = {"Page": str(page + 1), "PageSize": str(size), "PageToken": f"PA{last}"}
    following = f"{path}?{urlencode({**asked, **token})}" if last else None
    first = f"{path}?{urlencode({**asked, 'Page': '0', 'PageSize': str(size)})}"
    answer = {"page": page, "page_size": size, "start": page * size, "end": page * size + size - 1}
    uris = {"uri": first, "first_page_uri": first, "next_page_uri": following, "previous_page_uri": None}
    return {**answer, **uris}
