"""What operators say of an SMS that they did not deliver, as a sentence an officer can use. Pure."""

import re

from bot.channel import Rejected, SendError

_STATE = re.compile(r"\bstat:([A-Za-z]{5,7})", re.ASCII)
_NACK = re.compile(r"^NACK/(?:0x)?([0-9A-Fa-f]{1,8})\b", re.ASCII)
_BARE = re.compile(r"^(?:NACK/)?(EXPIRED|DELETED|UNDELIV|REJECTD|UNKNOWN)\b", re.ASCII | re.IGNORECASE)

# Source: SMPP 3.4, appendix B "Delivery receipt format", https://smpp.org/SMPP_v3_4_Issue1_2.pdf
STATES = {
    "EXPIRED": "SMS tidak sampai: ponsel warga tidak aktif sampai batas waktu operator.",
    "DELETED": "SMS dihapus oleh operator sebelum sampai.",
    "UNDELIV": "SMS tidak dapat disampaikan ke nomor ini.",
    "REJECTD": "Operator menolak SMS ini.",
    "UNKNOWN": "Operator tidak tahu apakah SMS ini sampai.",
}

# Source: SMPP 3.4, section 5.1.3 "command_status", https://smpp.org/SMPP_v3_4_Issue1_2.pdf
NACKS = {
    0x01: "Operator menolak: SMS terlalu panjang.",
    0x0A: "Operator menolak nomor pengirim kita; hubungi pengelola sistem.",
    0x0B: "Operator menolak: nomor tujuan tidak sah.",
    0x14: "Operator menolak: antrean pesan penuh.",
    0x45: "Operator gagal menerima SMS ini.",
    0x58: "Operator menolak: terlalu banyak SMS sekaligus.",
}
ANY = "SMS tidak terkirim; operator tidak menyebut alasannya."


def undelivered(answer: str) -> SendError:
    """The error of a failed receipt.

    `answer` is Kannel's `%A`: a receipt that may quote the SMS itself, so only its code is kept.
    """
    state = _STATE.search(answer) or _BARE.match(answer)
    if state and state[1].upper() in STATES:
        return Rejected(state[1].upper(), sentence=STATES[state[1].upper()])
    nack = _NACK.match(answer)
    if not nack:
        return Rejected("no reason given", sentence=ANY)
    code = int(nack[1], 16)
    return Rejected(
        f"NACK 0x{code:08x}", sentence=NACKS.get(code, f"Operator menolak SMS ini (kode 0x{code:02x}).")
    )
