"""A WhatsApp number and the business-scoped id beside it: one person, one chat, and never a stranger's."""

from collections.abc import Iterator

import pytest
from sqlalchemy import event as sql_event
from sqlalchemy import text

from bot import inbound
from bot.care import desk
from tests.people import HOLE, LAMP, PairPhone, at_once, code_of, event, files, says
from tests.streets import NOW, Town, open_town


@pytest.fixture(scope="module")
def shared(shared_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with open_town(shared_database, tmp_path_factory.mktemp("town")) as made:
        yield made


@pytest.fixture
def town(shared: Town) -> Town:
    shared.clock.moment = NOW
    shared.age_reports()
    return shared


@pytest.fixture
def phone(town: Town) -> PairPhone:
    return PairPhone(town)


def chats_of(town: Town, *addresses: str) -> list[tuple[int, int]]:
    """Person and chat of every chat that lies at one of the addresses or is known by it."""
    keys = town.house.database.keys
    query = text(
        """select distinct s.person_id, c.id from address a join address s on s.person_id = a.person_id
           join conversation c on c.address_id = s.id where a.lookup = any(:lookups)"""
    )
    lookups = [keys.index("whatsapp", one) for one in addresses]
    with town.house.database.reading() as tx:
        return [(row[0], row[1]) for row in tx.execute(query, {"lookups": lookups})]


def messages_in(town: Town, chat: int) -> list[str]:
    query = text("select text from message where conversation_id = :chat and direction = 'in' order by id")
    with town.house.database.reading() as tx:
        return list(tx.scalars(query, {"chat": chat}))


def test_a_draft_goes_on_whichever_of_the_two_addresses_a_message_shows(town: Town, phone: PairPhone) -> None:
    assert "Di mana" in phone.shows_both("jalan berlubang besar")[0]
    assert "Laporan Anda" in phone.shows_id("Kelurahan Sekayu")[0]
    assert "diterima" in phone.shows_number("1")[0]
    assert len(chats_of(town, phone.number, phone.id_)) == 1
    assert "diterima" in phone.shows_id("STATUS")[0]
    (chat,) = chats_of(town, phone.id_)
    assert messages_in(town, chat[1]) == ["jalan berlubang besar", "Kelurahan Sekayu", "1", "STATUS"]


def test_an_officers_news_go_to_the_address_that_wrote_last(town: Town, phone: PairPhone) -> None:
    number = files(phone)
    phone.shows_both("STATUS")
    for shows, told, quiet in (
        (phone.shows_id, phone.id_, phone.number),
        (phone.shows_number, phone.number, phone.id_),
    ):
        shows("STATUS")
        before = len(phone.got_by(told)), len(phone.got_by(quiet))
        status = town.one("select status from ticket where number = :number", number=number).status
        to = "in_progress" if status == "received" else "planned"
        given = {"note": "Tahun depan.", "year": "2027"} if to == "planned" else {}
        desk.move(town.house, town.staff("koordinator@kota.test"), number, to, given)
        assert (len(phone.got_by(told)), len(phone.got_by(quiet))) == (before[0] + 1, before[1])


def test_a_number_known_for_long_and_its_new_id_are_one_chat(town: Town, phone: PairPhone) -> None:
    number = files(phone)
    assert number in phone.shows_both("STATUS")[0]
    assert number in phone.shows_id("STATUS")[0]
    assert len(chats_of(town, phone.number, phone.id_)) == 1


def test_two_chats_become_one_without_losing_a_message_or_a_report(town: Town, phone: PairPhone) -> None:
    phone.shows_number(HOLE)
    phone.shows_number("1")
    phone.shows_id(LAMP)
    assert len(chats_of(town, phone.number, phone.id_)) == 2
    ids = [chat for _, chat in chats_of(town, phone.number, phone.id_)]
    said = sorted(words for chat in ids for words in messages_in(town, chat))
    assert "diterima" in phone.shows_both("1")[0]  # the draft that was open there is filed here
    ((_, kept),) = chats_of(town, phone.number, phone.id_)
    assert sorted(messages_in(town, kept)) == sorted([*said, "1"])
    told = "\n".join(phone.shows_number("STATUS"))
    query = "select count(*), count(distinct person_id) from ticket where conversation_id = :chat"
    assert town.one(query, chat=kept) == (2, 1)
    assert told.count("diterima") == 2
    assert town.one("select count(*) from conversation where id = any(:ids)", ids=ids)[0] == 1


def test_what_was_linked_by_code_stays_linked_when_the_addresses_meet(town: Town, phone: PairPhone) -> None:
    other = town.phone("telegram")
    number = files(other)
    phone.shows_id(f"SAMBUNG {code_of(says(other, 'SAMBUNG'))}")
    assert number in "\n".join(phone.shows_both("STATUS"))
    assert number in "\n".join(phone.shows_number("STATUS"))


def test_who_gets_an_old_number_is_a_stranger_to_its_reports(town: Town, phone: PairPhone) -> None:
    """The id changes with the number, so a number with another id has a new owner."""
    phone.shows_both(HOLE)
    phone.shows_both("1")
    stranger = PairPhone(town, phone.number)
    assert "belum punya laporan" in stranger.shows_both("STATUS")[0]
    assert "belum punya laporan" in stranger.shows_number("STATUS")[-1]
    assert len({who for who, _ in chats_of(town, phone.id_, stranger.number, stranger.id_)}) == 2
    heard = len(stranger.got_by(stranger.number))
    assert "diterima" in phone.shows_id("STATUS")[0]  # the old owner, by his id
    assert len(stranger.got_by(stranger.number)) == heard


def test_an_id_that_comes_with_another_number_opens_nothing(town: Town, phone: PairPhone) -> None:
    phone.shows_both(HOLE)
    phone.shows_both("1")
    stranger = PairPhone(town, id_=phone.id_)
    for _ in range(2):
        assert "belum punya laporan" in stranger.shows_both("STATUS")[0]
    assert len({who for who, _ in chats_of(town, phone.number, stranger.number)}) == 2
    assert "diterima" in "\n".join(phone.shows_number("STATUS"))


def test_two_phones_of_one_person_keep_their_own_chats(town: Town, phone: PairPhone) -> None:
    second = PairPhone(town)
    phone.shows_both("STATUS")
    second.shows_both(f"SAMBUNG {code_of(phone.shows_both('SAMBUNG'))}")
    assert "Di mana" in phone.shows_number("jalan berlubang besar")[0]
    assert "Di mana" in second.shows_id("lampu jalan mati")[0]
    assert "lampu jalan mati" in second.shows_number("Kelurahan Tugurejo")[0]
    assert "jalan berlubang" in phone.shows_id("Kelurahan Sekayu")[0]
    assert len({who for who, _ in chats_of(town, phone.number, second.id_)}) == 1


def test_stop_holds_for_both_addresses_of_a_phone(town: Town, phone: PairPhone) -> None:
    phone.shows_both("STOP")
    phone.shows_id("STATUS")
    keys = town.house.database.keys
    query = "select opted_out_at is not null from address where lookup = :lookup"
    for where in (phone.number, phone.id_):
        assert town.one(query, lookup=keys.index("whatsapp", where))[0]


def test_an_id_that_was_forgotten_meets_its_number_again(town: Town, phone: PairPhone) -> None:
    number = files(phone)
    phone.shows_both("STATUS")
    with town.house.database.transaction() as tx:
        lookup = town.house.database.keys.index("whatsapp", phone.id_)
        tx.execute(text("delete from address where lookup = :lookup"), {"lookup": lookup})
    assert number in phone.shows_both("STATUS")[0]
    assert number in phone.shows_id("STATUS")[0]
    assert len(chats_of(town, phone.number, phone.id_)) == 1


# --- at the same time, and what it costs --------------------------------------------------------------------
def test_first_messages_at_once_in_every_order_are_one_person_with_one_chat(town: Town) -> None:
    for n in range(5):
        number, id_ = f"whatsapp:+62877000{n:05}", f"whatsapp:ID.77{n:014}"
        both = [event("whatsapp", number, "STATUS", also=(id_,)) for _ in range(6)]
        turned = [event("whatsapp", id_, "STATUS", also=(number,)) for _ in range(3)]
        alone = [event("whatsapp", where, "STATUS") for where in (number, id_)]
        assert set(at_once(town, [*both, *turned, *alone])) == {"taken"}
        ((_, chat),) = chats_of(town, number, id_)
        assert len(messages_in(town, chat)) == 11


def test_messages_by_turns_from_both_addresses_at_once_all_land_in_one_chat(town: Town) -> None:
    number, id_ = "whatsapp:+6287711100001", "whatsapp:ID.7711100001"
    at_once(town, [event("whatsapp", number, "STATUS", also=(id_,))])
    for _ in range(5):
        assert set(at_once(town, [event("whatsapp", one, HOLE) for one in (number, id_) * 4])) == {"taken"}
    ((_, chat),) = chats_of(town, number, id_)
    assert len(messages_in(town, chat)) == 41


def test_a_message_with_one_address_asks_the_database_nothing_more(town: Town) -> None:
    number, id_ = "whatsapp:+6287722200001", "whatsapp:ID.7722200001"
    asked: list[str] = []
    for _ in range(3):  # the chat's own words settle first
        inbound.receive(town.house, event("whatsapp", number, "STATUS", also=(id_,)))

    def count(*args: object) -> None:
        asked.append(str(args[2]))

    sql_event.listen(town.house.database.engine, "before_cursor_execute", count)
    try:
        inbound.receive(town.house, event("whatsapp", number, "STATUS"))
        alone = list(asked)
        asked.clear()
        inbound.receive(town.house, event("whatsapp", number, "STATUS", also=(id_,)))
    finally:
        sql_event.remove(town.house.database.engine, "before_cursor_execute", count)
    assert not [one for one in alone if "jsonb_exists" in one or "advisory" in one]
    assert len(asked) == len(alone) + 1  # beside another address: one look whether they belong together
