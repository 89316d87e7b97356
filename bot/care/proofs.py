"""Proof photos: what an officer shows of the work that was done, kept, compared and sent to the reporter.

A photo goes to the chat that filed the report and to no follower. Where a channel carries no pictures, a link
goes there; where nobody could open the link, a sentence says that staff keep the photo.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, text

from bot import outbound, tickets
from bot.care import notices
from bot.care.moved import Moved
from bot.channel import Channel, Picture, Say
from bot.delivery.links import photo_link
from bot.delivery.look_hash import ALIKE
from bot.delivery.media import Kept
from bot.delivery.speaking import Listener, lock_listener, tell, worded
from bot.house import House
from bot.settings import is_reachable
from bot.wording import Line
from bot.workflow import NotAllowed
from storage import family
from storage.models import attachment

MOST = 3
PHOTO = "Photo of the result, report {number}."
PHOTO_LINK = "Photo of the result of report {number}: {link}"
PHOTO_KEPT = "Our staff keep a photo of the result of report {number}."


@dataclass(frozen=True, slots=True)
class Proof:
    """A photo in our store that is to become a row with this id."""

    id: int
    path: str
    size: int
    look: int | None


@dataclass(frozen=True, slots=True)
class Alike:
    """An earlier photo that a new one looks like; `own`: one of the same report, `hidden`: a secret one's."""

    number: str
    own: bool
    hidden: bool

    def in_words(self) -> str:
        """What staff read of it; a secret report is not named."""
        if self.own:
            return "foto di laporan ini"
        return "foto laporan lain" if self.hidden else f"foto laporan {self.number}"


class Repeated(Exception):
    """A photo looks like an earlier one and nobody said that this is meant; `alike` says like which."""

    def __init__(self, alike: Sequence[Alike]) -> None:
        super().__init__(f"Foto bukti mirip dengan {', '.join(one.in_words() for one in alike)}.")
        self.alike = alike


def alike(tx: Connection, ticket_id: int, photo: Kept) -> list[Alike]:
    """Earlier photos that one looks like: those of the report itself, and every proof there is."""
    if photo.look is None:
        return []
    values = {"ticket": ticket_id, "look": photo.look, "most": ALIKE}
    return [Alike(*row) for row in tx.execute(_ALIKE, values)]


# Few photos by the report's index; of all proofs only the index on their looks is read, whole, and then the
# few that are near. The earliest photo of a report is the one to name.
_ALIKE = text(
    """with near as (
           select id from attachment where ticket_id = :ticket and look_hash is not null
             and bit_count(cast(look_hash # cast(:look as bigint) as bit(64))) <= :most
           union
           select id from attachment where purpose = 'proof' and look_hash = any(array(
               select look_hash from attachment where purpose = 'proof'
                 and bit_count(cast(look_hash # cast(:look as bigint) as bit(64))) <= :most limit 50)))
       select distinct on (t.id) t.number, t.id = :ticket as own, t.confidential or t.supervised as hidden
       from near join attachment a on a.id = near.id join ticket t on t.id = a.ticket_id
       where a.state = 'stored' order by t.id, a.id limit 5"""
)


# --- what follows from an answer ----------------------------------------------------------------------------
def follow(moved: Moved) -> None:
    """Keep the photos that came with an answer, tell who must know, and send them to the reporter."""
    if moved.row["status"] == "closed" and moved.by.staff_id is not None:
        _note_closing(moved)
    if moved.row["status"] != "answered":
        return
    photos: Sequence[Proof] = moved.given.get("photos") or ()
    if photos:
        _keep(moved, photos)
    _note(moved)
    shown = photos or _of_parts(moved)
    if shown and moved.row["conversation_id"] is not None:
        _send(moved, shown)


def _keep(moved: Moved, photos: Sequence[Proof]) -> None:
    """The rows, under the answer in the report's conversation; a part's under the first words of all."""
    message = moved.tx.scalar(_ANSWER, {"ticket": moved.row["id"], "whole": moved.row["parent_id"]})
    if message is None:
        raise NotAllowed("Laporan ini tidak punya percakapan; foto tidak dapat disimpan.")
    shared = {"message_id": message, "ticket_id": moved.row["id"], "channel": "panel", "state": "stored"}
    shared |= {"media_type": "image/jpeg", "purpose": "proof", "created_at": moved.now}
    rows = [
        {"id": one.id, "path": one.path, "size": one.size, "look_hash": one.look, **shared} for one in photos
    ]
    moved.tx.execute(insert(attachment), rows)


_ANSWER = text(
    """select coalesce(
           (select max(m.id) from message m join ticket t on t.id = m.ticket_id
            where t.id = :ticket and m.conversation_id = t.conversation_id and m.direction = 'out'),
           (select min(id) from message where ticket_id = :ticket),
           (select min(id) from message where ticket_id = :whole))"""
)


