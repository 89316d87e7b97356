"""How many SMS an officer's words may become: more is refused before anything is sent or charged."""

from collections.abc import Sequence

from bot.channel import Channel, Say
from bot.workflow import NotAllowed

MOST = 6  # counted SMS, about 850 letters; two are the aim


def check(channel: Channel | None, says: Sequence[Say]) -> None:
    """Raise NotAllowed when what is to be said by SMS takes more than 6 of them; the text says how many."""
    if channel is None or channel.limits.context != "sms":
        return
    parts = sum(len(channel.render(one)) for one in says)
    if parts > MOST:
        raise NotAllowed(
            f"Teks ini menjadi {parts} SMS, paling banyak {MOST}. "
            "Ringkaskan: sekitar 240 huruf muat dalam dua SMS."
        )
