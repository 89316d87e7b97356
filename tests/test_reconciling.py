"""What a provider took while we were away is fetched from its list: all of it, once, in order (R16)."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.delivery import reconciling
from handlers import twilio_list
from tests.streets import Town, open_town
from tests.twilio_server import SENDER

OUR_SMS = "+6281170800002"


@pytest.fixture
def town(city_database: str, tmp_path: Path) -> Iterator[Town]:
    with open_town(city_database, tmp_path, sms_gateway="twilio", twilio_sms_from=OUR_SMS) as made:
        made.twilio.senders.add(OUR_SMS)
        yield made


def ago(**span: float) -> datetime:
    return datetime.now(UTC) - timedelta(**span)


def reconcile(town: Town, since: datetime | None = None) -> int:
    async def once() -> int:
        try:
            return await reconciling.reconcile(town.house, since)
        finally:
            for channel in town.house.channels.values():
                await channel.close()

    return asyncio.run(once())


def said(town: Town, channel: str = "sms") -> list[str]:
    """What citizens said by a channel, in the order in which it was taken."""
    query = """select m.text from message m join conversation c on c.id = m.conversation_id
               where m.direction = 'in' and c.channel = :channel order by m.id"""
    return [row.text for row in town.all(query, channel=channel)]


def test_a_hundred_sms_of_an_outage_are_taken_once_and_in_order(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(twilio_list, "PAGE", 30)
    reconcile(town)
    begun = ago(minutes=12)
    for n in range(100):
        sent = begun + timedelta(seconds=6 * (n // 2))  # two within the same second keep their order too
        town.twilio.inbox.write(f"+62812000{n % 10:05}", OUR_SMS, f"CEK {n:09}", sent)
    assert reconcile(town, begun) == 100
    assert said(town) == [f"CEK {n:09}" for n in range(100)]
    assert reconcile(town, begun) == 0
    town.deliver()
    assert len(town.twilio.sent) == 100  # each is answered, once


def test_after_an_outage_it_goes_back_to_its_beginning_and_never_before_our_own(town: Town) -> None:
    town.twilio.inbox.write("+6281200000001", OUR_SMS, "sebelum ada kita", ago(minutes=50))
    assert reconcile(town) == 0
    assert reconcile(town) == 0
    mark = town.one("select value from position where channel = 'list:sms'")[0]
    long_ago = mark - 9 * 3600  # the worker, too, was away for nine hours
    with town.house.database.transaction() as tx:
        tx.exec_driver_sql("update position set value = %s", (long_ago,))
    town.twilio.inbox.write("+6281200000001", OUR_SMS, "dua jam lalu", ago(hours=2))
    town.twilio.inbox.write("+6281200000001", OUR_SMS, "delapan jam lalu", ago(hours=8))
    assert reconcile(town) == 3
    assert said(town) == ["delapan jam lalu", "dua jam lalu", "sebelum ada kita"]
    assert reconcile(town) == 0


def test_a_whatsapp_message_with_a_photo_brings_its_photo(town: Town) -> None:
    name = town.twilio.add_media(b"\xff\xd8\xff", "image/jpeg").rpartition("/")[2]
    citizen = "whatsapp:+6281200000007"
    town.twilio.inbox.write(citizen, SENDER, "jalan berlubang", ago(minutes=5), [(name, "image/jpeg")])
    assert reconcile(town, ago(hours=1)) == 1
    assert said(town, "whatsapp") == ["jalan berlubang"] and said(town) == []
    kept = town.one("select channel, media_type, reference from attachment")
    assert kept[:2] == ("whatsapp", "image/jpeg")
    assert kept.reference.startswith(town.twilio.url) and kept.reference.endswith(f"/Media/{name}")


def test_what_a_webhook_brought_is_not_taken_again(town: Town) -> None:
    phone = town.phone("whatsapp")
    kept = town.twilio.inbox.write(phone.address, SENDER, "halo", ago(minutes=5))
    phone.post(phone.form(Body="halo", MessageSid=kept.sid, SmsSid=kept.sid))  # type: ignore[attr-defined]
    assert reconcile(town, ago(hours=1)) == 0
    assert said(town, "whatsapp") == ["halo"]


def test_what_may_still_be_on_its_way_is_left_to_its_webhook(town: Town) -> None:
    sender = "whatsapp:+6281200000009"
    town.twilio.inbox.write(sender, SENDER, "baru saja", ago(seconds=20))
    town.twilio.inbox.write(sender, SENDER, "", ago(minutes=5))  # a place: the list does not show it
    town.twilio.inbox.write(sender, SENDER, "", ago(minutes=11))
    assert reconcile(town, ago(hours=1)) == 1
    assert said(town, "whatsapp") == ["[pesan yang tidak dapat dibaca]"]


def test_a_provider_that_cannot_be_asked_is_asked_again_from_the_same_moment(town: Town) -> None:
    reconcile(town)
    before = town.all("select channel, value from position order by 1")
    town.twilio.fail_always(503)
    assert asyncio.run(reconciling.reconcile_if_possible(town.house)) == 0
    assert town.all("select channel, value from position order by 1") == before
