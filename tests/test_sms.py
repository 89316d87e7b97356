"""SMS 1708 by Kannel: the contract, reading, drawing, settings. A real Kannel: test_kannel.py."""

from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import ClassVar
from urllib.parse import quote, urlencode

import pytest

from bot.channel import (
    Acknowledgement,
    Forgery,
    Inbound,
    Option,
    Receipt,
    Rejected,
    Say,
    Unreadable,
    WebhookRequest,
)
from bot.settings import BadSettings, Settings
from handlers.gsm7 import septets
from handlers.sms import Sms, from_settings, measure
from tests.contract import Case, ContractSuite, Exchange, Failure
from tests.kannel_server import CITIZEN, SECRET, KannelServer, sms_to

MO = {"from": CITIZEN, "to": "1708", "id": "uuid-1", "ts": "1795361729", "text": "lapor jalan rusak"}
PATH = "/webhooks/kannel"


def get(arguments: dict[str, str], path: str = PATH, secret: str = SECRET) -> WebhookRequest:
    return WebhookRequest("GET", path, urlencode({**arguments, "secret": secret}), {}, b"")


def post(body: bytes, media_type: str, query: dict[str, str] | None = None, **headers: str) -> WebhookRequest:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    basic = "Basic " + b64encode(f"kannel:{SECRET}".encode()).decode()
    headers = {"content-type": media_type, "authorization": basic, **names}
    return WebhookRequest("POST", PATH, urlencode(query or {}), headers, body)


def dlr(kind: int, answer: str = "", message: str = "42") -> WebhookRequest:
    return get({"message": message, "type": str(kind), "answer": answer}, PATH + "/dlr")


def heard(**change: object) -> Inbound:
    fields: dict[str, object] = {
        "channel": "sms",
        "account": "1708",
        "provider_id": "uuid-1",
        "address": CITIZEN,
        "text": MO["text"],
        "sent_at": datetime.fromtimestamp(1795361729, UTC),
    }
    return Inbound(**{**fields, **change})  # type: ignore[arg-type]


@pytest.fixture
def server() -> Iterator[KannelServer]:
    server = KannelServer()
    yield server
    server.close()


@pytest.fixture
def sms(server: KannelServer) -> Sms:
    return sms_to(server)


class TestContract(ContractSuite):
    failures: ClassVar[frozenset[Failure]] = frozenset(
        {"server_error", "silent", "dropped", "refused", "bad_address", "unauthorised"}
    )

    @pytest.fixture
    def case(self, server: KannelServer) -> Case:
        arguments = {**MO, "id": "uuid-2", "text": "Jalan “rusak” 😀"}
        form = urlencode({**MO, "id": "uuid-3"}).encode()
        plain = "Lampu mati é".encode()
        return Case(
            channel=sms_to(server),
            provider=server,
            address=CITIZEN,
            genuine={
                "text": Exchange(get(MO), (heard(),)),
                "other alphabet": Exchange(
                    get(arguments), (heard(provider_id="uuid-2", text="Jalan “rusak” 😀"),)
                ),
                "form": Exchange(
                    post(form, "application/x-www-form-urlencoded"), (heard(provider_id="uuid-3"),)
                ),
                "post-url": Exchange(
                    post(plain, 'text/plain; charset="UTF-8"', {"id": "uuid-4"}, x_kannel_from="08111234567"),
                    (heard(provider_id="uuid-4", text="Lampu mati é", sent_at=None),),
                ),
                "empty": Exchange(
                    get({**MO, "id": "uuid-5", "text": ""}),
                    (heard(provider_id="uuid-5", text="", kind="other"),),
                ),
                "delivered": Exchange(dlr(1), (Receipt("sms", "delivered", 42, "kannel:42"),)),
                "accepted": Exchange(dlr(8, "ACK/"), (Receipt("sms", "sent", 42, "kannel:42"),)),
                "undelivered": Exchange(
                    dlr(2, "EXPIRED"), (Receipt("sms", "failed", 42, "kannel:42", Rejected()),)
                ),
                "refused": Exchange(
                    dlr(16, "NACK/0x0000000b"), (Receipt("sms", "failed", 42, "kannel:42", Rejected()),)
                ),
            },
            forged={
                "no secret": WebhookRequest("GET", PATH, urlencode(MO), {}, b""),
                "another secret": get(MO, secret=SECRET + "x"),
                "empty secret": get(MO, secret=""),
                "another password": WebhookRequest(
                    "POST", PATH, "", {"authorization": "Basic " + b64encode(b"a:b").decode()}, b"Halo"
                ),
                "secret in the form only": WebhookRequest(
                    "POST", PATH, "", {}, urlencode({"secret": SECRET}).encode()
                ),
                "forged receipt": WebhookRequest("GET", PATH + "/dlr", "message=42&type=1&answer=", {}, b""),
            },
            junk={
                "no sender": get({"to": "1708", "id": "1", "text": "Halo"}),
                "no text": get({"from": CITIZEN, "to": "1708", "id": "1"}),
                "no id": get({"from": CITIZEN, "to": "1708", "text": "Halo"}),
                "a name for a sender": get({**MO, "from": "TELKOMSEL"}),
                "a short code for a sender": get({**MO, "from": "1708"}),
                "queued": dlr(4),
                "unknown type": dlr(0),
                "no message": get({"type": "1", "answer": ""}, PATH + "/dlr"),
                "message is no number": dlr(1, message="x"),
                "message is no bigint": dlr(1, message="9" * 19),
            },
            signed=lambda body: WebhookRequest(
                "GET", PATH, f"{body.decode('latin-1')}&secret={quote(SECRET)}", {}, b""
            ),
            measure=septets,
            acknowledgement=Acknowledgement(200, "", "text/plain"),
            form=MO,
        )


