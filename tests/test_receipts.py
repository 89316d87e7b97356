"""What providers report about our messages, in any order and as often as they like: one final state."""

import re
from collections.abc import Iterator
from itertools import permutations
from typing import Any, get_args
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from bot import jobs, outbound
from bot.channel import OptedOut, Receipt, ReceiptState, Rejected, WebhookRequest
from bot.delivery import receipts
from bot.outbound import Outcome
from handlers import twilio_forms
from tests.kannel_server import SECRET
from tests.phones import SmsPhone
from tests.streets import Town, open_town

ORDER = ("sent", "failed", "delivered", "read")  # "delivered" after "failed" does occur on WhatsApp
OURS = "recorded"  # the relay writes down that the provider took it


@pytest.fixture(scope="module")
def town(shared_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("town")
    with open_town(shared_database, folder) as made:
        SmsPhone(made).writes("halo")
        yield made


def test_every_state_has_its_place() -> None:
    assert set(get_args(ReceiptState)) == set(ORDER)


def in_flight(town: Town) -> Any:
    """The message, as it is while a worker sends it."""
    with town.house.database.transaction() as tx:
        sending = """update message set state = 'sending', worker = 7, provider_id = '', error = '',
                            sent_at = null, delivered_at = null, read_at = null, due_at = null
                     where id = (select min(id) from message where direction = 'out')
                     returning id, conversation_id"""
        return tx.execute(text(sending)).one()


def tell(town: Town, row: Any, one: str) -> None:
    """What one receipt, or our own record, does to the message."""
    with town.house.database.transaction() as tx:
        if one == OURS:
            sent = Outcome(row.id, row.conversation_id, "sent", f"kannel:{row.id}")
            outbound.record(tx, 7, [sent])
        else:
            error = Rejected("no") if one == "failed" else None
            said = Receipt("sms", one, row.id, error=error)  # type: ignore[arg-type]
            assert receipts.note_receipt(tx, town.house, said)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.sampled_from((*ORDER, OURS)), min_size=1, max_size=8).flatmap(st.permutations),
    st.booleans(),
)
@example(["read", "sent", OURS, "failed", "delivered"], True)
@example(["failed", "delivered", OURS], False)
def test_any_order_and_repetition_gives_one_final_state(town: Town, told: list[str], by_id: bool) -> None:
    row = in_flight(town)
    for one in told:
        tell(town, row, one)
    highest = max(told, key=lambda one: -1 if one == OURS else ORDER.index(one))
    expected = "sent" if highest == OURS else highest
    kept = town.one("select * from message where id = :id", id=row.id)
    assert kept.state == expected
    assert (kept.delivered_at is not None) == (expected in ("delivered", "read"))
    assert (kept.read_at is not None) == (expected == "read")
    assert bool(kept.error) == (expected == "failed")
    waits = town.one("select out_due_at from conversation where id = :id", id=row.conversation_id)
    assert waits.out_due_at is None


@pytest.mark.parametrize("told", list(permutations((*ORDER, OURS))))
def test_every_permutation_ends_the_same(town: Town, told: tuple[str, ...]) -> None:
    """Each told twice: a provider repeats, and some of them overtake our own record of the hand-over."""
    row = in_flight(town)
    for one in (*told, *told):
        tell(town, row, one)
    kept = town.one("select * from message where id = :id", id=row.id)
    assert (kept.state, kept.error) == ("read", "")
    assert kept.provider_id == f"kannel:{row.id}" if told[0] == OURS else kept.provider_id


def test_a_failure_is_final_but_for_what_whatsapp_says_afterwards(town: Town) -> None:
    row = in_flight(town)
    for one in ("sent", "failed", "sent", OURS):
        tell(town, row, one)
    assert town.one("select state from message where id = :id", id=row.id).state == "failed"
    tell(town, row, "delivered")
    tell(town, row, "failed")
    kept = town.one("select * from message where id = :id", id=row.id)
    assert (kept.state, kept.error) == ("delivered", "")


