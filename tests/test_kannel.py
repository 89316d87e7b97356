"""SMS 1708 through a real Kannel, configured by docs/kannel.conf.example."""

import re
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlencode

import pytest

from bot.channel import Misconfigured, Payload, Say
from handlers.sms import Sms
from handlers.sms_gateways import Kannel
from tests import kannel_server
from tests.kannel import PASSWORD, RETRY_SECONDS, SECRET, RealKannel, Web, handset, until
from tests.kannel_server import KannelServer

pytestmark = pytest.mark.gateway

CITIZEN = "+628111234567"


@pytest.fixture(scope="module")
def web() -> Iterator[Web]:
    web = Web()
    web.up()
    yield web
    web.down()


@pytest.fixture(scope="module")
def kannel(web: Web, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealKannel]:
    kannel = RealKannel(tmp_path_factory.mktemp("kannel"), web.url)
    try:
        kannel.start()
        yield kannel
    finally:
        kannel.stop()


def sms_by(kannel: RealKannel, *, password: str = PASSWORD, secret: str = SECRET) -> Sms:
    gateway = Kannel(
        url=kannel.url,
        username="lapor",
        password=password,
        secret=secret,
        sender="1708",
        base_url=kannel.web,
    )
    return Sms(gateway, "1708")


@pytest.fixture
async def sms(kannel: RealKannel, web: Web) -> AsyncIterator[Sms]:
    sms = sms_by(kannel)
    web.channel = sms
    yield sms
    await sms.close()


# what comes in


@pytest.mark.parametrize("number", ["1708", "1709"], ids=["get-url", "post-url"])
def test_a_citizen_s_sms_arrives_as_written(kannel: RealKannel, web: Web, sms: Sms, number: str) -> None:
    text = f"Jalan rusak & berlubang 100% + parah? #{number}"
    with handset(kannel, f"08111234567 {number} text {text}"):
        (inbound,) = until(lambda: web.heard(f"#{number}"), "the SMS")
    assert (inbound.address, inbound.account, inbound.text) == (CITIZEN, "1708", text)
    assert len(inbound.provider_id) == 36
    assert inbound.sent_at is not None
    assert abs(datetime.now(UTC) - inbound.sent_at) < timedelta(minutes=2)


@pytest.mark.parametrize("number", ["1708", "1709"], ids=["get-url", "post-url"])
def test_other_alphabets_and_emoji_arrive_intact(kannel: RealKannel, web: Web, sms: Sms, number: str) -> None:
    text = f"“Jalan” 😀 ꦱꦸꦒꦼꦁ…{number}"
    with handset(kannel, f"{CITIZEN} {number} ucs2 {quote(text.encode('utf-16-be'))}"):
        (inbound,) = until(lambda: web.heard(f"…{number}"), "the SMS")
    assert (inbound.address, inbound.text) == (CITIZEN, text)


def test_a_name_for_a_sender_is_kept_out_and_not_tried_again(kannel: RealKannel, web: Web, sms: Sms) -> None:
    with handset(kannel, "TELKOMSEL 1708 text Promo-pulsa"):
        until(lambda: [r for r in web.requests if "Promo-pulsa" in r.query], "the SMS")
        time.sleep(2 * RETRY_SECONDS)
    assert len([r for r in web.requests if "Promo-pulsa" in r.query]) == 1
    assert not web.heard("Promo-pulsa")


def test_a_request_with_a_wrong_secret_is_refused(kannel: RealKannel, web: Web, sms: Sms) -> None:
    with handset(kannel, f"{CITIZEN} 1710 text dengan-rahasia-salah"):
        until(lambda: [r for r in web.refused if "dengan-rahasia-salah" in r.query], "the refusal")
    assert not web.heard("dengan-rahasia-salah")


def test_our_answer_stops_kannel_from_trying_again_and_reaches_no_citizen(
    kannel: RealKannel, web: Web, sms: Sms
) -> None:
    with handset(kannel, f"{CITIZEN} 1708 text sekali-saja") as phone:
        until(lambda: web.heard("sekali-saja"), "the SMS")
        time.sleep(3 * RETRY_SECONDS)
        assert len(web.heard("sekali-saja")) == 1
        assert phone.received == []


def test_any_other_answer_brings_the_same_sms_with_the_same_id(
    kannel: RealKannel, web: Web, sms: Sms
) -> None:
    web.status = 204
    try:
        with handset(kannel, f"{CITIZEN} 1708 text dua-kali"):
            until(lambda: len(web.heard("dua-kali")) >= 2, "the repetition")
    finally:
        web.status = 0
    assert len({inbound.provider_id for inbound in web.heard("dua-kali")}) == 1


def test_what_citizens_write_while_we_are_away_arrives_when_we_are_back(
    kannel: RealKannel, web: Web, sms: Sms
) -> None:
    web.down()
    try:
        with handset(kannel, f"{CITIZEN} 1708 text saat-mati-", count=10):
            time.sleep(2 * RETRY_SECONDS)
            assert not web.heard("saat-mati-")
    finally:
        web.up()
    until(lambda: len({inbound.provider_id for inbound in web.heard("saat-mati-")}) == 10, "all ten SMS")
    time.sleep(2 * RETRY_SECONDS)
    assert len(web.heard("saat-mati-")) == 10


