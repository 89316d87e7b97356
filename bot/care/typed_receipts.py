"""The receipt of a report that staff typed in: by which channel it goes, and what staff are told of it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import text

from bot import outbound
from bot.channel import Channel
from bot.doing import worded
from bot.house import House
from bot.outbound import channel_key
from bot.people.phone_numbers import address_on, e164
from bot.visit import Visit
from bot.wording import Line
from bot.workflow import NotAllowed

NAMES = {"sms": "SMS", "whatsapp": "WhatsApp"}
# What staff read of a receipt's way.
TOLD = {
    "stopped": "Nomor ini pernah meminta berhenti (STOP): tanda terima tidak dikirim, laporan tercatat.",
    "held": "Tanda terima menunggu sampai pelapor menulis di WhatsApp; sampaikan nomor laporannya.",
    "knocks": "Lewat WhatsApp: pelapor menerima pesan pembuka dulu, lalu tanda terimanya.",
    "sent": "Tanda terima dikirim lewat {0}.",
}


@dataclass(frozen=True, slots=True)
class Way:
    """Where a receipt goes: channel, our account there, the reporter's address, and what is said of it."""

    channel: str
    account: str
    address: str
    told: str


def offered(house: House) -> dict[str, str]:
    """The channels that can carry a receipt to a number: code and name, SMS first."""
    return {code: name for code, name in NAMES.items() if _channel(house, code)}


def way(house: House, phone: str, wanted: str) -> Way:
    """How the receipt reaches a number.

    Outside WhatsApp's window a template asks the reporter to write; where there is none it goes by SMS.

    Raises:
        NotAllowed: it is no number, or there is no such channel.
    """
    number = e164(phone.strip())
    if number is None:
        raise NotAllowed("Nomor telepon tidak dapat dibaca; contoh: 0812 3456 7890.")
    channel = _channel(house, wanted)
    if channel is None:
        raise NotAllowed("Tidak ada kanal untuk tanda terima; kosongkan nomornya.")
    found = _way(channel, number, TOLD["sent"].format(NAMES[wanted]))
    if not channel.limits.session_hours or _is_open(house, channel, found):
        return found
    if channel.knock(house.wording.languages[0]):
        return _way(channel, number, TOLD["knocks"])
    sms = _channel(house, "sms")
    return (
        _way(sms, number, TOLD["sent"].format(NAMES["sms"])) if sms else _way(channel, number, TOLD["held"])
    )


def _channel(house: House, code: str) -> Channel | None:
    """The channel, or on a machine without providers the simulator's phone of that look."""
    return house.channels.get(code) or house.channels.get(channel_key("simulator", code))


def _way(channel: Channel, number: str, told: str) -> Way:
    return Way(channel.name, channel.account, address_on(channel.name, number), told)


def _is_open(house: House, channel: Channel, found: Way) -> bool:
    """Whether the reporter wrote there lately enough for free words."""
    lookup = house.database.keys.index(found.channel, found.address)
    values = {"channel": found.channel, "account": found.account, "lookup": lookup}
    with house.database.reading() as tx:
        last = tx.scalar(_LAST_IN, values)
    hours = timedelta(hours=channel.limits.session_hours or 0)
    return last is not None and house.clock.now() - last < hours


_LAST_IN = text(
    """select c.last_in_at from address a join conversation c on c.address_id = a.id
       where a.channel = :channel and a.lookup = :lookup and c.account = :account"""
)


def send(visit: Visit, to: Way, lines: Sequence[Line]) -> str:
    """Put the receipt into the outbox of a visit's locked chat; returns what staff read of it.

    Who stopped our messages gets none: it is staff who write, not he.
    """
    if visit.found.opted_out:
        return TOLD["stopped"]
    says = [worded(visit, line) for line in lines]
    outbound.say(
        visit.tx, visit.house.channels, visit.found.chat, says, now=visit.now, ticket_id=visit.ticket_id
    )
    if visit.keeps:
        visit.tx.execute(_KEEP, {"id": visit.found.chat.id, "keeps": json.dumps(visit.keeps)})
    return to.told


_KEEP = text("update conversation set state = state || cast(:keeps as jsonb) where id = :id")
