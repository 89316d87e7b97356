"""The use-case "type in a report for somebody": who came, called or wrote, or what another system sent on.

It is filed like one that came by a chat: the same office, clocks, emergency and secrecy. Who left a number is
the same person as who writes from it later.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, text, update

from bot import chats, tickets
from bot.answers import Heard, Words
from bot.care import filing, proving, typed_receipts
from bot.care.proofs import Proof
from bot.care.typed import (
    KINDS,
    MAY_TYPE,
    MOST_EXTERNAL,
    NO_POINT,
    NO_STORY,
    ORIGINS,
    Filed,
    Proposed,
    TakenOver,
    Typed,
)
from bot.care.typed_receipts import Way
from bot.channel import Inbound
from bot.delivery import long_texts
from bot.door import admit
from bot.house import House
from bot.people import hiding
from bot.reading.masking import mask
from bot.script import OTHER_CATEGORY
from bot.talk import places_typed, secrecy
from bot.talk.deeds import File, KeepNumbers
from bot.talk.mind import CityMind
from bot.understanding import Understood
from bot.visit import Visit
from bot.workflow import NotAllowed
from storage import audit, queries
from storage.deskwork import gathering
from storage.models import attachment, message, ticket


def propose(house: House, typed: Typed) -> Proposed:
    """What a report would be filed as. Pure but for the files of the city."""
    return _proposed(_mind(house, "id", ""), typed)


def type_in(house: House, by: queries.Reader, typed: Typed) -> Filed:
    """File a report for somebody; the same token again files nothing.

    Raises:
        TakenOver: another report has this number of another system.
        NotAllowed: the reader may not, or something that was typed cannot be used; the text says what.
    """
    _check(house, by, typed)
    way = typed_receipts.way(house, typed.phone, typed.way) if typed.phone else None
    photos = proving.stored(house, proving.prepared(typed.photos))
    try:
        with house.database.transaction() as tx:
            filed = _once(tx, house, by, typed, way, photos)
    except BaseException:
        proving.drop(house, photos)
        raise
    if filed.repeated:
        proving.drop(house, photos)
    house.database.bell.ring()
    return filed


def _check(house: House, by: queries.Reader, typed: Typed) -> None:
    if not by.roles & MAY_TYPE:
        raise NotAllowed("Hanya koordinator, petugas, atau administrator yang mengetik laporan.")
    if not typed.token or typed.origin not in ORIGINS:
        raise NotAllowed("Pilih dulu asal laporan.")
    if typed.category and typed.category not in house.city.categories:
        raise NotAllowed("Kategori ini tidak dikenal.")
    if typed.kind and typed.kind not in KINDS:
        raise NotAllowed("Jenis laporan ini tidak dikenal.")
    if typed.origin == "system" and not typed.external_number:
        raise NotAllowed("Isi nomor laporan di sistem lain.")
    if len(typed.external_number) > MOST_EXTERNAL:
        raise NotAllowed(f"Nomor di sistem lain paling banyak {MOST_EXTERNAL} huruf.")
    if typed.phone and not typed.consent:
        raise NotAllowed("Nomor hanya disimpan bila pelapor setuju: centang kotak persetujuan.")


def _once(
    tx: Connection, house: House, by: queries.Reader, typed: Typed, way: Way | None, photos: Sequence[Proof]
) -> Filed:
    key = f"panel:{by.staff_id}:{typed.token}"
    # As with a repeat of a provider: the second one waits here for the first, and finds what it filed.
    if not tx.execute(_FIRST, {"staff": str(by.staff_id), "key": key}).rowcount:
        return Filed(str(tx.scalar(_FILED, {"key": key}) or ""), repeated=True)
    if typed.external_number:
        _refuse_known(tx, by, typed.external_number)
    _check_gathering(tx, by, typed)
    return _filed(tx, house, by, typed, way, photos, key)


_FIRST = text(
    """insert into seen (channel, account, provider_id) values ('panel', :staff, :key)
       on conflict do nothing"""
)
_FILED = text(
    "select t.number from message m join ticket t on t.id = m.ticket_id where m.provider_id = :key limit 1"
)
_ONE_AT_A_TIME = text("select pg_advisory_xact_lock(hashtextextended(upper(:number), 1708))")
# As typed, in capitals and in small letters: each is answered by ix_ticket_external_number.
_EXTERNAL = text(
    """select number from ticket
       where external_number in (:number, upper(:number), lower(:number)) and external_number <> ''
       order by parent_id nulls first, id limit 1"""
)


def _refuse_known(tx: Connection, by: queries.Reader, external: str) -> None:
    tx.execute(_ONE_AT_A_TIME, {"number": external})
    if number := tx.scalar(_EXTERNAL, {"number": external}):
        seen = queries.one_ticket(tx, by, number) is not None
        raise TakenOver(external, number if seen else "")


def _check_gathering(tx: Connection, by: queries.Reader, typed: Typed) -> None:
    """An event is its own typist's; what comes after its end still belongs to it."""
    if typed.gathering_id is None:
        return
    query = gathering.select().where(gathering.c.id == typed.gathering_id)
    row = tx.execute(query).one_or_none()
    if row is None or row.staff_id != by.staff_id:
        raise NotAllowed("Acara ini tidak ada.")