# what goes out


async def test_an_answer_reaches_the_handset_in_gsm7(kannel: RealKannel, sms: Sms) -> None:
    (payload,) = sms.render(Say("Harga “naik” – Rp\u00a05.000… @£$ èéùìòÇ ^{}[~]|€ selesai 🙏"))  # noqa: RUF001
    with handset(kannel) as phone:
        assert await sms.send("08111234567", payload, 101) == "kannel:101"
        (got,) = until(lambda: phone.received, "the answer")
    assert got == f'1708 {CITIZEN} text Harga "naik" - Rp 5.000... @£$ èéùìòÇ ^{{}}[~]|€ selesai'


async def test_a_full_sms_is_one_sms_and_a_long_answer_comes_counted(kannel: RealKannel, sms: Sms) -> None:
    full, long = "€" * 80, "kata " * 50
    payloads = [*sms.render(Say(full)), *sms.render(Say(long, staff=True))]
    with handset(kannel) as phone:
        for number, payload in enumerate(payloads, start=110):
            await sms.send(CITIZEN, payload, number)
        until(lambda: len(phone.received) >= 3, "three SMS")
        texts = {re.sub(r"^\S+ \S+ text ", "", got) for got in phone.received}
    assert len(phone.received) == 3
    assert full in texts
    assert {text[:6] for text in texts - {full}} == {"(1/2) ", "(2/2) "}


async def test_letters_without_a_latin_form_reach_the_handset(kannel: RealKannel, sms: Sms) -> None:
    with handset(kannel) as phone:
        await sms.send(CITIZEN, Payload("ꦱꦸꦒꦼꦁ ꦫꦮꦸꦃ 😀"), 102)
        (got,) = until(lambda: phone.received, "the answer")
    assert got == f"1708 {CITIZEN} ucs-2 ꦱꦸꦒꦼꦁ ꦫꦮꦸꦃ 😀"


async def test_delivery_reports_come_back_with_our_message_id(kannel: RealKannel, web: Web, sms: Sms) -> None:
    with handset(kannel):
        await sms.send(CITIZEN, Payload("Laporan 123 selesai."), 103)
        until(lambda: len(web.receipts(103)) >= 2, "two reports")
    assert {receipt.state for receipt in web.receipts(103)} == {"sent", "delivered"}
    assert {receipt.provider_id for receipt in web.receipts(103)} == {"kannel:103"}


async def test_any_secret_survives_the_way_through_kannel(kannel: RealKannel, web: Web) -> None:
    odd = sms_by(kannel, secret=kannel_server.SECRET)
    web.channel = odd
    with handset(kannel):
        await odd.send(CITIZEN, Payload("Halo."), 104)
        until(lambda: web.receipts(104), "a report")
    await odd.close()


async def test_an_answer_waits_in_kannel_for_an_operator_that_is_away(
    kannel: RealKannel, web: Web, sms: Sms
) -> None:
    assert await sms.send(CITIZEN, Payload("menunggu-operator"), 105) == "kannel:105"
    with handset(kannel) as phone:
        until(lambda: any("menunggu-operator" in got for got in phone.received), "the answer")
        until(lambda: any(r.state == "delivered" for r in web.receipts(105)), "the report")


async def test_a_wrong_password_is_our_mistake_and_a_probe_tells(kannel: RealKannel, sms: Sms) -> None:
    assert "takes the password" in await sms.probe()
    wrong = sms_by(kannel, password="salah")
    with pytest.raises(Misconfigured):
        await wrong.send(CITIZEN, Payload("Halo."), 106)
    with pytest.raises(Misconfigured):
        await wrong.probe()
    await wrong.close()


# the stand-in of the other tests


def asked(base: str, arguments: dict[str, str]) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"{base}?{urlencode(arguments)}", timeout=5) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"to": CITIZEN, "text": "Halo", "charset": "UTF-8"},
        {"username": "lapor", "password": "salah", "to": CITIZEN, "text": "Halo"},
        {"username": "lapor", "password": PASSWORD},
        {"username": "lapor", "password": PASSWORD, "text": "Halo"},
        {"username": "lapor", "password": PASSWORD, "to": "17x8", "text": "Halo", "charset": "UTF-8"},
        {"username": "lapor", "password": PASSWORD, "to": CITIZEN, "text": "Halo", "charset": "UTF-8"},
    ],
)
def test_the_stand_in_answers_like_the_real_one(
    kannel: RealKannel, sms: Sms, arguments: dict[str, str]
) -> None:
    server = KannelServer(password=PASSWORD)
    try:
        with handset(kannel):
            until(lambda: asked(server.url, arguments) == asked(kannel.url, arguments), "the same answer", 5)
    finally:
        server.close()
