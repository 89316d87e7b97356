"""The contract that every channel passes: a test file subclasses `ContractSuite` and gives a `case`.

    class TestContract(ContractSuite):
        failures = ALL_FAILURES - {"blocked"}       # what this provider can report

        @pytest.fixture
        def case(self) -> Iterator[Case]: ...       # a fresh channel and a fresh provider stand-in

The provider stand-in is a real HTTP server on loopback (class `Provider`): no library is mocked.
"""

import json
import logging
import re
import traceback
from collections.abc import AsyncIterator
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channel import Forgery, Inbound, Option, Payload, Picture, Say, SendError, WebhookRequest
from tests.contract_case import (
    ALL_FAILURES,
    EXPECTED,
    FUZZ,
    Case,
    Exchange,
    Failure,
    Provider,
    Sent,
    comparable,
    failed_send,
    jpeg,
    odd_body,
    read_safely,
    storable,
)

__all__ = ["ALL_FAILURES", "Case", "ContractSuite", "Exchange", "Failure", "Provider", "Sent"]


class ContractSuite:
    """What holds on every channel."""

    failures: ClassVar[frozenset[Failure]] = ALL_FAILURES

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        if "failure" in metafunc.fixturenames:
            metafunc.parametrize("failure", sorted(self.failures))

    @pytest.fixture(autouse=True)
    async def _closed(self, case: Case) -> AsyncIterator[None]:
        yield
        await case.channel.close()

    # what comes in

    def test_a_genuine_request_reads_to_exactly_its_events(self, case: Case) -> None:
        assert "text" in case.genuine
        for name, exchange in case.genuine.items():
            case.channel.verify(exchange.request)
            events = case.channel.read(exchange.request)
            assert [comparable(e) for e in events] == [comparable(e) for e in exchange.events], name
            assert all(e.raw for e in events if isinstance(e, Inbound)), f"{name}: raw words are not kept"
            storable(events)

    def test_an_event_names_this_channel_and_account(self, case: Case) -> None:
        for exchange in case.genuine.values():
            for event in case.channel.read(exchange.request):
                assert event.channel == case.channel.name
                assert not isinstance(event, Inbound) or event.account == case.channel.account

    def test_the_same_request_twice_is_the_same_event_and_another_one_is_not(self, case: Case) -> None:
        seen: set[str] = set()
        for name, exchange in case.genuine.items():
            first, second = (
                [e.provider_id for e in case.channel.read(exchange.request) if isinstance(e, Inbound)]
                for _ in range(2)
            )
            assert first == second, name
            assert not seen & set(first), f"{name} has the id of another event"
            seen |= set(first)

    def test_a_forged_request_is_refused(self, case: Case) -> None:
        assert case.forged
        for name, request in case.forged.items():
            with pytest.raises(Forgery):
                case.channel.verify(request)
                pytest.fail(f"{name} was taken for genuine")

    def test_genuine_junk_gives_nothing_and_breaks_nothing(self, case: Case) -> None:
        assert case.junk
        for name, request in case.junk.items():
            case.channel.verify(request)
            assert list(read_safely(case.channel, request)) == [], name

    @FUZZ
    @given(body=st.binary(max_size=300))
    def test_any_bytes_under_a_genuine_signature_break_nothing(self, case: Case, body: bytes) -> None:
        storable(read_safely(case.channel, case.signed(body)))

    @FUZZ
    @given(draw=st.data())
    def test_an_odd_document_breaks_nothing(self, case: Case, draw: st.DataObject) -> None:
        storable(read_safely(case.channel, case.signed(odd_body(case, draw))))

    @FUZZ
    @given(headers=st.dictionaries(st.text(), st.text()), query=st.text(), body=st.binary())
    def test_a_stranger_s_request_is_forged(
        self, case: Case, headers: dict[str, str], query: str, body: bytes
    ) -> None:
        genuine = case.genuine["text"].request
        stranger = WebhookRequest(genuine.method, genuine.path, query, headers, body)
        with pytest.raises(Forgery):
            case.channel.verify(stranger)

    def test_the_acknowledgement_is_what_the_provider_needs(self, case: Case) -> None:
        assert case.channel.acknowledge() == case.acknowledgement

    # what goes out

    def test_a_text_at_the_limit_is_one_part_and_one_more_makes_two(self, case: Case) -> None:
        limit = case.channel.limits.text
        words = (case.letter * 9 + " ") * (limit // 10 + 1)
        full = words[: limit - 1] + case.letter
        assert [p.text for p in case.channel.render(Say(full, staff=True))] == [full]
        assert len(case.channel.render(Say(full + case.letter, staff=True))) == 2

    def test_a_long_text_stays_whole_in_order_and_within_the_limit(self, case: Case) -> None:
        limit = case.channel.limits.text
        count = int(limit * (min(case.most_parts, 3) - 0.3) / len("kata1000 "))
        words = [f"kata{number}" for number in range(1000, 1000 + count)]
        parts = case.channel.render(Say(" ".join(words), staff=True))
        assert 1 < len(parts) <= case.most_parts
        assert all(case.measure(part.text) <= limit for part in parts)
        assert re.findall(r"kata\d{4}", " ".join(part.text for part in parts)) == words

    @FUZZ
    @given(text=st.text(min_size=1), staff=st.booleans())
    def test_any_text_is_drawn_within_the_limit(self, case: Case, text: str, staff: bool) -> None:
        for part in case.channel.render(Say("Jawaban: " + text, staff=staff)):
            assert case.measure(part.text) <= case.channel.limits.text
            part.text.encode("utf-8")

    def test_drawing_is_pure(self, case: Case) -> None:
        say = Say("Pilih layanan.", (Option("a", "Jalan"), Option("b", "Air")), asks_location=True)
        assert case.channel.render(say) == case.channel.render(say)
        assert not case.provider.sent

    def test_a_payload_survives_the_database(self, case: Case) -> None:
        say = Say("Pilih layanan.", (Option("a", "Jalan"), Option("b", "Air")), asks_location=True)
        for payload in case.channel.render(say):
            assert Payload.from_json(json.loads(json.dumps(payload.to_json()))) == payload

    @pytest.mark.parametrize("count", [2, 3, 9, 12])
    async def test_every_option_reaches_the_citizen_as_a_button_or_a_number(
        self, case: Case, count: int
    ) -> None:
        options = tuple(Option(f"o{n}", f"Pilihan{n:02}") for n in range(1, count + 1))
        for payload in case.channel.render(Say("Pilih satu.", options)):
            await case.channel.send(case.address, payload, 1)
        buttons = [label for sent in case.provider.sent for label in sent.options]
        text = "\n".join(sent.text for sent in case.provider.sent)
        numbered = [n for n in range(1, count + 1) if re.search(rf"\b{n}\b[^\w]*Pilihan{n:02}", text)]
        assert buttons == [o.label for o in options] or numbered == list(range(1, count + 1))

    async def test_what_the_limits_promise_to_be_tapped_is_tapped(self, case: Case) -> None:
        limits = case.channel.limits
        for count, longest in ((limits.options, limits.label), (limits.rows, limits.row_label)):
            for most in filter(None, {min(count, 2), count}):
                options = tuple(Option(f"o={n}", f"{n:02}".ljust(longest, "x")) for n in range(most))
                (payload,) = case.channel.render(Say("Pilih satu.", options))
                await case.channel.send(case.address, payload, 1)
                assert case.provider.sent[-1].options == tuple(option.label for option in options)

    async def test_an_answer_names_our_message_as_sending_it_did(self, case: Case) -> None:
        (payload,) = case.channel.render(Say("Apakah sudah baik?"))
        provider_id = await case.channel.send(case.address, payload, 1)
        if case.quoting is None:
            quoted = [e.quoted for x in case.genuine.values() for e in x.events if isinstance(e, Inbound)]
            assert not any(quoted)  # a channel without answers to one message
            return
        (event,) = case.channel.read(case.quoting(provider_id))
        assert isinstance(event, Inbound) and event.quoted == provider_id

    async def test_a_message_arrives_as_written_and_has_an_id(self, case: Case) -> None:
        (payload,) = case.channel.render(Say("Laporan 123 sudah diteruskan: harga <5rb & LP-1."))
        ids = [await case.channel.send(case.address, payload, number) for number in (1, 2)]
        assert all(ids) and ids[0] != ids[1]
        expected = Sent(case.address, "Laporan 123 sudah diteruskan: harga <5rb & LP-1.")
        assert list(case.provider.sent) == [expected, expected]

    async def test_a_picture_goes_with_its_caption_where_the_limits_promise_it(self, case: Case) -> None:
        picture = Picture("ab/abc.jpg", "https://lapor.example.go.id/media/x", jpeg())
        caption = "Foto laporan 123: harga <5rb & LP-1."
        payloads = case.channel.render(Say(caption, photo=picture))
        stored = [Payload.from_json(json.loads(json.dumps(one.to_json()))) for one in payloads]
        assert stored == list(payloads)
        assert [one.photo for one in stored] == [picture if case.channel.limits.photos else None]
        await case.channel.send(case.address, payloads[0], 1)
        (sent,) = case.provider.sent
        assert sent.text == caption
        assert sent.photo in ((picture.data, picture.url.encode()) if case.channel.limits.photos else (b"",))

    async def test_a_failure_is_told_in_the_words_of_the_contract(self, case: Case, failure: Failure) -> None:
        case.provider.fail(failure)
        error = await failed_send(case)
        assert isinstance(error, EXPECTED[failure])
        assert len(error.sentence) > 10 and error.sentence.endswith(".")
        case.provider.accept()
        assert not case.provider.sent

    def test_every_error_has_its_own_sentence_for_staff(self) -> None:
        sentences = [kind.sentence for kind in SendError.__subclasses__()]
        assert len({SendError.sentence, *sentences}) == len(sentences) + 1
        assert all(sentence.endswith(".") for sentence in sentences)

    async def test_after_a_failure_the_next_message_goes_out(self, case: Case) -> None:
        case.provider.fail("server_error")
        await failed_send(case)
        case.provider.accept()
        (payload,) = case.channel.render(Say("Halo."))
        assert await case.channel.send(case.address, payload, 2)

    async def test_no_secret_is_logged_or_told(
        self, case: Case, failure: Failure, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        case.provider.fail(failure)
        error = await failed_send(case)
        case.provider.accept()
        (payload,) = case.channel.render(Say("Halo."))
        if failure != "refused":
            await case.channel.send(case.address, payload, 2)
        for request in case.forged.values():
            read_safely(case.channel, request)
        told = [str(error), repr(error), error.sentence, *traceback.format_exception(error)]
        told += [logging.Formatter().format(record) for record in caplog.records]
        assert case.channel.secrets and all(case.channel.secrets)
        for secret in case.channel.secrets:
            assert not [line for line in told if secret in line]

    async def test_settling_a_press_never_raises(self, case: Case, failure: Failure) -> None:
        case.provider.fail(failure)
        for exchange in case.genuine.values():
            for event in exchange.events:
                if isinstance(event, Inbound):
                    await case.channel.settle(event)

    async def test_a_probe_says_how_it_stands(self, case: Case) -> None:
        assert len(await case.channel.probe()) > 10

    async def test_a_probe_says_why_not(self, case: Case) -> None:
        case.provider.fail("refused")
        with pytest.raises(SendError):
            await case.channel.probe()
