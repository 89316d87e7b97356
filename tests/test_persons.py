"""One person on several channels: joined by the code that was sent, by nothing else, whoever hurries."""

import itertools
import re
from collections.abc import Iterator
from datetime import timedelta
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from bot import inbound, jobs
from bot.care import desk
from bot.people import persons
from tests.people import HOLE, LAMP, at_once, code_of, event, files, says, together
from tests.streets import NOW, Town, open_town

_fresh = itertools.count(1)


@pytest.fixture(scope="module")
def shared(shared_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with open_town(shared_database, tmp_path_factory.mktemp("town")) as made:
        yield made


@pytest.fixture
def town(shared: Town) -> Iterator[Town]:
    shared.clock.moment = NOW
    with shared.house.database.transaction() as tx:
        tx.execute(text("delete from link_code"))
        tx.execute(text("delete from wrong_code"))
    shared.age_reports()
    yield shared


def address() -> str:
    return f"+62899{next(_fresh):08}"


def person_of(town: Town, where: str, channel: str = "sms") -> int:
    found = town.one(
        "select person_id from address where channel = :channel and lookup = :lookup",
        channel=channel,
        lookup=town.house.database.keys.index(channel, where),
    )
    return int(found[0])


def code_for(town: Town, where: str, channel: str = "sms") -> str:
    """A code as the product draws it, without a phone to read it on."""
    with town.house.database.transaction() as tx:
        who = person_of(town, where, channel)
        return persons.draw_code(tx, town.house.database.keys, who, town.clock.now())


def test_the_same_number_on_two_channels_is_two_persons_until_the_code_is_sent(town: Town) -> None:
    number = address()
    by_sms, by_whatsapp = town.phone("sms", number), town.phone("whatsapp", f"whatsapp:{number}")
    filed = files(by_whatsapp)
    assert filed not in "\n".join(says(by_sms, "STATUS"))
    assert person_of(town, number) != person_of(town, f"whatsapp:{number}", "whatsapp")
    says(by_sms, f"SAMBUNG {code_of(says(by_whatsapp, 'SAMBUNG'))}")
    assert filed in "\n".join(says(by_sms, "STATUS"))
    assert person_of(town, number) == person_of(town, f"whatsapp:{number}", "whatsapp")


def test_all_that_the_younger_person_has_moves_to_the_older(town: Town) -> None:
    older, younger = town.phone("telegram"), town.phone("whatsapp")
    first, second = files(older), files(younger, LAMP)
    keeps, goes = (
        person_of(town, one.address, kind) for one, kind in ((older, "telegram"), (younger, "whatsapp"))
    )
    with town.house.database.transaction() as tx:
        tx.execute(
            text(
                """insert into privacy_request (person_id, conversation_id, made_at, due_at)
                   select :person, min(conversation_id), now(), now() from ticket where person_id = :person"""
            ),
            {"person": goes},
        )
    says(older, f"SAMBUNG {code_of(says(younger, 'SAMBUNG'))}")
    for table in ("address", "ticket", "privacy_request", "link_code"):
        query = f"select count(*) from {table} where person_id = :person"
        assert town.one(query, person=goes)[0] == 0
        assert town.one(query, person=keeps)[0] >= 1
    assert town.one("select count(*) from person where id = :id", id=goes)[0] == 0
    told = "\n".join(says(younger, "STATUS"))
    assert first in told and second in told


def test_a_chat_that_was_joined_is_told_even_when_another_one_sent_the_code(town: Town) -> None:
    giver, second, thief = town.phone("whatsapp"), town.phone("telegram"), town.phone("sms")
    says(second, f"SAMBUNG {code_of(says(giver, 'SAMBUNG'))}")
    giver.got()
    says(thief, f"SAMBUNG {code_of(says(second, 'SAMBUNG'))}")
    for phone in (giver, second):
        assert [one.text for one in phone.got()] == [
            "Kanal SMS kini tersambung dengan laporan Anda. "
            "Bukan Anda yang menyambungkan? Tulis SAMBUNG BATAL."
        ]


def test_what_was_stopped_stays_stopped_on_its_own_channel_alone(town: Town) -> None:
    quiet, loud = town.phone("whatsapp"), town.phone("telegram")
    says(quiet, "STOP")
    code = code_of(says(quiet, "SAMBUNG"))
    says(loud, f"SAMBUNG {code}")
    assert quiet.got() == []
    stopped = "select opted_out_at is not null from address where channel = :channel and lookup = :lookup"
    keys = town.house.database.keys
    for phone, kind, is_quiet in ((quiet, "whatsapp", True), (loud, "telegram", False)):
        assert town.one(stopped, channel=kind, lookup=keys.index(kind, phone.address))[0] == is_quiet


def test_no_row_holds_a_code_that_was_told(town: Town) -> None:
    phone = town.phone("telegram")
    code = code_of(says(phone, "SAMBUNG"))
    kept = "select count(*) from message where text like :code or payload::text like :code"
    assert town.one(kept, code=f"%{code}%")[0] == 0
    assert town.one("select lookup from link_code")[0] == town.house.database.keys.index("link", code)


def test_a_new_code_replaces_the_old_one_and_ended_ones_are_swept_away(town: Town) -> None:
    phone, other = town.phone("telegram"), town.phone("sms")
    old, new = code_of(says(phone, "SAMBUNG")), code_of(says(phone, "SAMBUNG"))
    assert "salah atau sudah lewat" in says(other, f"SAMBUNG {old}")[0]
    assert town.count("link_code") == 1
    town.clock.moment += timedelta(minutes=14)
    jobs.tidy(town.house)
    assert town.count("link_code") == 1 and new
    town.clock.moment += timedelta(minutes=16)
    jobs.tidy(town.house)
    assert town.count("link_code") == 0


def test_the_wrong_codes_of_a_chat_are_counted_whatever_else_it_says(town: Town) -> None:
    giver, guesser = town.phone("telegram"), town.phone("whatsapp")
    code = code_of(says(giver, "SAMBUNG"))
    wrong = f"{(int(code) + 1) % 10**6:06}"
    for between in (HOLE, "BATAL", "STATUS", "STOP", "BANTUAN"):
        assert "salah atau sudah lewat" in says(guesser, f"SAMBUNG {wrong}")[0]
        says(guesser, between)
    assert says(guesser, f"SAMBUNG {code}") == [
        "Terlalu banyak kode yang salah. Silakan coba lagi satu jam lagi."
    ]
    assert giver.got() == []


# --- at the same time ---------------------------------------------------------------------------------------
def test_the_same_message_16_times_at_once_is_one_join_and_one_answer(town: Town) -> None:
    giver, taker = address(), address()
    assert at_once(town, [event("sms", giver, "STATUS")]) == ["taken"]
    one = event("sms", taker, f"SAMBUNG {code_for(town, giver)}")
    assert at_once(town, [one] * 16) == ["repeat"] * 15 + ["taken"]
    assert person_of(town, giver) == person_of(town, taker)
    assert _told(town, taker) == 1 and _told(town, giver) == 2  # the answer to STATUS, and the news


def test_16_messages_with_one_code_at_once_are_one_join(town: Town) -> None:
    giver, taker = address(), address()
    at_once(town, [event("sms", giver, "STATUS")])
    code = code_for(town, giver)
    assert at_once(town, [event("sms", taker, f"SAMBUNG {code}") for _ in range(16)]) == ["taken"] * 16
    assert person_of(town, giver) == person_of(town, taker)
    assert _told(town, taker) == 16 and _told(town, giver) == 2


def test_one_code_from_16_phones_at_once_joins_one_of_them(town: Town) -> None:
    giver, takers = address(), [address() for _ in range(16)]
    at_once(town, [event("sms", giver, "STATUS")])
    code = code_for(town, giver)
    assert at_once(town, [event("sms", one, f"SAMBUNG {code}") for one in takers]) == ["taken"] * 16
    assert sum(person_of(town, one) == person_of(town, giver) for one in takers) == 1


@pytest.mark.parametrize("known", [True, False])
def test_joins_that_cross_each_other_all_go_through(town: Town, known: bool) -> None:
    """Each of a ring sends the next one's code, while all write something else as well."""
    for _ in range(6):
        ring = [address() for _ in range(6)]
        at_once(town, [event("sms", one, "STATUS" if known or n % 2 else HOLE) for n, one in enumerate(ring)])
        codes = [code_for(town, one) for one in ring]
        joins = [event("sms", one, f"SAMBUNG {codes[n - 1]}") for n, one in enumerate(ring)]
        others = [event("sms", one, HOLE) for one in ring]
        assert set(at_once(town, [*joins, *others])) == {"taken"}
        assert len({person_of(town, one) for one in ring}) == 1
        owners = "select count(distinct person_id) from ticket t where conversation_id = any(:chats)"
        assert town.one(owners, chats=_chats(town, ring))[0] == 1


def test_an_officer_and_the_citizen_at_once_do_not_wait_for_each_other(town: Town) -> None:
    staff = town.staff("koordinator@kota.test")
    for round_ in range(4):
        giver, taker = address(), address()
        at_once(town, [event("sms", giver, "STATUS"), event("sms", taker, f"LAPOR {HOLE} blok {round_}")])
        number = town.one(
            "select number from ticket where person_id = :person", person=person_of(town, taker)
        ).number
        code = code_for(town, giver)
        for words, move in (
            (f"SAMBUNG {code}", ("in_progress", {})),
            (f"BALAS {number} masih rusak", ("planned", {"note": "Tahun depan.", "year": "2027"})),
        ):
            became = together(
                [
                    partial(inbound.receive, town.house, event("sms", taker, words)),
                    partial(desk.move, town.house, staff, number, *move),
                ]
            )
            assert became == ["taken", None]


def _chats(town: Town, addresses: list[str]) -> list[int]:
    keys = town.house.database.keys
    query = (
        "select c.id from conversation c join address a on a.id = c.address_id where a.lookup = any(:lookups)"
    )
    with town.house.database.reading() as tx:
        return list(tx.scalars(text(query), {"lookups": [keys.index("sms", one) for one in addresses]}))


def _told(town: Town, where: str) -> int:
    query = "select count(*) from message where direction = 'out' and conversation_id = any(:chats)"
    return int(town.one(query, chats=_chats(town, [where]))[0])


# --- never by guessing --------------------------------------------------------------------------------------
SAID = st.sampled_from(
    [HOLE, "1", "STATUS", "SAMBUNG", "BATAL", "SAMBUNG {guess}", "halo saya Siti", "{number}"]
)
TURNS = st.lists(st.tuples(st.integers(0, 5), SAID, st.integers(0, 999_999)), max_size=25)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TURNS)
def test_two_persons_are_never_joined_without_the_code(town: Town, turns: list[tuple[int, str, int]]) -> None:
    numbers = [address() for _ in range(3)]
    phones = [("sms", one) for one in numbers] + [("whatsapp", f"whatsapp:{one}") for one in numbers]
    for kind, where in phones:
        assert inbound.receive(town.house, event(kind, where, "STATUS")) == "taken"
    for which, words, guess in turns:
        said = words.format(guess=f"{guess:06}", number=numbers[which % 3])
        lookup = town.house.database.keys.index("link", f"{guess:06}")
        if town.one("select count(*) from link_code where lookup = :lookup", lookup=lookup)[0]:
            continue  # one in a million: that would be the code
        assert inbound.receive(town.house, event(*phones[which], said)) == "taken"
    assert len({person_of(town, where, kind) for kind, where in phones}) == len(phones)


def test_a_code_has_six_digits_and_is_random(town: Town) -> None:
    at_once(town, [event("sms", (one := address()), "STATUS")])
    codes = {code_for(town, one) for _ in range(50)}
    assert all(re.fullmatch(r"\d{6}", code) for code in codes) and len(codes) > 45
