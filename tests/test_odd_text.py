"""Odd texts through the webhooks of every channel: kept once, normalised, answered, shown escaped."""

import itertools
import re
import unicodedata
from collections.abc import Callable, Iterator
from urllib.parse import quote_plus

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from markupsafe import escape

from bot.channel import Inbound
from bot.door import admit
from bot.normalise import LONGEST, MOST_MARKS, normalise
from tests.house import ROOT
from tests.kannel_server import SECRET
from tests.panel_house import client_of, panel_app
from tests.phones import BASE, SimulatorPhone, SmsPhone, TelegramPhone, WhatsAppPhone
from tests.streets import Town, open_town
from tests.twilio_server import AUTH_TOKEN, sign

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466"
PIECES = [
    "jalan berlubang besar di Kelurahan Sekayu",
    " ",
    "\n",
    "\t",
    "\r\n",
    "\x00",
    "\x1b[31m",
    "\x85",
    "\ud83d",
    "\udc00",
    "\u202emalik\u202c",
    "\u2066",
    "\u200b",
    "\ufeff",
    FAMILY,
    "\U0001f1ee\U0001f1e9",
    "e\u0301",
    "a" + "\u0316\u0301" * 200,
    "\u0645\u0631\u062d\u0628\u0627",
    "\uff11\uff12",
    "\u0661\u0662",
    "\u201cjalan\u201d \u2018rusak\u2019",
    "100%",
    "_%\\",
    "{}",
    "{0.__class__} {number}",
    "{{ 7*7 }}",
    "<script>alert(1)</script>",
    "'; drop table ticket; --",
    "&amp;",
    "\ufffe",
]
TEXTS = st.lists(st.sampled_from(PIECES) | st.text(max_size=12), min_size=1, max_size=6).map("".join)
STORY = PIECES[0]
MANY = settings(
    max_examples=20,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
WORDLESS = ("[text]", "[pesan yang tidak dapat dibaca]")  # what staff read where no word is left
KANNEL = f"/webhooks/kannel?secret={quote_plus(SECRET)}"
SIMULATOR_TAKES = 4096  # characters; its page refuses more before anything is sent
HALVES = re.compile("[\x00\ud800-\udfff]")  # the adapter puts a sign in place of what JSON can smuggle in
_ids = itertools.count(1)


@pytest.fixture(scope="module")
def town(shared_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("odd")
    with open_town(shared_database, folder) as made:
        yield made


@pytest.fixture(scope="module")
def officer(town: Town) -> FlaskClient:
    return client_of(panel_app(town.house), "koordinator@kota.local")


# --- how each provider would carry the text to us: what arrives, or nothing when it was not taken ----------
def by_telegram(town: Town, text: str) -> str | None:
    phone = town.phone("telegram")
    assert isinstance(phone, TelegramPhone)
    assert phone.post(phone.message(text=text)) == 200
    return HALVES.sub("\ufffd", text) if text else None  # Telegram sends no empty texts


def by_whatsapp(town: Town, text: str) -> str | None:
    phone = town.phone("whatsapp")
    assert isinstance(phone, WhatsAppPhone)
    return _by_twilio(town, phone.form(Body=_on_the_wire(text)))


def by_kannel_get(town: Town, text: str) -> str | None:
    phone = town.phone("sms")
    assert isinstance(phone, SmsPhone)
    query = _fields({**_sms(phone), "text": text, "secret": SECRET})
    assert town.client.get(f"/webhooks/kannel?{query}").status_code == 200
    return _on_the_wire(text)


def by_kannel_post(town: Town, text: str) -> str | None:
    phone = town.phone("sms")
    assert isinstance(phone, SmsPhone)
    body, kind = _fields({**_sms(phone), "text": text}), "application/x-www-form-urlencoded"
    assert town.client.post(KANNEL, data=body, content_type=kind).status_code == 200
    return _on_the_wire(text)


def by_simulator(town: Town, text: str) -> str | None:
    phone = town.phone("simulator/sms")
    assert isinstance(phone, SimulatorPhone)
    text = _on_the_wire(text)[:SIMULATOR_TAKES]
    form = {"address": phone.address, "text": text}
    asked = town.client.post("/simulator/sms/send", data=form, base_url=BASE, headers={"Origin": BASE})
    assert asked.status_code in (200, 400)
    return text if asked.status_code == 200 else None


def _by_twilio(town: Town, form: dict[str, str]) -> str | None:
    headers = sign(f"{BASE}/webhooks/twilio", form, AUTH_TOKEN)
    assert town.client.post("/webhooks/twilio", data=form, headers=headers).status_code == 204
    return form["Body"]


def _sms(phone: SmsPhone) -> dict[str, str]:
    return {"from": phone.address, "to": "1708", "id": f"odd-{next(_ids)}"}


def _fields(form: dict[str, str]) -> str:
    return "&".join(f"{name}={quote_plus(value, errors='surrogatepass')}" for name, value in form.items())


def _on_the_wire(text: str) -> str:
    """What UTF-8 makes of it: half a pair is three broken bytes."""
    return text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")


Carry = Callable[[Town, str], str | None]
CHANNELS: dict[str, Carry] = {
    "telegram": by_telegram,
    "whatsapp": by_whatsapp,
    "kannel-get": by_kannel_get,
    "kannel-post": by_kannel_post,
    "simulator": by_simulator,
}


# --- the properties ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("carry", CHANNELS.values(), ids=CHANNELS)
def test_every_text_is_kept_once_answered_and_shown_escaped(
    town: Town, officer: FlaskClient, carry: Carry
) -> None:
    @MANY
    @given(TEXTS)
    @example("x")
    @example("   \n ")
    @example("\x00\u200b")
    @example("jalan rusak " * 833 + "aduh")
    @example(STORY + "a" + "\u0301" * 9_000)
    @example(STORY + " \U0001f468\u200d\U0001f469\u200d\U0001f467" * 500)
    def holds(text: str) -> None:
        before = town.count("message")
        arrived = carry(town, text)
        if arrived is None:
            assert town.count("message") == before
            return
        _is_kept_and_shown(town, officer, before, arrived)

    holds()
    town.deliver()
    unsent = "select text from message where direction = 'out' and state not in ('sent', 'delivered')"
    assert town.one(unsent) is None


def _is_kept_and_shown(town: Town, officer: FlaskClient, before: int, arrived: str) -> None:
    row = town.one("select * from message where direction = 'in' order by id desc limit 1")
    same = "select count(*) from message where direction = 'in' and conversation_id = :chat"
    assert town.one(same, chat=row.conversation_id)[0] == 1
    kept = admit(Inbound("x", "", "", "", text=arrived)).inbound.text
    assert row.text == kept if kept else row.text in WORDLESS
    assert is_clean(row.text)
    assert town.count("message") > before + 1, "an answer is on its way"
    if row.ticket_id:
        number = town.one("select number from ticket where id = :id", id=row.ticket_id).number
        page = officer.get(f"/panel/tickets/{number}")
        assert page.status_code == 200 and str(escape(row.text)) in page.text
        assert "<script>alert(1)" not in page.text


def is_clean(text: str) -> bool:
    controls = [c for c in text if unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t"]
    return not controls and unicodedata.is_normalized("NFC", text)


# --- texts that are too long --------------------------------------------------------------------------------
def test_a_text_that_is_too_long_is_kept_whole_as_a_file_and_the_citizen_told(
    town: Town, officer: FlaskClient
) -> None:
    whole = f"{STORY}. hubungi 081234567890. " + "sangat mengganggu warga. " * 900
    phone = town.phone("sms")
    assert isinstance(phone, SmsPhone)
    body, kind = _fields({**_sms(phone), "text": whole}), "application/x-www-form-urlencoded"
    assert town.client.post(KANNEL, data=body, content_type=kind).status_code == 200
    told = [one.text for one in phone.got()]
    assert told[0].startswith("Teks Anda sangat panjang. Semua kami simpan")
    row = town.one("select * from message where direction = 'in' order by id desc limit 1")
    assert row.text == normalise(whole).replace("081234567890", "[TELP]")[:LONGEST].rstrip()
    file = town.one("select * from attachment where message_id = :id", id=row.id)
    assert (file.media_type, file.state, file.ticket_id) == ("text/plain", "stored", row.ticket_id)
    answer = officer.get(f"/panel/files/{file.id}")
    assert answer.status_code == 200 and answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.data.decode() == normalise(whole).replace("081234567890", "[TELP]")
    assert len(town.one("select text from ticket where id = :id", id=row.ticket_id).text) <= LONGEST


def test_a_text_of_the_longest_length_is_kept_as_it_is(town: Town) -> None:
    phone = town.phone("sms")
    assert isinstance(phone, SmsPhone)
    body, kind = _fields({**_sms(phone), "text": "b" * LONGEST}), "application/x-www-form-urlencoded"
    assert town.client.post(KANNEL, data=body, content_type=kind).status_code == 200
    row = town.one("select * from message where direction = 'in' order by id desc limit 1")
    assert row.text == "b" * LONGEST
    assert town.one("select * from attachment where message_id = :id", id=row.id) is None


# --- one door -----------------------------------------------------------------------------------------------
@given(TEXTS)
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once and is_clean(once)


def test_what_is_kept_and_what_is_not() -> None:
    assert normalise(f"  {FAMILY} \u0645\u0631\u062d\u0628\u0627 \uff11\u0662 {{x}} 100%\r\nbaris\tdua ") == (
        f"{FAMILY} \u0645\u0631\u062d\u0628\u0627 12 {{x}} 100%\nbaris\tdua"
    )
    assert normalise("e\u0301 \u202emalik\u202c \x00\x1b\ud83d\u200b") == "\xe9 malik"
    flood = normalise("a" + "\u0316" * 500_000 + "b")
    assert flood == "a" + "\u0316" * MOST_MARKS + "b"


def test_no_other_file_of_the_conversation_normalises_a_text() -> None:
    users = [
        file.stem
        for file in sorted((ROOT / "bot").glob("*.py"))
        if "import normalise" in file.read_text("utf-8")
    ]
    assert users == ["door"]