# reading


def read_one(sms: Sms, request: WebhookRequest) -> Inbound:
    (event,) = sms.read(request)
    assert isinstance(event, Inbound)
    return event


def test_utf16_arrives_intact_by_query_and_by_body(sms: Sms) -> None:
    text = "Jalan “rusak” 😀"
    query = urlencode({**MO, "text": text.encode("utf-16-be"), "charset": "UTF-16BE"})
    assert read_one(sms, WebhookRequest("GET", PATH, query, {}, b"")).text == text
    request = post(text.encode("utf-16-be"), "text/plain; charset=UTF-16BE", {"from": CITIZEN, "id": "1"})
    assert read_one(sms, request).text == text


def test_broken_characters_are_replaced_and_the_rest_is_kept(sms: Sms) -> None:
    query = urlencode({**MO, "text": b"jalan \xff\x00 rusak"})
    assert read_one(sms, WebhookRequest("GET", PATH, query, {}, b"")).text == "jalan \ufffd rusak"


def test_the_secret_is_not_kept_with_the_raw_words(sms: Sms) -> None:
    raw = read_one(sms, get(MO)).raw
    assert SECRET not in raw and "lapor jalan rusak" in raw


@pytest.mark.parametrize(
    ("ts", "moment"),
    [
        ("1795361729", datetime(2026, 11, 22, 15, 35, 29, tzinfo=UTC)),
        ("2026-11-22 15:35:29", datetime(2026, 11, 22, 15, 35, 29, tzinfo=UTC)),
        ("", None),
        ("kemarin", None),
        ("9" * 30, None),
    ],
)
def test_the_time_is_read_or_left_out(sms: Sms, ts: str, moment: datetime | None) -> None:
    assert read_one(sms, get({**MO, "ts": ts})).sent_at == moment


def test_an_sms_without_words_says_where_to_look(sms: Sms) -> None:
    with pytest.raises(Unreadable, match=r"docs/kannel\.conf\.example"):
        sms.read(get({"from": CITIZEN, "id": "1"}))


@pytest.mark.parametrize(
    ("kind", "answer", "sentence"),
    [
        (2, "UNDELIV", "SMS tidak dapat disampaikan ke nomor ini."),
        (2, "id:1 sub:001 dlvrd:000 stat:EXPIRED err:001 text:UNDELIV rahasia warga", "tidak aktif"),
        (2, "REJECTD", "menolak"),
        (16, "NACK/0x0000000b/Invalid destination address", "nomor tujuan tidak sah"),
        (16, "NACK/11/Invalid", "kode 0x11"),
        (16, "NACK/0x00000400", "kode 0x400"),
        (2, "", "tidak menyebut alasannya"),
        (2, "<script>rahasia warga</script>", "tidak menyebut alasannya"),
    ],
)
def test_an_operator_s_reason_becomes_a_sentence_without_the_citizen_s_words(
    sms: Sms, kind: int, answer: str, sentence: str
) -> None:
    (receipt,) = sms.read(dlr(kind, answer))
    assert isinstance(receipt, Receipt) and receipt.error is not None
    assert sentence in receipt.error.sentence
    assert "rahasia" not in receipt.error.sentence + str(receipt.error)