def test_a_state_that_nobody_knows_is_no_receipt(town: Town) -> None:
    form = {"MessageSid": "SM1", "MessageStatus": "teleported"}
    request = WebhookRequest("POST", twilio_forms.STATUS, "message=1", {}, b"")
    assert twilio_forms.receipt(form, request, "sms") == []
    sms = SmsPhone(town)
    sms.writes("halo")
    assert sms.got()
    for kind in ("4", "64", "999"):
        path = f"/webhooks/kannel/dlr?message=1&type={kind}&answer=&secret={quote(SECRET, safe='')}"
        assert town.client.get(path).status_code == 200
    newest = "select state from message where direction = 'out' order by id desc limit 1"
    assert town.one(newest).state == "sent"


def test_a_receipt_for_nobody_changes_nothing(town: Town) -> None:
    row = in_flight(town)
    strangers = (
        Receipt("sms", "read", row.id + 1000),
        Receipt("whatsapp", "read", row.id),  # another provider's word
        Receipt("sms", "read", None, ""),
        Receipt("sms", "read", None, "unknown"),
    )
    for stranger in strangers:
        with town.house.database.transaction() as tx:
            assert not receipts.note_receipt(tx, town.house, stranger)
    assert town.one("select state from message where id = :id", id=row.id).state == "sending"
    with town.house.database.transaction() as tx:
        assert receipts.note_receipt(tx, town.house, Receipt("sms", "delivered", row.id))


@pytest.mark.parametrize("state", ["delivered", "failed"])
def test_a_receipt_with_only_the_providers_id_may_come_before_we_know_that_id(
    town: Town, state: ReceiptState
) -> None:
    row = in_flight(town)
    early = Receipt("sms", state, provider_id=f"SM{state}", error=OptedOut() if state == "failed" else None)
    with town.house.database.transaction() as tx:
        assert not receipts.note_receipt(tx, town.house, early)
    (kept,) = parked_jobs(town, f"SM{state}")
    assert not jobs.look_again(town.house, **kept.args)  # still too early: it waits on
    with town.house.database.transaction() as tx:
        outbound.record(tx, 7, [Outcome(row.id, row.conversation_id, "sent", f"SM{state}")])
    *_, again = parked_jobs(town, f"SM{state}")
    assert jobs.look_again(town.house, **again.args)
    assert town.one("select state from message where id = :id", id=row.id).state == state
    stopped = """select a.opted_out_at from conversation c join address a on a.id = c.address_id
                 where c.id = :id"""
    assert (town.one(stopped, id=row.conversation_id).opted_out_at is not None) == (state == "failed")


def test_a_receipt_that_stays_nobodys_is_let_go_after_a_few_minutes(town: Town) -> None:
    with town.house.database.transaction() as tx:
        receipts.note_receipt(tx, town.house, Receipt("sms", "read", provider_id="SMstranger"))
    for looks in range(1, 20):
        *_, kept = waiting = parked_jobs(town, "SMstranger")
        if len(waiting) < looks:
            break
        assert not jobs.look_again(town.house, **kept.args)
    waited = [one.waits for one in waiting]
    assert waited == sorted(waited) and 60 < sum(waited) < 600


def parked_jobs(town: Town, provider_id: str) -> Any:
    return town.all(
        """select args, extract(epoch from scheduled_at - now()) as waits from procrastinate_jobs
           where args -> 'receipt' ->> 'provider_id' = :id order by id""",
        id=provider_id,
    )


def test_a_report_of_the_gateway_reaches_the_message(town: Town) -> None:
    sms = SmsPhone(town)
    sms.writes("halo")
    assert sms.got()
    asked = town.kannel.asked[-1]["dlr-url"]
    known = {"d": "1", "A": "", "%": "%"}  # what Kannel fills in behind a percent sign
    path = re.sub("%(.)", lambda found: known.get(found[1], found[0]), asked).partition("1708")[2]
    assert town.client.get(path).status_code == 200
    newest = "select state from message where direction = 'out' order by id desc limit 1"
    assert town.one(newest).state == "delivered"
