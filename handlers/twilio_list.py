"""Twilio's list of messages: what it took for one of our numbers, whether or not its webhook reached us."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime

from twilio.rest.api.v2010.account.message import MessageInstance

from bot.delivery.listing import Listed
from handlers.twilio_api import TwilioApi
from handlers.twilio_errors import from_exception

PAGE = 1000  # the most that Twilio gives at once


async def listed(
    api: TwilioApi, number: str, since: datetime, until: datetime
) -> AsyncIterator[Sequence[Listed]]:
    """Pages of what citizens sent to one of our numbers from `since` until before `until`, the newest first.

    Twilio filters by whole days (UTC) and lists the newest first, so the rest is left out here.

    Args:
        api: the account.
        number: ours, with `whatsapp:` before it when it is one for WhatsApp.
        since: the earliest moment.
        until: the first moment that is too late.

    Raises:
        SendError: Twilio cannot be asked.

    Source: https://www.twilio.com/docs/messaging/api/message-resource#read-multiple-message-resources
    """
    try:
        page = await api.client().messages.page_async(
            to=number, date_sent_after=_day(since), date_sent_before=_day(until), page_size=PAGE
        )
        while page is not None:
            rows = list(page)
            yield [_listed(row) for row in rows if _is_heard(row) and since <= _at(row) < until]
            if not rows or _at(rows[-1]) < since:
                return
            page = await page.next_page_async()
    except Exception as error:  # whatever the SDK meets, it could not be asked: a SendError says so
        raise from_exception(error) from None


def _day(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d")


def _is_heard(row: MessageInstance) -> bool:
    return row.direction == "inbound" and bool(row.sid and row.from_)


def _at(row: MessageInstance) -> datetime:
    moment: datetime | None = row.date_sent or row.date_created
    return moment.astimezone(UTC) if moment else datetime.now(UTC)


def _listed(row: MessageInstance) -> Listed:
    fields = {"MessageSid": row.sid, "AccountSid": row.account_sid, "From": row.from_, "To": row.to}
    fields |= {"Body": row.body or "", "NumMedia": row.num_media or "0"}
    said = {name: str(value or "").replace("\x00", "") for name, value in fields.items()}
    return Listed(str(row.sid), _at(row), bool(said["Body"] or said["NumMedia"] != "0"), said)


async def with_media(api: TwilioApi, one: Listed) -> dict[str, str]:
    """The form that the message's webhook would have had, as far as the list knows it; raises a SendError.

    Source: https://www.twilio.com/docs/messaging/api/media-resource#read-multiple-media-resources
    """
    fields = dict(one.fields)
    if fields["NumMedia"] == "0":
        return fields
    try:
        files = await api.client().messages(one.provider_id).media.list_async()
    except Exception as error:  # as above
        raise from_exception(error) from None
    for n, file in enumerate(files):
        fields[f"MediaUrl{n}"] = f"{api.api_url}{str(file.uri).removesuffix('.json')}"
        fields[f"MediaContentType{n}"] = str(file.content_type or "")
    return fields