def _filed(
    tx: Connection,
    house: House,
    by: queries.Reader,
    typed: Typed,
    way: Way | None,
    photos: Sequence[Proof],
    key: str,
) -> Filed:
    now = house.clock.now()
    # Who leaves no number is somebody of his own, whom nothing reaches.
    channel, account, address = (way.channel, way.account, way.address) if way else ("panel", "", key)
    admitted = admit(Inbound(channel, account, key, address, text=typed.story))
    visit = _visit(tx, house, admitted.inbound, now)
    typed = replace(typed, story=admitted.inbound.text)
    proposed = _proposed(visit.mind, typed)
    visit.ticket_id = _draft(visit, by, typed, proposed)
    message_id = _keep_words(visit, by, typed, key)
    _keep_photos(visit, message_id, photos)
    if admitted.whole:
        long_texts.keep(visit, message_id, admitted.whole)
    if admitted.hidden:  # typed on purpose, from a letter: kept sealed, opened by a noted click
        sealed = house.database.keys.seal(admitted.hidden).decode("ascii")
        hiding.DO[KeepNumbers](visit, KeepNumbers(sealed, quiet=True))
    # Without a number nobody could be told the PIN of an anonymous report.
    nameless = typed.anonymous and way is not None
    lines = filing.DO[File](visit, File(anonymous=nameless, confidential=proposed.confidential))
    receipt = typed_receipts.send(visit, way, lines) if way else _without_chat(visit)
    row = tickets.lock(tx, visit.ticket_id)
    audit.note(tx, by.staff_id, "typed_in", now, row["id"], origin=typed.origin)
    return Filed(row["number"], receipt=receipt)


def _draft(visit: Visit, by: queries.Reader, typed: Typed, proposed: Proposed) -> int:
    place = proposed.place
    values = {
        "text": typed.story,
        "kind": proposed.kind,
        "category": proposed.category,
        "place": place.get("name", ""),
        "place_code": place.get("code", ""),
        "latitude": place.get("latitude"),
        "longitude": place.get("longitude"),
        "anonymous": typed.anonymous,
        "confidential": proposed.confidential,
        "origin": typed.origin,
        "typed_by": by.staff_id,
        "gathering_id": typed.gathering_id,
        "external_number": typed.external_number,
    }
    made = tickets.open_draft(visit.tx, visit.now, {**values, **visit.whose()})
    detail = {"origin": typed.origin}
    tickets.append(visit.tx, made, visit.now, "typed", staff_id=by.staff_id, detail=detail)
    return made


def _keep_words(visit: Visit, by: queries.Reader, typed: Typed, key: str) -> int:
    row: dict[str, Any] = {
        "conversation_id": visit.found.chat.id,
        "ticket_id": visit.ticket_id,
        "direction": "in",
        "state": "received",
        "author": "citizen",
        "staff_id": by.staff_id,  # who typed it
        "text": typed.story,
        "provider_id": key,
        "created_at": visit.now,
    }
    return int(visit.tx.execute(insert(message).values(row).returning(message.c.id)).scalar_one())


def _keep_photos(visit: Visit, message_id: int, photos: Sequence[Proof]) -> None:
    shared: dict[str, Any] = {"message_id": message_id, "ticket_id": visit.ticket_id, "channel": "panel"}
    shared |= {"state": "stored", "media_type": "image/jpeg", "created_at": visit.now}
    rows = [
        {"id": one.id, "path": one.path, "size": one.size, "look_hash": one.look, **shared} for one in photos
    ]
    if rows:
        visit.tx.execute(insert(attachment), rows)


def _without_chat(visit: Visit) -> str:
    """Nothing is ever told into a chat that nobody reads."""
    visit.tx.execute(update(ticket).where(ticket.c.id == visit.ticket_id).values(conversation_id=None))
    return ""


# --- what the story says ------------------------------------------------------------------------------------
def _visit(tx: Connection, house: House, inbound: Inbound, now: datetime) -> Visit:
    found = chats.lock_chat(tx, house.database.keys, inbound, now)
    channel = house.channels.get(found.chat.key)
    context = channel.limits.context if channel else ""
    language = house.wording.spoken(found.language)
    return Visit(tx, house, found, now, language, context, _mind(house, language, context))


def _mind(house: House, language: str, context: str) -> CityMind:
    return CityMind(house.city, house.understanding, house.wording, language, context)


def _proposed(mind: CityMind, typed: Typed) -> Proposed:
    story = Words().read("story", Heard(typed.story), {}, mind)
    if not isinstance(story, str):
        raise NotAllowed(NO_STORY)
    told = mind.read(story)
    words = secrecy.proposed({}, story, told)
    matter = mind.category_of(told.sensitive) or mind.category_of(told.emergency)
    likely = next((code for code, _ in told.categories), OTHER_CATEGORY[0])
    return Proposed(
        place=_place(typed, told, mind),
        category=typed.category or matter or likely,
        kind=typed.kind or told.kind,
        confidential=typed.confidential or bool(words.get("confidential")),
        danger=mind.emergency_number(told.emergency) if told.emergency else None,
    )


def _place(typed: Typed, told: Understood, mind: CityMind) -> dict[str, Any]:
    place = places_typed.read(mask(typed.place).text, told, mind)
    try:
        return places_typed.at_point(typed.point, place, mind)
    except ValueError:
        raise NotAllowed(NO_POINT) from None