def _note(moved: Moved) -> None:
    """A repeat and a missing photo stand in the history; who is above the officer is told."""
    row, staff_id = moved.row, moved.by.staff_id
    if found := moved.given.get("alike"):
        told = ", ".join(one.in_words() for one in found)
        named = [{"number": one.number, "own": one.own} for one in found]
        shared: dict[str, Any] = {"staff_id": staff_id, "detail": {"alike": named}}
        tickets.append(moved.tx, row["id"], moved.now, "proof_repeat", **shared)
        note = f"Foto bukti mirip dengan {told}."
        to: tuple[notices.Audience, ...] = ("supervisor", "head")
        notices.tell(moved.tx, row, "proof_repeat", to, moved.now, about=_occasion(moved), note=note)
    if reason := moved.given.get("no_photo"):
        _note_missing(moved, reason)


def _note_missing(moved: Moved, reason: str) -> None:
    row, staff_id = moved.row, moved.by.staff_id
    tickets.append(moved.tx, row["id"], moved.now, "no_proof", staff_id=staff_id, note=reason)
    to: tuple[notices.Audience, ...] = ("head", "superior")
    notices.tell(moved.tx, row, "no_proof", to, moved.now, about=_occasion(moved), note=reason)


def _note_closing(moved: Moved) -> None:
    """Staff close what asks for a photo, and nobody ever showed one nor said why not: that goes up too."""
    values = {"ticket": moved.row["id"]}
    if wanted(moved.house, moved.row) and not moved.tx.scalar(_SHOWN, values):
        _note_missing(moved, moved.given.get("note") or "Diselesaikan petugas tanpa foto bukti.")


_SHOWN = text(
    """select exists (select from attachment a join ticket t on t.id = a.ticket_id
                      where (t.id = :ticket or t.parent_id = :ticket) and a.purpose = 'proof')
           or exists (select from event where ticket_id = :ticket and kind = 'no_proof')"""
)


def _occasion(moved: Moved) -> str:
    return str(moved.row["version"])


def _of_parts(moved: Moved) -> list[Proof]:
    """The photos of a whole's parts: it answers when the last of them has, and with all that they showed."""
    parts = [part["id"] for part in family.parts(moved.tx, moved.row["id"])]
    if not parts:
        return []
    return [Proof(*row) for row in moved.tx.execute(_OF_PARTS, {"parts": parts, "most": MOST})]


_OF_PARTS = text(
    """select id, path, size, look_hash from attachment
       where ticket_id = any(:parts) and purpose = 'proof' and state = 'stored'
       order by id desc limit :most"""
)


def _send(moved: Moved, photos: Sequence[Proof]) -> None:
    to = lock_listener(moved.tx, moved.house, moved.row["conversation_id"])
    says = [_say(moved, to, photo) for photo in photos]
    if not _carries(moved.house, to):
        says = says[:1]  # one SMS, not three
    # Said by the bot: what waits here is no answer that the citizen has yet to read.
    tell(moved.tx, moved.house, to, says, moved.now, ticket_id=moved.row["id"], priority=outbound.PUSH)


def _carries(house: House, to: Listener) -> bool:
    channel = house.channels.get(to.chat.key)
    return channel is not None and channel.limits.photos


def _say(moved: Moved, to: Listener, photo: Proof) -> Say:
    house, values = moved.house, {"number": moved.row["number"]}
    link = photo_link(house.settings, photo.id, moved.now)
    if _carries(house, to):
        caption = worded(house, Line(PHOTO, values), to)
        return Say(caption.text, photo=Picture(photo.path, link))
    if is_reachable(house.settings.base_url):
        return worded(house, Line(PHOTO_LINK, {**values, "link": link}), to)
    return worded(house, Line(PHOTO_KEPT, values), to)


def how_sent(house: House, channel: Channel | None) -> str:
    """What an officer reads of how a photo reaches the reporter by his chat's channel."""
    if channel is None:
        return "Foto disimpan di laporan; pelapor tidak punya percakapan yang aktif."
    if channel.limits.photos:
        return "Foto dikirim ke percakapan pelapor."
    if is_reachable(house.settings.base_url):
        return "Kanal ini tidak membawa foto: pelapor menerima tautan yang berlaku 30 hari."
    return (
        "Foto tidak dapat dikirim lewat kanal ini selama PUBLIC_URL hanya alamat komputer ini; "
        "pelapor diberi tahu bahwa foto ada pada petugas."
    )


def wanted(house: House, row: RowMapping) -> bool:
    """Whether the report's category asks for a photo of what was done."""
    known = house.city.categories.get(row["category"])
    return known is not None and known.proof
