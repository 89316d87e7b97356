"""How long a citizen's chat may still be answered freely, in words."""

from datetime import timedelta

from sqlalchemy import Connection, RowMapping, select

from bot.house import House
from bot.outbound import channel_key
from storage.models import conversation

SHUT = "Jawaban menunggu sampai warga membuka percakapan: lebih dulu dikirim pesan yang disetujui WhatsApp."


def sentence(tx: Connection, house: House, row: RowMapping) -> tuple[str, bool]:
    """What to say about it, and whether an answer goes out at once; empty for channels without a window."""
    if row["conversation_id"] is None:
        return "", True
    chat = tx.execute(select(conversation).where(conversation.c.id == row["conversation_id"])).one()
    channel = house.channels.get(channel_key(chat.channel, chat.account))
    hours = channel.limits.session_hours if channel else 24 if chat.channel == "whatsapp" else None
    if not hours:
        return "", True
    if chat.last_in_at is None:
        return SHUT, False
    left = chat.last_in_at + timedelta(hours=hours) - house.clock.now()
    if left <= timedelta():
        return SHUT, False
    whole, minutes = left // timedelta(hours=1), max(1, left // timedelta(minutes=1))
    return (
        f"Dapat dibalas bebas {whole} jam lagi." if whole else f"Dapat dibalas bebas {minutes} menit lagi.",
        True,
    )