# drawing


def texts(say: Say, sms: Sms) -> list[str]:
    return [payload.text for payload in sms.render(say)]


def test_two_choices_stand_on_one_line_after_the_question(sms: Sms) -> None:
    say = Say("Sudah selesai?", (Option("yes", "Ya"), Option("no", "Tidak")))
    assert texts(say, sms) == ["Sudah selesai?\n1 Ya 2 Tidak"]


def test_many_choices_stand_below_each_other_and_zero_is_zero(sms: Sms) -> None:
    options = (
        *(Option(f"c{n}", name) for n, name in enumerate(("Jalan", "Air", "Sampah"))),
        Option("0", "Lainnya"),
    )
    assert texts(Say("Soal apa?", options), sms) == ["Soal apa?\n1 Jalan\n2 Air\n3 Sampah\n0 Lainnya"]


def test_an_officer_s_typography_does_not_make_it_longer(sms: Sms) -> None:
    (text,) = texts(Say("“Sudah” – selesai… " + "a" * 139, staff=True), sms)  # noqa: RUF001
    assert text == '"Sudah" - selesai... ' + "a" * 139


def test_a_long_answer_is_counted_and_ends_between_words(sms: Sms) -> None:
    words = [f"kata{n}" for n in range(70)]
    parts = texts(Say(" ".join(words), staff=True), sms)
    assert [part[:6] for part in parts] == [f"({n}/{len(parts)}) " for n in range(1, len(parts) + 1)]
    assert " ".join(part[6:] for part in parts).split() == words
    assert all(septets(part) <= 160 for part in parts)
    assert measure(" ".join(words)) == (len(parts), sum(map(septets, parts)))


def test_choices_that_do_not_fit_stay_together_in_the_last_sms(sms: Sms) -> None:
    say = Say("a " * 77 + "b", (Option("y", "Ya"), Option("n", "Tidak")))
    first, second = texts(say, sms)
    assert first.startswith("(1/2) a a") and second.endswith("1 Ya 2 Tidak")


# settings

FULL = {
    "kannel_sendsms_url": "http://127.0.0.1:13013/cgi-bin/sendsms",
    "kannel_username": "lapor",
    "kannel_password": "sandi",
    "kannel_callback_secret": "rahasia",
}


def settings(**values: str) -> Settings:
    return Settings(_env_file=None, **values)  # type: ignore[arg-type]


def test_without_credentials_there_is_no_sms() -> None:
    assert from_settings(settings()) is None


@pytest.mark.parametrize("missing", sorted(FULL))
def test_a_half_filled_gateway_stops_with_the_name_of_what_is_missing(missing: str) -> None:
    with pytest.raises(BadSettings, match=missing.upper()):
        from_settings(settings(**{name: value for name, value in FULL.items() if name != missing}))


def test_a_filled_gateway_answers_as_the_short_code() -> None:
    sms = from_settings(settings(**FULL, sms_shortcode="1709"))
    assert sms is not None and (sms.name, sms.account) == ("sms", "1709")
    assert {"sandi", "rahasia"} <= set(sms.secrets)


def test_twilio_s_number_without_its_gateway_is_half_filled_unless_kannel_carries() -> None:
    with pytest.raises(BadSettings, match="SMS_GATEWAY must be twilio"):
        from_settings(settings(twilio_sms_from="+14155550100"))
    sms = from_settings(settings(**FULL, twilio_sms_from="+14155550100"))
    assert sms is not None and sms.account == "1708"


def test_kannel_calls_its_own_address_only(sms: Sms) -> None:
    with pytest.raises(Forgery):
        sms.verify(get(MO, "/webhooks/twilio"))
